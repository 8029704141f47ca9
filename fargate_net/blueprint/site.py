"""The ground the stack stands on: which zones, which subnets of which role, and who has a way out.

Own VPC or somebody else's: from here on nothing asks which. Never here: resources.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fargate_net.blueprint.addresses import ROLES, zone_letter
from fargate_net.blueprint.balancers import Balancer, balancers
from fargate_net.blueprint.facts import ExistingSubnet, Facts
from fargate_net.errors import UsageError
from fargate_net.model.resource import Id, Ref
from fargate_net.spec.models import Service, Stack, SubnetChoice

EVERYONE = "0.0.0.0/0"
EVERYONE_IPV6 = "::/0"


@dataclass(frozen=True)
class Site:
    """A stack in its Region. ``zones`` are those of the stack's own VPC, none in somebody else's.

    ``roles`` are the sorts of subnet that something needs; ``balancers`` those that the stack makes; ``nat`` is
    true when tasks in private subnets have a NAT gateway of the stack; ``ipv6`` when subnets have IPv6.
    """

    stack: Stack
    facts: Facts
    name: str
    zones: tuple[str, ...]
    roles: tuple[str, ...]
    balancers: tuple[Balancer, ...]
    nat: bool
    ipv6: bool

    @property
    def is_ours(self) -> bool:
        """Whether the VPC is the stack's own."""
        return not self.stack.network.is_existing

    @property
    def vpc(self) -> Id:
        """The VPC of everything."""
        return self.stack.network.vpc or Ref("vpc/main")

    @property
    def cluster(self) -> Id:
        """The ECS cluster's name, which is its id."""
        return self.stack.cluster.existing or Ref("cluster/main")

    def letter(self, zone: str) -> str:
        """The zone's part of a resource name."""
        return zone_letter(zone, self.facts.region)

    def subnets(self, role: str) -> tuple[Id, ...]:
        """The subnets of that role, one in each zone."""
        if self.is_ours:
            return tuple(Ref(f"subnet/{role}-{self.letter(zone)}") for zone in self.zones)
        chosen = self.stack.network.subnets
        choice = chosen.public if role == "public" else chosen.private
        return choice.ids or tuple(subnet.id for subnet in _tagged(self.facts, self.stack.network.vpc, choice))

    def balancer_role(self, internal: bool) -> str:
        """The role of the subnets that a balancer stands in.

        Where somebody else's VPC offers no private subnets, an internal one stands in public ones: it has private
        addresses all the same.
        """
        private = self.is_ours or self.stack.network.subnets.private.is_given
        return "private" if internal and private else "public"

    def tables(self, role: str) -> tuple[str, ...]:
        """The keys of the route tables that subnets of that role use."""
        if not self.is_ours or role not in self.roles:
            return ()
        if role == "public":
            return ("route_table/public",)
        return tuple(f"route_table/private-{self.letter(zone)}" for zone in self.zones)

    def way_out(self, service: Service) -> tuple[str, ...]:
        """The ranges that the service's tasks can reach beyond the VPC: all of IPv4, all of IPv6, both or none.

        In somebody else's VPC its routes decide, so the stack does not stand in their way.
        """
        everyone = (EVERYONE, EVERYONE_IPV6) if self.ipv6 else (EVERYONE,)
        if not self.is_ours:
            return everyone
        if service.subnets == "private":
            return everyone if self.nat else ()
        if service.public_ip:
            return everyone
        # Without a public address there is no IPv4 through an internet gateway; IPv6 addresses are public as they are.
        return everyone[1:] if self.stack.network.egress == "public" else ()


def site(stack: Stack, facts: Facts) -> Site:
    """Find the ground of a stack. UsageError when AWS would have to be asked first."""
    if stack.stack is None:
        raise UsageError("There is nothing to build in this file: it only holds expectations.")
    network = stack.network
    made = balancers(stack)
    nat = network.has_nat and any(service.subnets == "private" for service in stack.services.values())
    zones = () if network.is_existing else _zones(stack, facts)
    return Site(
        stack=stack,
        facts=facts,
        name=stack.stack,
        zones=zones,
        roles=() if network.is_existing else _roles(stack, made, nat),
        balancers=made,
        nat=nat,
        ipv6=network.ipv6 and (not network.is_existing or _has_ipv6(stack, facts)),
    )


def _zones(stack: Stack, facts: Facts) -> tuple[str, ...]:
    wanted = stack.network.zones
    if wanted.names:
        return wanted.names
    if len(facts.zones) < wanted.count:
        raise UsageError(
            f"The Region {facts.region} has {len(facts.zones)} Availability Zones, not {wanted.count}.",
            hint="Lower `network.zones`.",
        )
    return facts.zones[: wanted.count]


def _roles(stack: Stack, made: Iterable[Balancer], nat: bool) -> tuple[str, ...]:
    """The sorts of subnet that a task, a balancer or a zonal NAT gateway has to live in."""
    needed = {service.subnets for service in stack.services.values()}
    needed |= {"private" if balancer.internal else "public" for balancer in made}
    if nat and stack.network.egress != "nat-regional":
        needed.add("public")
    if stack.network.endpoints and not needed:
        needed = {"private"}
    return tuple(role for role in ROLES if role in needed)


def _tagged(facts: Facts, vpc: str | None, choice: SubnetChoice) -> list[ExistingSubnet]:
    pair = choice.tag_pair
    if pair is None:
        return []
    key, value = pair
    tagged = [subnet for _, subnet in sorted(facts.subnets.items()) if subnet.vpc == vpc]
    found = [subnet for subnet in tagged if subnet.tags.get(key) == value]
    if found:
        return found
    if facts.offline:
        raise UsageError(
            f"Which subnets carry the tag {choice.tag} is only known to AWS.",
            hint="Give the subnets by id to draw the stack without AWS.",
        )
    raise UsageError(
        f"No subnet of {vpc} carries the tag {choice.tag}.", hint="Correct `network.subnets`, or tag the subnets."
    )


def _has_ipv6(stack: Stack, facts: Facts) -> bool:
    """Whether every chosen subnet that we know has an IPv6 range; dual-stack balancers need it."""
    chosen = stack.network.subnets
    ids = {*chosen.public.ids, *chosen.private.ids}
    pairs = {pair for choice in (chosen.public, chosen.private) if (pair := choice.tag_pair)}
    known = [
        subnet
        for subnet in facts.subnets.values()
        if subnet.id in ids or any(subnet.tags.get(key) == value for key, value in pairs)
    ]
    return all(subnet.ipv6 for subnet in known)
