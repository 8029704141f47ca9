"""Who may open connections: to tasks (`allow_from`) and to balancers (`sources`).

Sources: VPC User Guide, Security group rules; AWS Security Hub, EC2.19 (ports of high risk).
Never here: expectations (reach.py).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault, Path
from fargate_net.spec.patterns import cidr_fault, is_prefix_list, is_security_group, looks_like_cidr
from fargate_net.spec.wording import nearest

_RISKY = frozenset({
    20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088,
    8888, 9200, 9300,
})  # fmt: skip
_EVERYONE = ("0.0.0.0/0", "::/0")


def allowed(draft: Draft) -> Iterator[Fault]:
    """A source is a service of the stack, a range, a group or a prefix list; its ports are declared."""
    for name, service, path in draft.services():
        declared = {port.port for item in service.containers for port in item.ports}
        for index, entry in enumerate(service.allow_from):
            where = (*path, "allow_from", index)
            if entry.source not in draft.names:
                yield from _source(draft, entry.source, where, (*draft.names,))
            if not declared and draft.sound(*path, "containers"):
                message = "The service declares no port that could be opened."
                yield Fault(where, message, "Add `ports` to a container.")
            for number, port in enumerate(entry.ports):
                if port not in declared and draft.sound(*path, "containers"):
                    listed = ", ".join(map(str, sorted(declared))) or "none"
                    message = f"No container of `{name}` declares port {port}."
                    yield Fault((*where, "ports", number), message, f"Declared ports: {listed}.")
            if entry.source in _EVERYONE:
                yield from _risky(
                    set(entry.ports) & declared or (declared if not entry.ports else set()), where, "tasks"
                )


def balancer_sources(draft: Draft) -> Iterator[Fault]:
    """A source of a balancer is a range, a group or a prefix list."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            entry = item.alb or item.nlb
            if entry is None:
                continue
            where = (*path, "expose", index, "alb" if item.alb else "nlb")
            for number, source in enumerate(entry.sources):
                at = (*where, "sources", number)
                if source in draft.names:
                    message = f"`{source}` is a service; `sources` takes CIDRs, sg- and pl- ids."
                    yield Fault(at, message, "Services reach each other directly: see `allow_from`.")
                elif "sources" in entry.model_fields_set and source != draft.stack.network.cidr:
                    yield from _source(draft, source, at, ())
            if item.nlb is not None and not entry.internal and set(_EVERYONE) & set(entry.sources):
                yield from _risky({entry.listen}, (*where, "listen"), "the balancer")


def _source(draft: Draft, source: str, where: Path, names: tuple[str, ...]) -> Iterator[Fault]:
    if is_security_group(source) or is_prefix_list(source):
        return
    if source == "internet":
        message = '"internet" is a word for `reach`.'
        yield Fault(where, message, "Write 0.0.0.0/0.")
    elif looks_like_cidr(source):
        wrong = cidr_fault(source)
        if wrong:
            yield Fault(where, *wrong)
        elif ipaddress.ip_network(source).version == 6 and _lacks_ipv6(draft):
            message = f"{source} is an IPv6 range, but the network has no IPv6."
            yield Fault(where, message, "Set `network.ipv6: true`, or remove it.", is_warning=True)
    elif source.startswith(("sg-", "pl-")):
        message = f'"{source[:60]}" is not the id of a {"security group" if source[0] == "s" else "prefix list"}.'
        yield Fault(where, message, f"Write it as in {source[:3]}0abc123.")
    else:
        kinds = "a CIDR, a sg- or pl- id" if not names else "a service of the stack, a CIDR, a sg- or pl- id"
        yield Fault(where, f'"{source[:60]}" is not {kinds}.', nearest(source, names))


def _lacks_ipv6(draft: Draft) -> bool:
    network = draft.stack.network
    return not network.ipv6 and not network.is_existing and draft.sound("network")


def _risky(ports: set[int], where: Path, what: str) -> Iterator[Fault]:
    for port in sorted(ports & _RISKY):
        message = f"Port {port} of {what} is open to everyone; Security Hub (EC2.19) counts it as high risk."
        yield Fault(where, message, "Name the ranges that need it.", is_warning=True)


RULES = (allowed, balancer_sources)
