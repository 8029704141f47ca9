"""The record of one connection as it is followed: what is still open, what was met, what blocks. Never here: AWS rules.

A walk never stops at the first refusal. It notes it and goes on as if the thing were open, so that one answer names
everything that has to change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fargate_net.model.verdict import Blocker, Direction, Disposition, Hop
from fargate_net.reach.addresses import BITS, show
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, EPHEMERAL, Intervals

if TYPE_CHECKING:
    from fargate_net.reach.filters import Cuts, Permit
    from fargate_net.reach.interfaces import Nic
    from fargate_net.reach.network import Network

Explain = Callable[[Intervals, str], Blocker]
"""Makes the blocker of a filter from the refused ports and the rule that refuses them (empty: none allows them)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One end of a connection: the address the other end uses, and the interface behind it when it is a known one.

    ``lists`` are prefix lists known to hold the address (an AWS service). A point that stands for a whole range says in
    ``name`` how people call it (``the internet``) and in ``range`` what a rule about it would name (``0.0.0.0/0``).
    ``exact`` says that this very address was asked for: a private one is then not reached by way of a public one.
    """

    family: int
    address: int
    nic: Nic | None = None
    lists: tuple[str, ...] = ()
    name: str = ""
    range: str = ""
    exact: bool = False


@dataclass(slots=True)
class Packet:
    """The request on its way: addresses as they read now, and whose security groups a filter could still see.

    ``seen`` are the sender's groups, empty once a translator or balancer made the connection its own, None when nobody
    knows who sends. ``lost`` are the groups that were lost on the way. ``doubted`` are those of which it is not known
    whether they were, and ``doubt`` is the fact that would tell. ``remapped`` says that a translator chose the client
    port anew. ``home`` is the route target that leads replies back out of the VPC the packet is in: ``local``
    or the transit gateway it came from; empty when a balancer takes the reply back whatever the routes say.
    """

    source: int
    to: int
    target: Point
    seen: frozenset[str] | None
    lost: frozenset[str] = frozenset()
    remapped: bool = False
    home: str = "local"
    doubted: frozenset[str] = frozenset()
    doubt: str = ""

    def forget(self) -> None:
        """Lose the sender's identity."""
        self.lost |= self.doubted | (self.seen or frozenset())
        self.seen = self.doubted = frozenset()

    def question(self, doubt: str) -> None:
        """Whether a filter still sees the sender's groups is not known; ``doubt`` says what would tell."""
        self.doubted, self.doubt = self.doubted | (self.seen or frozenset()), doubt
        self.seen = frozenset()


@dataclass(frozen=True, slots=True)
class Gate:
    """What the security groups of an interface would be asked: about which address, whose groups they can see there.

    ``peers`` is None when nobody knows who holds the address; ``lists`` are prefix lists known to hold it. ``doubted``
    are groups there of which nobody says whether a reference sees them.
    """

    address: int
    peers: frozenset[str] | None
    lists: tuple[str, ...] = ()
    doubted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FlowResult:
    """What one connection attempt can do, as sets.

    ``ports`` are the destination ports that certainly get through and ``maybe_ports`` those that may when missing facts
    turn out well; ``clients`` and ``maybe_clients`` likewise for the client ports replies come back to. ``wanted`` are
    the client ports the initiator chooses from, ``strained`` says that a translator in between loses some replies.
    ``consulted`` pairs each address that was compared with the ranges it was compared with. ``seen_as`` is the source
    address the receiver saw.
    """

    protocol: str
    family: int
    asked: Intervals
    whole: bool
    ports: Intervals
    maybe_ports: Intervals
    clients: Intervals
    maybe_clients: Intervals
    wanted: Intervals
    strained: bool
    forward: tuple[Hop, ...]
    back: tuple[Hop, ...]
    blockers: tuple[Blocker, ...]
    missing: tuple[str, ...]
    assumptions: tuple[str, ...]
    consulted: tuple[tuple[int, Cuts], ...]
    seen_as: int = 0

    @property
    def verdict(self) -> Disposition:
        """The verdict on the asked ports, or on any port when none was asked."""
        if not self.maybe_ports & self.asked or not self.maybe_clients & self.wanted:
            return Disposition.BLOCKED
        if not self.ports & self.asked or not self.clients & self.wanted:
            return Disposition.UNKNOWN
        if (self.whole or self.asked <= self.ports) and self.wanted <= self.clients and not self.strained:
            return Disposition.REACHABLE
        hopeful = (self.whole or self.asked <= self.maybe_ports) and self.wanted <= self.maybe_clients
        return Disposition.UNKNOWN if hopeful and not self.strained else Disposition.PARTIAL


