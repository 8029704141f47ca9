"""What keeps a thing from being deleted, in words that say whose it is and what to do. Never here: deleting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fargate_net.engine.difference import texts
from fargate_net.errors import Denied, NotFound
from fargate_net.kinds.base import REGISTRY, Aws, Scope
from fargate_net.model.snapshot import Found, Missing, Snapshot

_INTERFACE = "network_interface"
_MOVING = frozenset({_INTERFACE, "task"})


@dataclass(frozen=True)
class Blockers:
    """``text`` names every blocker found (empty: none seen). ``foreign`` is true when one will not go by itself."""

    text: str = ""
    foreign: bool = False


def blockers(aws: Aws, scope: Scope, snapshot: Snapshot, stack: str, doomed: Found[Any]) -> Blockers:
    """Look for interfaces and other people's things that name ``doomed``.

    Interfaces are read anew, because they come and go; everything else is judged on ``snapshot``. An interface that an
    AWS service manages goes away by itself some time after its service; one of an instance or a person does not.
    """
    said: list[str] = []
    foreign = False
    for interface in _interfaces(aws, scope):
        if doomed.id in texts(interface.props):
            lasting = _lasts(interface)
            foreign = foreign or lasting
            said.append(_interface_words(interface, lasting))
    for item in snapshot:
        if item.kind in _MOVING or item.stack == stack or _comes_along(item) or not _needs(item, doomed.id):
            continue
        if REGISTRY[item.kind].gone(item):  # AWS lists a deleted NAT gateway for an hour, with its subnet
            continue
        foreign = True
        whose = f"stack {item.stack}" if item.stack else "not ours"
        name = f" ({item.name})" if item.name else ""
        said.append(f"{item.kind.replace('_', ' ')} {item.id}{name}, {whose}: delete it, or take {doomed.id} out of it")
    return Blockers("; ".join(sorted(said)), foreign)


def _interfaces(aws: Aws, scope: Scope) -> list[Found[Any]]:
    kind = REGISTRY.get(_INTERFACE)
    if kind is None:
        return []
    try:
        return [item for item in kind.scan(aws, scope) if not isinstance(item, Missing)]
    except (Denied, NotFound):
        return []


def _needs(item: Found[Any], id: str) -> bool:
    """Whether a thing names that one; the rules of a security group are not among what ``texts`` compares."""
    return id in texts(item.props) or any(rule.peer == id for rule in getattr(item.props, "rules", ()))


def _lasts(interface: Found[Any]) -> bool:
    props = interface.props
    if props.instance:
        return True
    # AWS services sign as amazon-… or as another account; people as the owner's account, a user's id or a role's.
    person = not props.requester or props.requester == props.owner or props.requester.startswith(("AIDA", "AROA"))
    return (
        person
        and not props.managed
        and not props.description.startswith(("ELB ", "arn:aws", "Interface for ", "VPC Endpoint"))
    )


def _interface_words(interface: Found[Any], lasting: bool) -> str:
    props = interface.props
    facts = [
        f'"{props.description}"' if props.description else "no description",
        f"requester {props.requester}" if props.requester else "",
        f"owner {props.owner}" if props.owner else "",
        f"instance {props.instance}" if props.instance else "",
    ]
    if props.instance:
        way_out = f"terminate {props.instance} or move it elsewhere"
    elif lasting:
        way_out = "detach and delete it"
    else:
        way_out = "AWS removes it some minutes after its service is gone"
    return f"network interface {interface.id} ({', '.join(fact for fact in facts if fact)}): {way_out}"


def _comes_along(item: Found[Any]) -> bool:
    """Whether AWS made it with a VPC of ours and takes it away with it (defaults of the VPC)."""
    props = item.props
    return bool(getattr(props, "default", False) or getattr(props, "main", False) or item.name == "default")
