"""Expectations: that both ends can be understood, and that what they name is there.

Never here: verdicts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fargate_net.spec.fault import Draft, Fault, Path
from fargate_net.spec.patterns import is_domain
from fargate_net.spec.wording import nearest

_PORTS = re.compile(
    r"^(?P<host>.*?)(?::(?P<first>[0-9]{1,6})(?:-(?P<last>[0-9]{1,6}))?)?(?:/(?P<protocol>tcp|udp|icmp))?$"
)
_BRACKETED = re.compile(r"^\[(?P<host>[^\]]+)\](?P<rest>(?::[^/]*)?(?:/(?:tcp|udp|icmp))?)$")
_IDS = re.compile(
    r"^(?:(?:eni|i)-[0-9a-f]{3,32}|task/[A-Za-z0-9-]{1,64}|lb/[A-Za-z0-9-]{1,32}|aws:[a-z][a-z0-9.-]{0,62})$"
)
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,255}$")
_KINDS = (
    "internet, a service, service/container, task/ID, lb/NAME, eni-…, i-…, an address, a CIDR, a DNS name or "
    "aws:SERVICE"
)


@dataclass(frozen=True)
class Asked:
    """The parts of an endpoint: ``host`` as written, the ports (None for all), the protocol (empty for all)."""

    host: str
    ports: tuple[int, int] | None
    protocol: str


def split(text: str) -> Asked:
    """Take ``web:80-90/tcp`` apart. IPv6 with a port stands in brackets, a CIDR keeps its slash."""
    rest = ""
    if match := _BRACKETED.match(text):
        host, rest = match["host"], match["rest"]
        match = _PORTS.match(rest)
    elif text.count(":") > 1:
        match = re.match(r"^(?P<host>.*?)(?:/(?P<protocol>tcp|udp|icmp))?$", text)
        return Asked(match["host"], None, match["protocol"] or "") if match else Asked(text, None, "")
    elif text.startswith("aws:"):
        return Asked(text, None, "")
    else:
        match = _PORTS.match(text)
        host = match["host"] if match else text
    if match is None or match["first"] is None:
        return Asked(host, None, (match["protocol"] or "") if match else "")
    return Asked(host, (int(match["first"]), int(match["last"] or match["first"])), match["protocol"] or "")


def expectations(draft: Draft) -> Iterator[Fault]:
    """Both ends of each expectation."""
    for index, entry in enumerate(draft.stack.reach):
        where: Path = ("reach", index)
        source, asked = split(entry.source), split(entry.to)
        if source.ports is not None or source.protocol:
            message = f'"{entry.source[:80]}" holds a port; ports belong to `to`.'
            yield Fault((*where, "from"), message, f'Write "{source.host[:60]}".')
        else:
            yield from _end(draft, source.host, (*where, "from"))
        yield from _end(draft, asked.host, (*where, "to"))
        wrong = list(_ports(asked, entry.to, (*where, "to")))
        yield from wrong or _declared(draft, asked, entry.expect, (*where, "to"))
        if entry.via is not None:
            yield from _via(draft, entry.via, asked.host, (*where, "via"))


def contradictions(draft: Draft) -> Iterator[Fault]:
    """The same question cannot have two answers."""
    seen: dict[tuple[str, str, str | None], str] = {}
    for index, entry in enumerate(draft.stack.reach):
        key = (entry.source, entry.to, entry.via)
        if seen.setdefault(key, entry.expect) != entry.expect:
            message = f"The same question is expected to be {seen[key]} and {entry.expect}."
            yield Fault(("reach", index, "expect"), message, "Keep one.")


def _end(draft: Draft, host: str, where: Path) -> Iterator[Fault]:
    if host == "internet" or _IDS.match(host) or _is_address(host):
        return
    names = draft.names
    base, slash, container = host.partition("/")
    if base in names:
        known = {item.name for item in draft.stack.services[base].containers} if base in draft.stack.services else set()
        if slash and container not in known and draft.sound("services", base, "containers"):
            hint = nearest(container, known) or f"Containers: {', '.join(sorted(known))}."
            yield Fault(where, f"`{base}` has no container `{container[:60]}`.", hint)
    elif base in ("task", "lb") or host.startswith(("aws:", "eni-", "i-")):
        yield Fault(where, f'"{host[:80]}" is not an endpoint.', f"Endpoints: {_KINDS}.")
    elif re.match(r"^[0-9.]+(/.*)?$", host) or ":" in host:
        yield Fault(where, f'"{host[:80]}" is not an address or CIDR.', _address_hint(host))
    elif "." in base and is_domain(base) and not slash:
        return
    elif not _NAME.match(base) or (slash and not _NAME.match(container)):
        yield Fault(where, f'"{host[:80]}" is not an endpoint.', f"Endpoints: {_KINDS}.")
    elif names:
        hint = nearest(base, (*names, "internet")) or f"Services: {', '.join(names)}."
        yield Fault(where, f"The stack has no service `{base[:60]}`.", hint)


def _ports(asked: Asked, text: str, where: Path) -> Iterator[Fault]:
    if asked.ports is None:
        return
    first, last = asked.ports
    if asked.protocol == "icmp":
        yield Fault(where, f'"{text[:80]}" asks for a port of ICMP, which has none.', "Leave out the port.")
    elif not 1 <= first <= last <= 65535:
        yield Fault(
            where, f'"{text[:80]}" asks for ports outside 1 to 65535, or backwards.', "Write :PORT or :FROM-TO."
        )


def _declared(draft: Draft, asked: Asked, expect: str, where: Path) -> Iterator[Fault]:
    """A service is reached on its container ports; on another, nothing is known to listen."""
    name, _, container = asked.host.partition("/")
    if name not in draft.stack.services or asked.ports is None or expect == "blocked":
        return
    path = ("services", name, "containers")
    items = [item for item in draft.stack.services[name].containers if container in ("", item.name)]
    declared = {port.port: port.protocol for item in items for port in item.ports}
    first, last = asked.ports
    if not draft.sound(*path) or not items:
        return
    if not any(first <= port <= last for port in declared):
        listed = ", ".join(map(str, sorted(declared))) or "none"
        message = f"`{asked.host}` declares no port {first if first == last else f'in {first} to {last}'}."
        yield Fault(where, message, f"Declared ports: {listed}. A listener's port is asked for with lb/NAME.")
    elif first == last and asked.protocol and declared[first] != asked.protocol:
        message = f"Port {first} of `{asked.host}` is {declared[first]}, not {asked.protocol}."
        yield Fault(where, message, f"Write {asked.host}:{first}/{declared[first]}.")


def _via(draft: Draft, via: str, host: str, where: Path) -> Iterator[Fault]:
    if via not in ("alb", "nlb", "direct") and not re.match(r"^lb/[A-Za-z0-9-]{1,32}$", via):
        yield Fault(where, f'"{via[:60]}" is not a way.', "Write alb, nlb, direct or lb/NAME.")
        return
    name = host.partition("/")[0]
    service = draft.stack.services.get(name)
    if service is None or via not in ("alb", "nlb") or not draft.sound("services", name, "expose"):
        return
    if not any(getattr(item, via) for item in service.expose):
        yield Fault(where, f"`{name}` is not exposed through an {via}.", f"Add `- {via}:` to its `expose`.")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_network(host)
    except ValueError:
        return False
    return True


def _address_hint(host: str) -> str:
    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        return "Write 10.0.0.1, 10.0.0.0/16, 2001:db8::1, or [2001:db8::1]:443."
    return f"The range that holds it is {network}."


RULES = (expectations, contradictions)
