"""DNS names as a sender would resolve them: balancers, Cloud Map, Route 53, endpoints. Never here: a DNS look-up.

A private zone answers only in the VPCs it is associated with, and hides the public zone of the same name there
(Route 53 Developer Guide, Working with private hosted zones). Cloud Map always answers with private addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fargate_net.errors import UsageError
from fargate_net.kinds.discovery_service import DiscoveryService
from fargate_net.kinds.hosted_zone import HostedZone
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.record_set import RecordSet
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker
from fargate_net.reach import addresses, endpoints
from fargate_net.reach.endpoints import Endpoint
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.spread import End, Holder, Hosts

LONGEST_CHAIN = 8
"""Aliases and CNAMEs followed before a name counts as a loop."""


def resolve(network: Network, text: str, vpc: str, depth: int = 0) -> Endpoint | None:
    """What the name means to a sender in that VPC (empty: on the internet); None when it is no name with a dot.

    Raises UsageError for a name nothing in a completely known network has.
    """
    if text in network.snapshot.of(VpcEndpoint):
        return _interfaces(network, text, network.snapshot.of(VpcEndpoint)[text])
    name = text.rstrip(".").lower()
    if "." not in name or "/" in name:
        return None
    if depth > LONGEST_CHAIN:
        return Endpoint(text, "name", closed=(_unresolved(text, text, f"{text} is an alias of itself"),))
    found = (
        _balancer(network, text, name)
        or _aws(network, text, name)
        or _instance(network, text, name, vpc)
        or _cloud_map(network, text, name, vpc)
        or _zone(network, text, name, vpc, depth)
    )
    if found is not None:
        return found
    kinds = (HostedZone.kind, RecordSet.kind, Namespace.kind, DiscoveryService.kind, LoadBalancer.kind)
    missing = [m for m in network.snapshot.missing if m.kind in kinds]
    if missing:
        return Endpoint(text, "name", missing=tuple(f"{m.call}: {m.why}" for m in missing))
    raise UsageError(
        f"{text} is no name that Cloud Map, Route 53 or a load balancer of this network has.",
        hint="Give the address it resolves to.",
    )


def _balancer(network: Network, text: str, name: str) -> Endpoint | None:
    wanted = name.removeprefix("dualstack.")
    for found in network.snapshot.of(LoadBalancer).values():
        if found.props.dns_name and found.props.dns_name.lower() == wanted:
            return Endpoint(text, "balancer", balancer=found)
    return None


def _aws(network: Network, text: str, name: str) -> Endpoint | None:
    """A name of one endpoint; those of whole services are asked for as ``aws:NAME``."""
    for found in network.snapshot.of(VpcEndpoint).values():
        if name in (dns.lower() for dns in found.props.dns_names):
            return _interfaces(network, text, found)
    return None


def _interfaces(network: Network, text: str, found: Found[VpcEndpoint]) -> Endpoint:
    """The interfaces of one endpoint. Raises UsageError for a gateway endpoint, which is a route and no address."""
    if found.props.type == "Gateway":
        service = ".".join(found.props.service.split(".")[3:])
        raise UsageError(f"{text} is a gateway endpoint, which has no address.", hint=f"Ask for aws:{service}.")
    held = [network.nics[eni] for eni in found.props.interfaces if eni in network.nics]
    missing = () if held else (network.lack("network_interface", found.id, f"the interfaces of {found.id}").text,)
    ends: tuple[End, ...] = tuple(Holder(nic, nic.id) for nic in held)
    nics = frozenset(nic.id for nic in held)
    return Endpoint(text, "interface", ends, closed=endpoint_at_rest(found), missing=missing, nics=nics)


def endpoint_at_rest(found: Found[VpcEndpoint]) -> tuple[Blocker, ...]:
    """Why nothing gets through an endpoint in its present state; empty when it works."""
    state = found.props.state
    if state == "available":
        return ()
    fix = f"Replace {found.id}: it does not recover."
    if state in ("pending", "partial"):
        fix = f"Wait until {found.id} is available."
    elif state == "pendingacceptance":
        fix = f"Have the owner of {found.props.service} accept {found.id}."
    return (Blocker("BAD_STATE", "forward", found.id, "", f"the endpoint {found.id} is {state}", fix),)


def _instance(network: Network, text: str, name: str, vpc: str) -> Endpoint | None:
    """``ec2-198-51-100-7.…`` is the private address inside the VPC, else public.

    (VPC User Guide, DNS attributes for your VPC.)
    """
    found = re.match(r"ec2-(\d+)-(\d+)-(\d+)-(\d+)\.", name)
    nic = network.owner(4, addresses.v4(".".join(found.groups()))) if found else None
    if nic is None:
        return None
    return Endpoint(text, "interface", (Holder(nic, nic.id, public=nic.vpc != vpc),), nics=frozenset({nic.id}))


def _cloud_map(network: Network, text: str, name: str, vpc: str) -> Endpoint | None:
    for found in network.snapshot.of(DiscoveryService).values():
        namespace = network.fact(Namespace, str(found.props.namespace))
        if isinstance(namespace, Lack) or name != f"{found.props.name}.{namespace.props.name}".lower():
            continue
        if namespace.props.type == "HTTP":
            return Endpoint(
                text, "name", closed=(_unresolved(text, found.id, f"{name} is in an HTTP namespace without DNS"),)
            )
        home = str(namespace.props.vpc or "")
        zone = network.snapshot.get(HostedZone, namespace.props.zone)
        homes = set(zone.props.vpcs or ()) if zone else set()
        private = namespace.props.type == "DNS_PRIVATE"
        if private and home and vpc not in homes | {home}:
            return Endpoint(text, "name", closed=(_elsewhere(text, namespace.id, namespace.props.name, vpc),))
        if private and (problem := _attributes(network, text, vpc)) is not None:
            return problem
        if found.props.instances is None:
            lack = network.lack(DiscoveryService.kind, found.id, f"the instances of {found.id} are not known")
            return Endpoint(text, "name", missing=(lack.text,))
        if not found.props.instances:
            detail = f"no instance is registered under {name}"
            return Endpoint(text, "name", closed=(_unresolved(text, found.id, detail),))
        ips = [ip for instance in found.props.instances for ip in (instance.ip, instance.ipv6) if ip]
        if not ips:
            return Endpoint(text, "name", missing=(f"the addresses of what is registered under {name}",))
        return _held(network, text, ips, home or vpc)
    return None


def _attributes(network: Network, text: str, vpc: str) -> Endpoint | None:
    """A private zone answers only where both DNS attributes are on."""
    props = network.vpc(vpc)
    if isinstance(props, Lack):
        return Endpoint(text, "name", missing=(props.text,))
    if props.dns_support is False or props.dns_hostnames is False:
        detail = f"the DNS attributes of {vpc} are off, so {text} does not resolve there"
        fix = f"Turn on enableDnsSupport and enableDnsHostnames of {vpc}."
        return Endpoint(text, "name", closed=(Blocker("VPC_DNS_ATTRIBUTE_OFF", "forward", vpc, "", detail, fix),))
    if props.dns_support is None or props.dns_hostnames is None:
        lack = network.lack("vpc", vpc, f"the DNS attributes of {vpc} are not known")
        return Endpoint(text, "name", missing=(lack.text,))
    return None


def in_private_zone(network: Network, name: str, vpc: str) -> bool:
    """Whether a private zone answers for the name in a VPC, or one may of which the VPCs are not known."""
    return any(zone.props.private and vpc in (zone.props.vpcs or (vpc,)) for zone in _zones_of(network, name))


def _zones_of(network: Network, name: str) -> list[Found[HostedZone]]:
    return [
        zone
        for zone in network.snapshot.of(HostedZone).values()
        if name == zone.props.name.lower() or name.endswith("." + zone.props.name.lower())
    ]


def _zone(network: Network, text: str, name: str, vpc: str, depth: int) -> Endpoint | None:
    fitting = _zones_of(network, name)
    unknown = [zone for zone in fitting if zone.props.private and zone.props.vpcs is None]
    if unknown and vpc:
        return Endpoint(text, "name", missing=(f"the VPCs of the private zone {unknown[0].id} are not known",))
    private = [zone for zone in fitting if zone.props.private and vpc in (zone.props.vpcs or ())]
    chosen = sorted(private or [z for z in fitting if not z.props.private], key=lambda zone: -len(zone.props.name))
    if not chosen:
        if fitting:
            return Endpoint(text, "name", closed=(_elsewhere(text, fitting[0].id, fitting[0].props.name, vpc),))
        return None
    zone = chosen[0]
    if private and (problem := _attributes(network, text, vpc)) is not None:
        return problem
    records = [r for r in network.snapshot.of(RecordSet).values() if str(r.props.zone) == zone.id]
    matching = [r for r in records if _is(r.props.name, name)] or [r for r in records if _wild(r.props.name, name)]
    for record in matching:
        if record.props.alias:
            return resolve(network, str(record.props.alias), vpc, depth + 1)
        if record.props.type == "CNAME" and record.props.values:
            return resolve(network, record.props.values[0], vpc, depth + 1)
    ips = [ip for record in matching if record.props.type in ("A", "AAAA") for ip in record.props.values]
    if ips:
        return _held(network, text, ips, vpc)
    missing = network.snapshot.unknown(RecordSet.kind, zone.id)
    if missing is not None:
        return Endpoint(text, "name", missing=(f"{missing.call}: {missing.why}",))
    return Endpoint(
        text, "name", closed=(_unresolved(text, zone.id, f"the zone {zone.props.name} has no record {name}"),)
    )


def _is(record: str, name: str) -> bool:
    return record.rstrip(".").lower() == name


def _wild(record: str, name: str) -> bool:
    held = record.rstrip(".").lower().replace("\\052", "*")
    return held.startswith("*.") and name.endswith(held[1:])


def _held(network: Network, text: str, ips: Iterable[str], vpc: str) -> Endpoint:
    """The interfaces behind resolved addresses; private ones are looked for in the sender's VPC first."""
    ends: list[End] = []
    for ip in dict.fromkeys(ips):
        family, value = addresses.parse(ip)
        nic = network.at(vpc, family, value)
        if nic is not None:
            ends.append(Holder(nic, nic.id, False, family, value))
            continue
        single = endpoints.single(network, ip, family, value)
        if single is not None:
            ends.extend(single.ends)
        else:
            ends.append(Hosts({family: Intervals([(value, value)])}, ip, {family: f"{ip}/{addresses.BITS[family]}"}))
    nics = frozenset(end.nic.id for end in ends if isinstance(end, Holder))
    return Endpoint(text, "name", tuple(ends), nics=nics)


def _elsewhere(text: str, zone: str, domain: str, vpc: str) -> Blocker:
    where = f"in {vpc}" if vpc else "on the internet"
    fix = f"Associate the private zone {domain} with {vpc}." if vpc else f"Publish {text} in a public zone."
    return Blocker("NO_SUCH_NAME", "forward", zone, "", f"{text} does not resolve {where}: {domain} is private", fix)


def _unresolved(text: str, component: str, detail: str) -> Blocker:
    return Blocker("NO_SUCH_NAME", "forward", component, "", detail, f"Add a record for {text}, or use another name.")
