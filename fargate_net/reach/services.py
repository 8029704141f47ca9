"""AWS services as a sender reaches them: an interface endpoint, a gateway endpoint, or the public address.

Never here: which services a task needs, packets. (AWS PrivateLink Guide, Access AWS services through VPC endpoints;
VPC User Guide, DNS attributes for your VPC.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fargate_net.kinds.dhcp_options import DhcpOptions
from fargate_net.kinds.hosted_zone import HostedZone
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker
from fargate_net.reach import names, policies
from fargate_net.reach.endpoints import Endpoint
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.network import Network
from fargate_net.reach.outside import GATEWAY_SERVICES
from fargate_net.reach.service_addresses import public, serves
from fargate_net.reach.service_names import usual
from fargate_net.reach.spread import End, Holder

SENDERS_TABLE = "the sender's route table"
"""In an advice: to be replaced by the id of the table that the sender's packets took."""

NO_WAY_OUT = frozenset(
    {
        "NO_ROUTE_TO_DESTINATION",
        "BAD_STATE_ROUTE",
        "BAD_STATE",
        "BAD_STATE_ATTACHMENT",
        "NO_PATH",
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        "NO_POSSIBLE_DESTINATION",
        "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
    }
)
"""Blockers an endpoint inside the VPC would make irrelevant."""


@dataclass(frozen=True)
class AwsService:
    """How one sender's VPC sees a service: where its name leads, and what to say when that way is closed."""

    endpoint: Endpoint
    advice: Blocker | None = None


def resolve(network: Network, text: str, vpc: str) -> AwsService:
    """The service of ``aws:NAME`` as interfaces of that VPC reach it; ``vpc`` is empty for a sender on the internet."""
    name = text.removeprefix("aws:")
    lacks: list[str] = []
    assumptions: list[str] = []
    missing = network.unread(VpcEndpoint.kind)
    if missing is not None and vpc:
        lacks.append(f"{missing.call}: {missing.why}")
    known = network.snapshot.of(VpcEndpoint)
    broken = [
        one for one in network.snapshot.missing if one.kind == VpcEndpoint.kind and one.subject.startswith("vpce-")
    ]
    lacks += [f"{one.call}: {one.why}" for one in broken if one.subject not in known]
    mine = [
        found
        for found in known.values()
        if str(found.props.vpc) == vpc and serves(found.props.service, name, network.snapshot.region)
    ]
    gateways = [found for found in mine if found.props.type == "Gateway"]
    private = [found for found in mine if found.props.type == "Interface"]
    named = [found for found in private if found.props.private_dns]
    zoned = not named and _has_zone(network, name, vpc, assumptions)
    dns = _dns(network, vpc, assumptions) if named or zoned else False
    if isinstance(dns, Lack):
        lacks.append(dns.text)
    if named and dns is True and not (gateways and named[0].props.inbound_only):
        return AwsService(_private(network, text, named[0], lacks, assumptions))
    if zoned and dns is True:
        return AwsService(_by_zone(network, text, name, vpc, lacks, assumptions))
    closed = (*_names(network, vpc, assumptions), *_policy(gateways, name, assumptions))
    hosts = public(network, text, name)
    advice = _advice(network, name, vpc, gateways, private, named)
    return AwsService(
        Endpoint(text, "aws", (hosts,), missing=tuple(lacks), closed=closed, assumptions=tuple(assumptions)), advice
    )


def _dns(network: Network, vpc: str, assumptions: list[str]) -> bool | Lack:
    """Whether the VPC resolves service names to endpoints: both DNS attributes must be on."""
    props = network.vpc(vpc)
    if isinstance(props, Lack):
        return props
    if props.dns_support is False or props.dns_hostnames is False:
        return False
    if props.dns_support is None or props.dns_hostnames is None:
        return network.lack("vpc", vpc, f"the DNS attributes of {vpc} are not known")
    options = network.snapshot.get(DhcpOptions, props.dhcp_options)
    if options is not None and "AmazonProvidedDNS" not in options.props.name_servers:
        servers = ", ".join(options.props.name_servers)
        assumptions.append(f"the DNS servers {servers} of {vpc} forward to the VPC's resolver")
    return True


def _has_zone(network: Network, name: str, vpc: str, assumptions: list[str]) -> bool:
    """Whether a private zone of the VPC answers for the service: how VPCs share the endpoints of another one."""
    full = usual(name, network.snapshot.region, network.snapshot.account)
    if vpc and any(missing.kind == HostedZone.kind and not missing.subject for missing in network.snapshot.missing):
        assumptions.append(f"no private hosted zone of {vpc} answers for {full}")
    return bool(vpc) and names.in_private_zone(network, full, vpc)


