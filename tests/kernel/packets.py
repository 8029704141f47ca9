"""Connections: opened from one host to another, many at a time. Never here: what should happen to them.

A connection counts when a question went one way and its answer came back. The answer is the address the receiver saw,
so translation on the way shows. What gets no answer is silent; filters drop, as AWS's do.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from tests.kernel import echo
from tests.kernel.lab import Lab
from tests.kernel.namespaces import Namespace
from tests.kernel.places import OUTSIDE, OUTSIDE_6, Places

SERVICES = (22, 53, 80, 443, 5432, 8080)
"""Ports every host listens on, with both protocols."""

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
UNTOLD = ""
"""Stands for the address the receiver saw where it cannot tell: the answer to an echo is the kernel's own."""


QUESTION = b"who am I?"


@dataclass(frozen=True, order=True)
class Probe:
    """One connection: who opens it (an interface id or an address of the internet), to which address and port.

    For icmp it is an echo, the port is 0 and the client port the identifier.
    """

    source: str
    target: str
    protocol: str
    port: int
    client_port: int

    def __str__(self) -> str:
        return f"{self.protocol} from {self.source} port {self.client_port} to {self.target} port {self.port}"


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _bytes(address: str) -> bytes:
    return socket.inet_pton(_family(address), address)


def _forget_others(client: socket.socket) -> None:
    """What a raw socket heard before it was connected is the talk of others."""
    with contextlib.suppress(BlockingIOError):
        while client.recv(256):
            pass


class Exchange:
    """The sockets of one loaded network: listeners everywhere, and connections as they are asked for."""

    def __init__(self, lab: Lab, places: Places) -> None:
        self._lab = lab
        self._places = places
        self._selector = selectors.DefaultSelector()
        self._held: list[socket.socket] = []
        self._heard: dict[Probe, str] = {}
        seats = [(lab.internet, address) for address in (*OUTSIDE, *(OUTSIDE_6 if places.six else ()))]
        seats += [
            (lab.hosts[slot], address)
            for nic, slot in places.slot.items()
            if places.nat_of(nic) is None
            for address in (*places.nics[nic].private_ips, *places.nics[nic].ipv6_ips)
        ]
        for where, address in seats:
            with where:
                for port in SERVICES:
                    for protocol, kind in KINDS.items():
                        self._listen(protocol, kind, address, port)

    def _listen(self, protocol: str, kind: int, address: str, port: int) -> None:
        made = self._socket(kind, address)
        made.bind((address, port))
        if protocol == "tcp":
            made.listen(256)
        self._selector.register(
            made, selectors.EVENT_READ, self._accept if protocol == "tcp" else self._tell_unconnected
        )

    def _socket(self, kind: int, address: str, protocol: int = 0) -> socket.socket:
        made = socket.socket(_family(address), kind, protocol)
        self._held.append(made)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.SOCK_STREAM:
            # Closing resets the connection, so that no port stays taken.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return made

    def _accept(self, listener: socket.socket) -> None:
        made, _ = listener.accept()
        self._held.append(made)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._selector.register(made, selectors.EVENT_READ, self._tell)

    def _tell(self, server: socket.socket) -> None:
        """Tell a connected client under which address it is seen."""
        if not server.recv(64):
            self._selector.unregister(server)
            return
        server.send(_bytes(server.getpeername()[0]))

    def _tell_unconnected(self, server: socket.socket) -> None:
        """The same over UDP."""
        _, seen = server.recvfrom(64)
        server.sendto(_bytes(seen[0]), seen)

    def send(self, probes: Collection[Probe], patience: float) -> dict[Probe, str]:
        """Try every connection. The address each receiver saw; what is not in the answer was silent.

        ``patience`` is how many seconds without any news mean that there will be none.
        """
        self._heard = {}
        begun: list[socket.socket] = []
        by_place: dict[Namespace, list[Probe]] = defaultdict(list)
        for probe in sorted(set(probes)):
            by_place[self._place(probe)].append(probe)
        for where, mine in by_place.items():
            with where:
                made = [(self._client(probe), probe) for probe in mine]
            for client, probe in made:
                begun.append(client)
                self._begin(client, probe)
        last = monotonic()
        while len(self._heard) < len(begun) and monotonic() - last < patience:
            news = self._selector.select(max(0.0, patience - (monotonic() - last)))
            for key, _ in news:
                self._react(key)
            if news:
                last = monotonic()
        self._forget(begun)
        return self._heard

    def _react(self, key: selectors.SelectorKey) -> None:
        """Do what a socket is waiting for. An error (a router said no) ends a connection and leaves a listener be."""
        try:
            key.data(key.fileobj)
        except OSError:
            if key.data not in (self._accept, self._tell_unconnected):
                self._selector.unregister(key.fileobj)

    def _place(self, probe: Probe) -> Namespace:
        slot = self._places.slot.get(probe.source)
        return self._lab.internet if slot is None else self._lab.hosts[slot]

    def _client(self, probe: Probe) -> socket.socket:
        if probe.protocol == "icmp":
            six = ":" in probe.target
            return self._socket(socket.SOCK_RAW, probe.target, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
        return self._socket(KINDS[probe.protocol], probe.target)

    def _begin(self, client: socket.socket, probe: Probe) -> None:
        nic = self._places.nics.get(probe.source)
        six = ":" in probe.target
        source = probe.source if nic is None else nic.ipv6_ips[0] if six else nic.private_ips[0]
        try:
            client.bind((source, probe.client_port))
            failed = client.connect_ex((probe.target, probe.port))
            if probe.protocol == "icmp":
                _forget_others(client)
            if probe.protocol != "tcp" and not failed:
                client.send(QUESTION if probe.protocol == "udp" else echo.request(probe.client_port, 6 if six else 4))
        except OSError:
            return

        def hear(client: socket.socket) -> None:
            said = client.recv(64)
            if len(said) in (4, 16):
                self._heard[probe] = socket.inet_ntop(socket.AF_INET if len(said) == 4 else socket.AF_INET6, said)
            self._selector.unregister(client)

        def hear_echo(client: socket.socket) -> None:
            if echo.is_reply(client.recv(256), probe.client_port, source, probe.target):
                self._heard[probe] = UNTOLD
                self._selector.unregister(client)

        def connected(client: socket.socket) -> None:
            client.send(QUESTION)
            self._selector.modify(client, selectors.EVENT_READ, hear)

        if probe.protocol == "tcp":
            self._selector.register(client, selectors.EVENT_WRITE, connected)
        else:
            self._selector.register(client, selectors.EVENT_READ, hear if probe.protocol == "udp" else hear_echo)

    def _forget(self, sockets: Iterable[socket.socket]) -> None:
        for done in sockets:
            if done.fileno() in self._selector.get_map():
                self._selector.unregister(done)
            done.close()
            self._held.remove(done)

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close every socket."""
        self._forget(list(self._held))
        self._selector.close()
