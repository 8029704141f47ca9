"""The comparison with the oracle bites: each classic mistake, made on purpose, is noticed in a small network.

The same networks agree while nothing is broken, so what is noticed is the mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.route_table import RouteTable
from fargate_net.reach import classes, crossing, filters, interfaces, internet, kinship, pairing, trace
from fargate_net.reach.acls import AclFilter
from fargate_net.reach.filters import Permit
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, LINUX_EPHEMERAL
from fargate_net.reach.network import Network
from fargate_net.reach.routes import Table
from fargate_net.reach.walk import Packet
from tests.reach.agreement import Compared
from tests.reach.world import ALL, OPEN, World, allow, two_subnets

Patch = pytest.MonkeyPatch


def walled() -> World:
    """Two subnets and a network ACL that takes requests to port 80 and lets only part of the replies out."""
    world = two_subnets([allow("tcp 80", "sg-a"), allow("tcp 81", "10.0.0.0/16")])
    entries = [
        AclEntry(True, 90, True, "6", ALL, 32768, 61000),
        AclEntry(False, 100, False, "6", "10.0.1.10/32", 81, 81),
        AclEntry(False, 110, True, "6", "10.0.0.0/16", 80, 81),
    ]
    world.acl("acl-b", entries=entries, subnets=["subnet-b"])
    world.acl("acl-a", entries=[AclEntry(False, 1, False, "6", "10.0.1.0/24", 0, 65535), *OPEN], subnets=["subnet-a"])
    return world


def public() -> World:
    """A VPC whose main table leads to the internet, save for one range that a dead route swallows."""
    world = two_subnets([allow("tcp 80", ALL), allow("tcp 81", "sg-a")])
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.route("rtb-main-vpc-1", "203.0.113.0/24", "nat-9", state="blackhole")
    world.eni("eni-d", "subnet-b", "sg-b", public="54.0.0.7")
    return world


def apart() -> World:
    """Two VPCs that only the internet joins: a client behind a NAT gateway, one with a public address, a server."""
    world = two_subnets()
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.table("rtb-nat")
    world.subnet("subnet-n", "10.0.3.0/24", table="rtb-nat")
    world.nat("nat-1", "subnet-a", ip_public := "198.51.100.7")
    world.route("rtb-nat", ALL, "nat-1")
    world.eni("eni-n", "subnet-n", "sg-a")
    world.eni("eni-p", "subnet-b", "sg-a", public="54.0.0.1")
    world.vpc("vpc-2", "10.9.0.0/16")
    world.igw("igw-2", "vpc-2", ["rtb-main-vpc-2"])
    world.subnet("subnet-9", "10.9.0.0/24", vpc="vpc-2")
    rules = [allow("tcp 80", "sg-a"), allow("tcp 81", f"{ip_public}/32"), allow("tcp 82", "54.0.0.1/32")]
    world.sg("sg-9", "vpc-2", rules)
    world.eni("eni-9", "subnet-9", "sg-9", public="54.9.0.1")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    return world


def picky() -> World:
    """Interfaces of one subnet and one group, which single addresses in the rules of others tell apart."""
    world = two_subnets([allow("tcp 80", "10.0.1.10/32"), allow("udp 53", "sg-a")])
    world.eni("eni-e", "subnet-a", "sg-a")
    world.sg("sg-a", egress=[allow("all", "10.0.2.0/28")])
    world.eni("eni-f", "subnet-b", "sg-b", ip="10.0.2.77")
    return world


def stateful_acl(patch: Patch) -> None:
    patch.setattr(crossing, "_acl_reply", lambda *_: None)


def acl_inside_a_subnet(patch: Patch) -> None:
    entered = trace.enter_interface

    def enter(walk: Any, nic: Any, packet: Packet) -> None:
        if not walk.visited:
            trace.leave_subnet(walk, nic.subnet, nic.vpc, packet)
            trace.enter_subnet(walk, nic.subnet, nic.vpc, packet)
        entered(walk, nic, packet)

    patch.setattr(trace, "enter_interface", enter)


def acl_in_listed_order(patch: Patch) -> None:
    made = AclFilter.__init__

    def make(self: AclFilter, key: str, props: Any) -> None:
        made(self, key, props)
        self._entries = {egress: list(reversed(self._entries[egress])) for egress in (False, True)}

    patch.setattr(AclFilter, "__init__", make)


def blackhole_skipped(patch: Patch) -> None:
    added = Table._add
    patch.setattr(Table, "_add", lambda self, route, *more: route.state == "active" and added(self, route, *more))


def references_by_public_address(patch: Patch) -> None:
    patch.setattr(Packet, "forget", lambda self: None)


def main_table_ignored(patch: Patch) -> None:
    asked = Network.table

    def table(self: Network, subnet: str, vpc: str) -> Any:
        if subnet in self._table_by_subnet:
            return asked(self, subnet, vpc)
        return Table("none", RouteTable(vpc), self.vpc(vpc).cidrs, {})  # type: ignore[union-attr]

    patch.setattr(Network, "table", table)


def wrong_ephemeral_range(patch: Patch) -> None:
    patch.setattr(classes, "EPHEMERAL", LINUX_EPHEMERAL)


def no_client_ports(patch: Patch) -> None:
    patch.setattr(interfaces, "EPHEMERAL", EMPTY)


def egress_rules_ignored(patch: Patch) -> None:
    asked = pairing.Pairing._permit

    def permit(self: Any, nic: Any, direction: str, *more: Any) -> Permit:
        return pairing.OPEN if direction == "egress" else asked(self, nic, direction, *more)

    patch.setattr(pairing.Pairing, "_permit", permit)


def public_address_not_needed(patch: Patch) -> None:
    patch.setattr(internet, "_translate_source", lambda *_: None)


def addresses_do_not_tell_apart(patch: Patch) -> None:
    patch.setattr(kinship, "_spots", lambda *_: (0, 0, 0, True, 0))


def references_ignored(patch: Patch) -> None:
    patch.setattr(pairing.Pairing, "_named", lambda self, held: [k for k in self.kin if not held.refers])


def ports_ignored(patch: Patch) -> None:
    patch.setattr(filters, "ports_of", lambda *_: ALL_PORTS)


WORLDS = (walled, public, apart, picky)

MUTANTS = {
    stateful_acl: walled,
    acl_inside_a_subnet: walled,
    acl_in_listed_order: walled,
    blackhole_skipped: public,
    references_by_public_address: apart,
    main_table_ignored: public,
    wrong_ephemeral_range: walled,
    no_client_ports: walled,
    egress_rules_ignored: picky,
    public_address_not_needed: public,
    addresses_do_not_tell_apart: picky,
    references_ignored: apart,
    ports_ignored: walled,
}


@pytest.mark.parametrize("world", WORLDS)
def test_nothing_is_noticed_while_nothing_is_broken(world: Callable[[], World]) -> None:
    compared = Compared(world().snapshot())
    assert list(compared.matrix()) == []
    assert compared.checked > 100
    assert not compared.unknown


@pytest.mark.parametrize(("mutant", "world"), MUTANTS.items(), ids=lambda held: held.__name__)
def test_the_mistake_is_noticed(
    mutant: Callable[[Patch], None], world: Callable[[], World], monkeypatch: Patch
) -> None:
    snapshot = world().snapshot()
    mutant(monkeypatch)
    assert next(Compared(snapshot).matrix(), None) is not None