def _by_zone(network: Network, text: str, name: str, vpc: str, lacks: list[str], assumptions: list[str]) -> Endpoint:
    """What the VPC's private zone says, usually an endpoint of another VPC, whose policy then counts too."""
    full = usual(name, network.snapshot.region, network.snapshot.account)
    found = names.resolve(network, full, vpc)
    assert found is not None
    behind = [e for e in network.snapshot.of(VpcEndpoint).values() if found.nics & set(e.props.interfaces)]
    return replace(
        found,
        text=text,
        kind="aws",
        closed=(*found.closed, *_policy(behind, name, assumptions)),
        missing=(*lacks, *found.missing),
        assumptions=(*assumptions, *found.assumptions),
    )


def _names(network: Network, vpc: str, assumptions: list[str]) -> tuple[Blocker, ...]:
    """Without DNS support nothing of the VPC resolves the service's name, unless it asks servers of its own."""
    props = network.vpc(vpc) if vpc else None
    if props is None or isinstance(props, Lack) or props.dns_support is not False:
        return ()
    options = network.snapshot.get(DhcpOptions, props.dhcp_options)
    if options is not None and "AmazonProvidedDNS" not in options.props.name_servers:
        assumptions.append(f"the DNS servers {', '.join(options.props.name_servers)} of {vpc} resolve public names")
        return ()
    detail = f"enableDnsSupport of {vpc} is off, so names do not resolve there"
    fix = f"Turn on enableDnsSupport of {vpc}."
    return (Blocker("VPC_DNS_ATTRIBUTE_OFF", "forward", vpc, "", detail, fix),)


def _private(
    network: Network, text: str, found: Found[VpcEndpoint], lacks: list[str], assumptions: list[str]
) -> Endpoint:
    props = found.props
    nics = [network.nics[eni] for eni in props.interfaces if eni in network.nics]
    if not nics:
        nics = [
            nic
            for nic in network.nics.values()
            if nic.type == "vpc_endpoint" and nic.subnet in props.subnets and nic.groups == props.security_groups
        ]
    ends: tuple[End, ...] = tuple(Holder(nic, nic.id) for nic in nics)
    if not nics:
        lacks.append(network.lack("network_interface", found.id, f"the interfaces of {found.id} are not known").text)
    closed = (*_policy([found], text.removeprefix("aws:"), assumptions), *names.endpoint_at_rest(found))
    return Endpoint(
        text,
        "aws",
        ends,
        closed=closed,
        missing=tuple(lacks),
        assumptions=tuple(assumptions),
        nics=frozenset(nic.id for nic in nics),
    )


def _policy(found: list[Found[VpcEndpoint]], name: str, assumptions: list[str]) -> tuple[Blocker, ...]:
    blockers = []
    for endpoint in found:
        region = endpoint.props.service.split(".")[2]
        allowed = policies.allows(endpoint.props.policy, name, region)
        if allowed is None:
            assumptions.append(f"the policy of {endpoint.id} lets the request through")
        elif not allowed:
            action, resource = policies.needed(name, region)
            detail = f"the policy of {endpoint.id} does not allow {action}"
            fix = f"Allow {action} on {resource} in the policy of {endpoint.id}."
            if policies.denies(endpoint.props.policy, name, region):
                detail = f"a statement of the policy of {endpoint.id} denies {action}"
                fix = f"Take out of the policy of {endpoint.id} the statement that denies {action} on {resource}."
            blockers.append(
                Blocker(
                    "ENDPOINT_POLICY_DENIES",
                    "forward",
                    endpoint.id,
                    "",
                    detail,
                    fix,
                )
            )
    return tuple(blockers)


def _advice(
    network: Network,
    name: str,
    vpc: str,
    gateways: list[Found[VpcEndpoint]],
    private: list[Found[VpcEndpoint]],
    named: list[Found[VpcEndpoint]],
) -> Blocker | None:
    """What to say first when the public way is closed because nothing leads out."""
    if not vpc:
        return None
    region = network.snapshot.region or "REGION"
    full = f"com.amazonaws.{region}.{name}"
    if gateways:
        one = gateways[0].id
        detail = f"the route table of the sender has no route to the gateway endpoint {one}"
        return Blocker("ENDPOINT_NOT_ON_ROUTE_TABLE", "forward", one, "", detail, f"Add {SENDERS_TABLE} to {one}.")
    if named:
        detail = f"{named[0].id} serves {full}, but the DNS attributes of {vpc} are off, so its name stays public"
        fix = f"Turn on enableDnsSupport and enableDnsHostnames of {vpc}."
        return Blocker("VPC_DNS_ATTRIBUTE_OFF", "forward", vpc, "", detail, fix)
    if private:
        one = private[0].id
        detail = f"{one} serves {full}, but its private DNS is off, so the service's name stays public"
        return Blocker("ENDPOINT_PRIVATE_DNS_OFF", "forward", one, "", detail, f"Turn on private DNS of {one}.")
    kind, place = ("a gateway", f" on {SENDERS_TABLE}") if name in GATEWAY_SERVICES else ("an interface", "")
    detail = f"{vpc} has no endpoint for {full}, and the sender has no way to the internet"
    fix = f"Create {kind} endpoint for {full} in {vpc}{place}, or give the sender a way to the internet."
    return Blocker("ENDPOINT_MISSING", "forward", vpc, "", detail, fix)
