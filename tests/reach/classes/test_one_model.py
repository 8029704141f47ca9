"""A cell of the matrix says what single questions between members of its classes say.

Networks here have what the oracle does not judge as well: interfaces that are attached to nothing, stopped instances,
facts that are missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fargate_net.kinds.instance import Instance
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Answer, Cell, Disposition, Open, Question
from fargate_net.reach.addresses import parse
from fargate_net.reach.ask import ask
from fargate_net.reach.classes import matrix
from fargate_net.reach.connections import beyond
from fargate_net.reach.network import Network
from tests.reach.agreement import OUTSIDE, PROTOCOLS, Compared, named
from tests.reach.classes.test_agreement import some
from tests.reach.strategies import worlds
from tests.reach.world import World

INTERNET = "internet"
PUBLIC_4 = ("203.0.113.0", "203.0.113.128", "8.8.0.0", "54.0.0.0", "54.0.0.1", "54.0.1.0", "198.51.100.0")
PUBLIC = (*PUBLIC_4, "2600::", "2600:1::")
"""The first addresses of the ranges outside that rules and routes of random networks name."""
HARMS = ("list", "group", "acl", "table", "acls", "tables", "gateway", "switch", "peer")


@st.composite
def troubled(draw: st.DrawFn) -> World:
    """A random network in which some things rest and some are not known."""
    world = draw(worlds())
    for key in [key for kind, key in world.found if kind == NetworkInterface.kind and "nat" not in key]:
        fate = draw(st.integers(0, 9))
        if fate == 0:
            world.change(NetworkInterface, key, state="available")
        elif fate in (1, 2):
            world.change(NetworkInterface, key, instance=f"i-{key}")
            world.instance(f"i-{key}", key)
            world.change(Instance, f"i-{key}", state="stopped" if fate == 1 else "running")
    for harm in draw(st.lists(st.sampled_from(HARMS), max_size=2, unique=True)):
        _harm(draw, world, harm)
    return world


def _harm(draw: st.DrawFn, world: World, harm: str) -> None:
    def some_of(kind: str) -> list[str]:
        return [key for held, key in world.found if held == kind]

    if harm == "list" and some_of("prefix_list"):
        world.prefix_list("pl-1", known=False)
    elif harm == "switch":
        mode = draw(st.sampled_from(("block-ingress", "block-bidirectional")))
        world.public_access(mode, (draw(st.sampled_from(some_of("subnet"))), "allow-egress"))
    elif harm == "peer" and len(some_of("vpc")) == 2:
        for kind, key in list(world.found):
            if getattr(world.found[kind, key].props, "vpc", "") == "vpc-2":
                del world.found[kind, key]
        del world.found["vpc", "vpc-2"]
    elif harm in ("acls", "tables", "gateway"):
        world.missing({"acls": "network_acl", "tables": "route_table", "gateway": "internet_gateway"}[harm])
    else:
        kind = {"group": "security_group", "acl": "network_acl", "table": "route_table"}.get(harm, "")
        if some_of(kind):
            del world.found[kind, draw(st.sampled_from(some_of(kind)))]


class Singles:
    """Single questions, each about one family: of two a question answers for the better one."""

    def __init__(self, world: World) -> None:
        snapshot = world.snapshot()
        self.full = Network(snapshot)
        self.networks = {family: Network(_only(snapshot, family)) for family in (4, 6)}
        self.compared = Compared(snapshot)
        # What a VPC that nobody described holds over IPv6 may be anywhere on the internet.
        self.hosts = OUTSIDE if snapshot.get(Vpc, "vpc-2") is not None else (*OUTSIDE, "2001:db8:1::1")

    def ends(self, source: str, target: str, hosts: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
        """The pair, or for the internet every host that the interface has a family in common with."""
        if INTERNET not in (source, target):
            yield source, target
            return
        own = self.full.nics[target if source == INTERNET else source]
        for host in hosts or self.hosts:
            if own.address(6 if ":" in host else 4) is not None:
                yield (host, target) if source == INTERNET else (source, host)

    def asked(self, source: str, target: str, protocol: str, port: int | None = None) -> list[Answer]:
        """The answers of both families; of one about a host outside."""
        hosts = [end for end in (source, target) if end not in self.full.nics]
        families = [6 if ":" in hosts[0] else 4] if hosts else [4, 6]
        ports = None if port is None else (port, port)
        question = Question(source, target, protocol, ports, via="direct")
        return [ask(self.networks[family], question) for family in families]

    def doubted(self, source: str, target: str) -> bool:
        """Whether some question about the pair cannot be answered, from or to any address that rules tell apart.

        Nobody can ask about the public address of an interface as if it were a stranger's; such a pair may be doubted.
        """
        hosts = [*self.hosts, *PUBLIC]
        if INTERNET in (source, target) and any(self.full.owner(*parse(host)) for host in hosts):
            return True
        return any(self.is_unknown(*ends) for ends in self.ends(source, target, hosts))

    def is_unknown(self, source: str, target: str) -> bool:
        """Whether some question about these ends cannot be answered."""
        for protocol in PROTOCOLS:
            ports = [None] if protocol == "icmp" else [None, *self.compared.ports]
            for port in ports:
                if any(one.verdict is Disposition.UNKNOWN for one in self.asked(source, target, protocol, port)):
                    return True
        return False


def _only(snapshot: Snapshot, family: int) -> Snapshot:
    """The same network, its interfaces with addresses of one family."""
    made = []
    for found in snapshot:
        if isinstance(found.props, NetworkInterface) and found.props.type == "interface":
            gone: dict[str, Any] = {"ipv6_ips": ()} if family == 4 else {"private_ips": (), "public_ips": ()}
            made.append(replace(found, props=replace(found.props, **gone)))
        else:
            made.append(found)
    return Snapshot(made, snapshot.missing, region=snapshot.region, account=snapshot.account)


def differences(world: World, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Every pair about which the matrix and single questions say different things."""
    singles = Singles(world)
    made = matrix(singles.full)
    of = {member: item.id for item in made.classes for member in item.members} | {INTERNET: INTERNET}
    cells = {(cell.source, cell.target): cell for cell in made.cells}
    for source, target in pairs:
        cell = cells.get((of[source], of[target]), Cell("", ""))
        doubted = False
        for here, there in singles.ends(source, target):
            for protocol in PROTOCOLS:
                answers = singles.asked(here, there, protocol)
                said = [_plain(row) for answer in answers for row in answer.open]
                told = [_plain(row) for row in cell.open if row.protocol == protocol and _holds(row, here, there)]
                unknown = any(answer.verdict is Disposition.UNKNOWN for answer in answers)
                doubted |= unknown
                if beyond(said, told) or (beyond(told, said) and not unknown):
                    yield f"{here} to {there} {protocol}: asked {said}, in the matrix {told}"
                if unknown and not cell.unknown:
                    yield f"{here} to {there} {protocol}: unknown when asked, not in the matrix"
        if cell.unknown and not doubted and not singles.doubted(source, target):
            yield f"{source} to {target}: known when asked, in the matrix: {cell.unknown}"


def _holds(row: Open, here: str, there: str) -> bool:
    """Whether a row speaks about these ends."""
    return (not row.clients or named(here, row.clients)) and (not row.addresses or named(there, row.addresses))


def _plain(row: Open) -> Open:
    return replace(row, clients=(), addresses=())


@some
@given(troubled(), st.randoms(use_true_random=False))
def test_every_cell_says_what_single_questions_say(world: World, seed: Random) -> None:
    ends = [key for kind, key in world.found if kind == NetworkInterface.kind] + [INTERNET]
    pairs = [(one, two) for one in ends for two in ends if one != two]
    assert list(differences(world, seed.sample(pairs, min(6, len(pairs))))) == []
