"""Entries that share a balancer or a listener: they must agree, and a request must have one way to go.

Sources: Application Load Balancer guide, Listeners and Listener rules; ELB API Reference, CreateListener.
Never here: an entry by itself (expose.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TypeVar

from fargate_net.spec.fault import Draft, Fault, Path, shown
from fargate_net.spec.models import AlbExpose, NlbExpose

_Entry = TypeVar("_Entry", AlbExpose, NlbExpose)
_Alb = tuple[AlbExpose, Path]
_Nlb = tuple[NlbExpose, Path]


def zones(draft: Draft) -> Iterator[Fault]:
    """An Application Load Balancer stands in two zones or more; and a public one in public subnets."""
    network = draft.stack.network
    if not draft.sound("network"):
        return
    entries: list[tuple[AlbExpose | NlbExpose, Path]] = [*_albs(draft), *_nlbs(draft)]
    for entry, where in entries:
        sort = "alb" if isinstance(entry, AlbExpose) else "nlb"
        if not network.is_existing:
            if sort == "alb" and network.zones.count < 2:
                message = "An `alb` needs two Availability Zones; `network.zones` is 1."
                yield Fault(where, message, "Set `zones: 2`, or use an `nlb`.", "key")
            continue
        choice = network.subnets.public
        if entry.internal:
            choice = network.subnets.private if network.subnets.private.is_given else choice
        if not choice.is_given and (network.subnets.public.is_given or network.subnets.private.is_given):
            message = "A balancer that faces the internet stands in public subnets, but `network.subnets` has none."
            yield Fault(where, message, "Add `public: […]` there, or set `internal: true`.", "key")
        elif sort == "alb" and len(choice.ids) == 1:
            message = "An `alb` needs subnets in two zones, but `network.subnets` has one."
            yield Fault(where, message, "Add a subnet in another zone.", "key")
        if entry.internal and "sources" not in entry.model_fields_set and draft.sound(*where, "sources"):
            message = "Who may connect to an internal balancer in an existing VPC is not known here."
            yield Fault((*where, "internal"), message, "Add `sources: [<CIDR>]`.", "key")


def rules(draft: Draft) -> Iterator[Fault]:
    """On one listener: HTTP or HTTPS, one policy, one entry for each set of hosts and paths, one default."""
    for group in _grouped(_albs(draft)):
        for _, listener in groupby(sorted(group, key=lambda item: item[0].listen), key=lambda item: item[0].listen):
            first, *rest = listener
            seen = {_conditions(first[0]): first[1]}
            for entry, where in rest:
                yield from _same_listener(draft, entry, where, *first)
                wanted = _conditions(entry)
                if wanted in seen:
                    what = "answer all requests" if wanted == (frozenset(), frozenset()) else "take the same requests"
                    message = f"This entry and {_at(draft, seen[wanted])} {what} on port {entry.listen}."
                    hint = "Tell them apart by `hosts` or `paths`, or give one of them another `name` or `listen`."
                    yield Fault(where, message, hint, "key")
                seen.setdefault(wanted, where)


def existing_rules(draft: Draft) -> Iterator[Fault]:
    """Priorities on someone else's listener are unique."""
    taken: dict[tuple[str, int], Path] = {}
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            if item.alb is None or item.alb.listener is None or item.alb.priority is None:
                continue
            where, key = (*path, "expose", index, "alb", "priority"), (item.alb.listener, item.alb.priority)
            if key in taken:
                message = (
                    f"Priority {item.alb.priority} on this listener is also taken by {_at(draft, taken[key][:-1])}."
                )
                yield Fault(where, message, "Choose another.")
            taken.setdefault(key, where)


def settings(draft: Draft) -> Iterator[Fault]:
    """What belongs to the balancer as a whole is the same in all its entries."""
    for group in _grouped(_albs(draft)):
        for key in ("idle_timeout", "access_logs"):
            given = [(entry, where) for entry, where in group if key == "idle_timeout" or entry.access_logs]
            for entry, where in given[1:]:
                if getattr(entry, key) != getattr(given[0][0], key):
                    message = f"`{key}` differs from {_at(draft, given[0][1])}, which shares this balancer."
                    yield Fault((*where, key), message, "Make them the same, or give one of them another `name`.")
    for balancer in _grouped(_nlbs(draft)):
        for key in ("static_ips", "cross_zone"):
            for other, where in balancer[1:]:
                if getattr(other, key) != getattr(balancer[0][0], key):
                    message = f"`{key}` differs from {_at(draft, balancer[0][1])}, which shares this balancer."
                    yield Fault((*where, key), message, "Make them the same, or give one of them another `name`.")


