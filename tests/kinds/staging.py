"""A sandbox as tests of kinds use it, and the shape of a case of the registry tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from fargate_net.aws.call import Live
from fargate_net.errors import NotReady
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Kind, Scope, load_all
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.snapshot import Found, Missing

REGION = "eu-west-1"
STACK = "shop"
LONG = 600.0
"""Seconds after which the sandbox has finished whatever it began."""


def kind_of(name: str) -> Kind:
    return load_all()[name]


def tags(key: str) -> dict[str, str]:
    return {STACK_TAG: STACK, KEY_TAG: key, "Name": f"{STACK}-{key.partition('/')[2]}"}


class Stage:
    """The wire, and short ways to make what a thing under test needs around it."""

    def __init__(self, aws: Live, control: Any) -> None:
        self.aws = aws
        self.control = control

    def later(self, seconds: float = LONG) -> None:
        self.control.advance(seconds)

    def put(self, name: str, props: Any, *, key: str | None = None) -> str:
        """Make a thing of ours and wait until AWS is done."""
        key = key or f"{props.kind}/{name}"
        for _ in range(3):
            try:
                made = kind_of(props.kind).create(self.aws, key, props, tags(key))
            except NotReady:  # Cloud Map makes namespaces in an operation of its own
                self.later()
            else:
                self.later()
                return made
        raise AssertionError(f"{key} is never ready")

    def vpc(self, **props: Any) -> str:
        return self.put("main", Vpc(("10.0.0.0/16",), **props))

    def subnet(self, vpc: str, number: int = 0, **props: Any) -> str:
        zone = f"{REGION}{'abc'[number % 3]}"
        return self.put(f"s{number}", Subnet(vpc, f"10.0.{number}.0/24", zone, **props))

    def gateway(self, vpc: str) -> str:
        return self.put("main", InternetGateway(vpc))

    def scan(self, kind: str, scope: Scope | None = None) -> list[Found[Any] | Missing]:
        return list(kind_of(kind).scan(self.aws, scope or Scope(stack=STACK)))

    def mine(self, kind: str, name: str) -> Found[Any] | None:
        """Our thing of that key that is not dead, as the scan shows it."""
        found = [
            thing
            for thing in self.scan(kind)
            if isinstance(thing, Found) and thing.key == f"{kind}/{name}" and not kind_of(kind).gone(thing)
        ]
        assert len(found) <= 1, found
        return found[0] if found else None


@dataclass(frozen=True)
class Case:
    """What the registry tests need to know of a kind.

    ``props`` makes what it stands on and returns the props to create; each of ``changes`` takes the stage and the props
    so far, and returns the props to update to.
    """

    kind: str
    props: Callable[[Stage], Any]
    changes: tuple[Callable[[Stage, Any], Any], ...] = ()
    name: str = "it"

    def __str__(self) -> str:
        return self.kind


def wished(have: Found[Any], want: Any) -> Any:
    """The wish as a plan compares it: live values where others decide, and where attributes are not stated."""
    want = kind_of(have.kind).concede(have, want)
    if live := getattr(have.props, "attributes", None):
        stated = {name for name, _ in want.attributes}
        want = replace(want, attributes=want.attributes | {pair for pair in live if pair[0] not in stated})
    return want


def differing(have: Any, want: Any) -> frozenset[str]:
    """The compared fields in which two props differ."""
    return frozenset(f.name for f in fields(want) if f.compare and getattr(have, f.name) != getattr(want, f.name))
