"""The VPC: its range and zones; or the VPC and subnets of someone else.

Sources: VPC User Guide, VPC CIDR blocks and Subnet CIDR blocks.
Never here: whether the addresses suffice (capacity.py), ways out (egress.py).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault, Path
from fargate_net.spec.network_models import SubnetChoice
from fargate_net.spec.patterns import cidr_fault, is_subnet

_OWN = ("cidr", "zones", "egress", "flow_logs", "endpoints")
_DOCKER = ipaddress.ip_network("172.17.0.0/16")
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")


def vpc_range(draft: Draft) -> Iterator[Fault]:
    """A VPC has an IPv4 range of /16 to /28."""
    cidr, path = draft.stack.network.cidr, ("network", "cidr")
    wrong = cidr_fault(cidr)
    if wrong:
        yield Fault(path, *wrong)
        return
    network = ipaddress.ip_network(cidr)
    if network.version != 4:
        yield Fault(path, f'"{cidr}" is an IPv6 range.', "Give an IPv4 range here; `ipv6: true` adds one of Amazon's.")
    elif not 16 <= network.prefixlen <= 28:
        yield Fault(path, f"A VPC is /16 to /28, not /{network.prefixlen}.", "Write it as in 10.0.0.0/16.")
    elif network.overlaps(_DOCKER):
        message = "172.17.0.0/16 is what Docker uses by itself; some AWS services cannot be reached from it."
        yield Fault(path, message, "Choose another range.", is_warning=True)
    elif not network.is_private and not network.overlaps(_SHARED):
        message = f"{cidr} belongs to others on the internet, who cannot be reached from this VPC."
        yield Fault(path, message, "Choose a private range, as in 10.0.0.0/16.", is_warning=True)


def zone_names(draft: Draft) -> Iterator[Fault]:
    """Zones are in the region of the stack, each once."""
    names, region = draft.stack.network.zones.names, draft.stack.region
    count = draft.stack.network.zones.count
    if names and count != len(names):
        message = f"`count` is {count}, but {len(names)} zones are named."
        yield Fault(("network", "zones", "count"), message, "Leave `count` out.")
    for index, name in enumerate(names):
        where: Path = ("network", "zones", index)
        if region and not (name.startswith(region) and len(name) > len(region)):
            yield Fault(where, f'"{name[:40]}" is not a zone of {region}.', f"Write it as in {region}a.")
        elif name in names[:index]:
            yield Fault(where, f"{name} is given twice.", "Remove one.")


def existing(draft: Draft) -> Iterator[Fault]:
    """A VPC of someone else comes with its subnets, and the stack changes nothing in it."""
    network = draft.stack.network
    public, private = network.subnets.public, network.subnets.private
    given = public.is_given or private.is_given
    if not network.is_existing:
        if "subnets" in network.model_fields_set and draft.sound("network", "vpc"):
            message = "`subnets` names existing subnets, but not the VPC they are in."
            yield Fault(("network", "subnets"), message, "Add `vpc: vpc-…`, or leave `subnets` out.", "key")
        return
    for key in _OWN:
        if key in network.model_fields_set:
            message = f"`{key}` describes a VPC that the stack makes; `vpc` names one that exists."
            yield Fault(("network", key), message, f"Remove `{key}` or `vpc`.", "key")
    if not given and draft.sound("network", "subnets"):
        message = "`vpc` needs the subnets to use."
        yield Fault(("network", "vpc"), message, "Add `subnets: {private: [subnet-…, subnet-…]}`.", "key")
    yield from _choice(public, ("network", "subnets", "public"))
    yield from _choice(private, ("network", "subnets", "private"))
    for index, subnet in enumerate(private.ids):
        if subnet in public.ids:
            message = f"{subnet} is named as public and as private."
            yield Fault(("network", "subnets", "private", index), message, "Its route table makes it one of them.")
    for _, service, path in draft.services():
        choice = public if service.subnets == "public" else private
        if given and not choice.is_given and draft.sound("network", "subnets"):
            message = f"The service runs in {service.subnets} subnets, but `network.subnets` has none."
            yield Fault((*path, "subnets"), message, f"Add `{service.subnets}: […]` there, or change `subnets` here.")


def _choice(choice: SubnetChoice, path: Path) -> Iterator[Fault]:
    for index, subnet in enumerate(choice.ids):
        if not is_subnet(subnet):
            yield Fault((*path, index), f'"{subnet[:60]}" is not the id of a subnet.', "Write it as in subnet-0abc123.")
        elif subnet in choice.ids[:index]:
            yield Fault((*path, index), f"{subnet} is given twice.", "Remove one.")
    if choice.tag_pair is not None:
        key, value = choice.tag_pair
        if not key or not value:
            yield Fault((*path, "tag"), f'"{choice.tag}" is not a tag.', "Write it as in tier=private.")
        if choice.ids:
            yield Fault((*path, "tag"), "Subnets are given by id and by tag.", "Keep one of the two.", "key")


RULES = (vpc_range, zone_names, existing)