def redirects(draft: Draft) -> Iterator[Fault]:
    """Port 80 can redirect to one HTTPS port only."""
    for group in _grouped(_albs(draft)):
        if any(entry.listen == 80 for entry, _ in group):
            continue
        secure = [(entry, where) for entry, where in group if entry.certificate and entry.redirect]
        for entry, where in secure[1:]:
            if entry.listen != secure[0][0].listen:
                message = f"Port 80 would redirect to port {secure[0][0].listen} and to port {entry.listen}."
                yield Fault(where, message, "Set `redirect: false` in one of them.", "key")


def nlb_ports(draft: Draft) -> Iterator[Fault]:
    """A port of a Network Load Balancer leads to one target group."""
    for group in _grouped(_nlbs(draft)):
        taken: dict[int, tuple[NlbExpose, Path]] = {}
        for entry, where in group:
            if entry.listen not in taken:
                taken[entry.listen] = (entry, where)
                continue
            other, place = taken[entry.listen]
            message = f"Port {entry.listen} of this balancer is already used by {_at(draft, place)}."
            if {entry.protocol, other.protocol} == {"udp", "tcp"}:
                message += " TCP and UDP on one port would need a container port for both, which ECS does not take."
            yield Fault((*where, "listen"), message, "Use another port, or another `name`.")


def record_names(draft: Draft) -> Iterator[Fault]:
    """A DNS name points to one balancer, or to the tasks of one service."""
    owners: dict[str, tuple[object, Path]] = {}
    for name, service, path in draft.services():
        for index, item in enumerate(service.expose):
            where: Path = (*path, "expose", index)
            if item.dns is not None:
                fqdn, owner, where = item.dns.fqdn, ("dns", name), (*where, "dns")
            elif (entry := item.alb or item.nlb) is not None and entry.dns is not None:
                sort = "alb" if item.alb else "nlb"
                fqdn, where = entry.dns.fqdn, (*where, sort, "dns")
                owner = (sort, f"{entry.internal} {entry.name}")
            else:
                continue
            first, place = owners.setdefault(fqdn.casefold(), (owner, where))
            if first != owner or (item.dns is not None and place != where):
                message = f"The name {fqdn} is also given by {_at(draft, place)}."
                yield Fault(where, message, "A name points to one balancer or service.", "key")


def _same_listener(draft: Draft, entry: AlbExpose, where: Path, first: AlbExpose, place: Path) -> Iterator[Fault]:
    if (entry.certificate is None) != (first.certificate is None):
        if draft.sound(*where, "certificate") and draft.sound(*place, "certificate"):
            message = f"Port {entry.listen} cannot be HTTP and HTTPS: {_at(draft, place)} shares it."
            yield Fault(where, message, "Give both a certificate, or use another port.", "key")
    elif entry.tls_policy != first.tls_policy:
        message = f"`tls_policy` differs from {_at(draft, place)}, which shares this listener."
        yield Fault((*where, "tls_policy"), message, "Make them the same.")


def _conditions(entry: AlbExpose) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(host.casefold() for host in entry.hosts), frozenset(entry.paths)


def _at(draft: Draft, where: Path) -> str:
    return f"`{shown(draft.written(where))}`"


def _grouped(items: list[tuple[_Entry, Path]]) -> list[list[tuple[_Entry, Path]]]:
    """The entries of each balancer, in the order of the file."""
    groups: dict[tuple[bool, str | None], list[tuple[_Entry, Path]]] = {}
    for entry, where in items:
        groups.setdefault((entry.internal, entry.name), []).append((entry, where))
    return list(groups.values())


def _albs(draft: Draft) -> list[_Alb]:
    return [
        (item.alb, (*path, "expose", index, "alb"))
        for _, service, path in draft.services()
        for index, item in enumerate(service.expose)
        if item.alb is not None and item.alb.listener is None
    ]


def _nlbs(draft: Draft) -> list[_Nlb]:
    return [
        (item.nlb, (*path, "expose", index, "nlb"))
        for _, service, path in draft.services()
        for index, item in enumerate(service.expose)
        if item.nlb is not None
    ]


RULES = (zones, rules, existing_rules, settings, redirects, nlb_ports, record_names)