@dataclass(slots=True)
class Walk:
    """One connection being followed through the network."""

    network: Network
    protocol: str
    family: int
    ends: tuple[Point, ...] = ()
    asked: Intervals = ALL_PORTS
    whole: bool = True
    wanted: Intervals = EPHEMERAL
    ports: Intervals = ALL_PORTS
    maybe_ports: Intervals = ALL_PORTS
    clients: Intervals = ALL_PORTS
    maybe_clients: Intervals = ALL_PORTS
    strained: bool = False
    direction: Direction = "forward"
    forward: list[Hop] = field(default_factory=list)
    back: list[Hop] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    consulted: list[tuple[int, Cuts]] = field(default_factory=list)
    replies: list[Callable[[], None]] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    seen_as: int = 0
    gates: dict[str, Gate] | None = None
    """Where security groups are noted, by direction, instead of asked; None: they are asked on the way."""
    muted: tuple[str, ...] = ()
    """The transit gateway and attachments on the way that carry no references to security groups."""

    def label(self, address: int) -> str:
        """How people call an address: the name of the end that has it, else its digits."""
        named = next((end.name for end in self.ends if end.address == address and end.name), "")
        return named or show(self.family, address)

    def range_of(self, address: int) -> str:
        """The range a rule about this address would name."""
        wide = next((end.range for end in self.ends if end.address == address and end.range), "")
        return wide or f"{show(self.family, address)}/{BITS[self.family]}"

    def meet(self, component: str, kind: str, rule: str = "", action: str = "") -> None:
        """Note a hop of the current direction."""
        (self.forward if self.direction == "forward" else self.back).append(Hop(component, kind, rule, action))

    def compare(self, address: int, cuts: Cuts) -> None:
        """Note that the address was compared with these ranges."""
        self.consulted.append((address, cuts))

    def block(self, code: str, component: str, rule: str, detail: str, fix: str) -> None:
        """Nothing gets past here."""
        self.blockers.append(Blocker(code, self.direction, component, rule, detail, fix))
        self.ports = self.maybe_ports = EMPTY

    def lack(self, text: str) -> None:
        """Whether anything gets past here is not known."""
        self.missing.append(text)
        self.ports = EMPTY

    def assume(self, text: str) -> None:
        """Note what is taken for granted."""
        self.assumptions.append(text)

    def admit(self, permit: Permit, kind: str, component: str, explain: Explain) -> None:
        """A filter on the way of the request: it restricts destination ports."""
        focus = (self.maybe_ports or ALL_PORTS) if self.whole else self.asked
        refused = focus - permit.maybe
        closed = refused == focus if self.whole else bool(refused)
        self.ports = self.ports & permit.sure
        self.maybe_ports = self.maybe_ports & permit.maybe
        self._note(permit, focus, kind, component, refused if closed else EMPTY, explain)

    def admit_reply(self, permit: Permit, kind: str, component: str, explain: Explain, *, remapped: bool) -> None:
        """A stateless filter on the way of the reply: it restricts the client's ports.

        ``remapped``: the client port here is one a translator chose, not the client's own.
        """
        focus = EPHEMERAL if remapped else self.wanted
        refused = focus - permit.maybe
        if not remapped:
            self.clients = self.clients & permit.sure
            self.maybe_clients = self.maybe_clients & permit.maybe
        elif refused == focus:
            self.ports = self.maybe_ports = EMPTY
        elif refused:
            self.strained = True
        self._note(permit, focus, kind, component, refused, explain)

    def _note(
        self, permit: Permit, focus: Intervals, kind: str, component: str, refused: Intervals, explain: Explain
    ) -> None:
        if permit.maybe != permit.sure and not focus <= permit.sure:
            self.missing.extend(permit.lacks)
        if refused:
            rule = permit.refusing(refused)
            if self.gates is None:
                self.blockers.append(explain(refused, rule))
            self.meet(component, kind, rule, "blocks" if refused == focus else "blocks in part")
            return
        if not permit.sure & focus:
            self.meet(component, kind, "", "is not known to allow it")
            return
        where, rule = permit.deciding(focus)
        self.meet(where or component, kind, rule, "allows")

    def reply(self) -> None:
        """Follow the reply: everything the request left behind, the last first."""
        self.direction = "return"
        while self.replies:
            self.replies.pop()()

    def result(self) -> FlowResult:
        """What is known now, frozen."""
        return FlowResult(
            self.protocol,
            self.family,
            self.asked,
            self.whole,
            self.ports,
            self.maybe_ports,
            self.clients,
            self.maybe_clients,
            self.wanted,
            self.strained,
            tuple(self.forward),
            tuple(self.back),
            tuple(self.blockers),
            tuple(dict.fromkeys(self.missing)),
            tuple(dict.fromkeys(self.assumptions)),
            tuple(self.consulted),
            self.seen_as,
        )
