"""The plan under examination, with all that a check may look at, and a careful way to read what it lacks.

Never here: a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fargate_net.blueprint.site import Site, site
from fargate_net.errors import AwsError, NotAsked, NotFound
from fargate_net.kinds.base import Aws
from fargate_net.kinds.fields import call_name
from fargate_net.kinds.subnet import Subnet
from fargate_net.model.change import Plan
from fargate_net.model.finding import Finding, warning
from fargate_net.model.resource import Graph, Id, Ref, Resource
from fargate_net.model.snapshot import Snapshot
from fargate_net.spec.models import Stack

if TYPE_CHECKING:
    from fargate_net.app.wishes import Wish


@dataclass(frozen=True)
class Place:
    """A subnet that a task or a balancer will stand in. ``free`` is None when it is not made yet or not told.

    ``zone`` is the zone's name, ``zone_id`` its id (``""``: not known); ``id`` is the key of one that is not made yet.
    """

    id: str
    zone: str
    cidr: str
    zone_id: str = ""
    free: int | None = None


@dataclass
class Case:
    """``tags`` are those of a resource; ``unread`` gathers what could not be read while checks ran."""

    name: str
    stack: Stack
    site: Site
    graph: Graph
    plan: Plan
    live: Snapshot
    aws: Aws
    unread: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, wish: Wish, plan: Plan) -> Case:
        """The case of a wish and its plan."""
        return cls(
            name=wish.name,
            stack=wish.stack,
            site=site(wish.stack, wish.facts),
            graph=wish.graph,
            plan=plan,
            live=wish.live,
            aws=wish.aws,
        )

    @cached_property
    def made(self) -> tuple[Resource, ...]:
        """What the plan makes anew."""
        return tuple(self.graph[change.key] for change in self.plan.of("create", "replace") if change.key in self.graph)

    @cached_property
    def touched(self) -> frozenset[str]:
        """The keys of all that the plan makes or changes."""
        return frozenset(change.key for change in self.plan.of("create", "replace", "update"))

    @property
    def vpc(self) -> str | None:
        """The id of the VPC, None when the plan makes it."""
        given = self.stack.network.vpc
        if given is not None:
            return given
        ours = self.live.kind("vpc").values()
        return next((vpc.id for vpc in ours if vpc.stack == self.name and vpc.key == "vpc/main"), None)

    def making(self, kind: str) -> Iterator[Resource]:
        """What the plan makes anew of one kind."""
        return (resource for resource in self.made if resource.kind == kind)

    def places(self, subnets: tuple[Id, ...]) -> tuple[Place, ...]:
        """The subnets that are there or drawn; one that is neither is left out (ground.py says so)."""
        return tuple(place for subnet in subnets if (place := self._place(subnet)) is not None)

    def _place(self, subnet: Id) -> Place | None:
        found = None
        if isinstance(subnet, Ref):
            claimed = (item for item in self.live.of(Subnet).values() if item.key == subnet.key)
            found = next((item for item in claimed if item.stack == self.name), None)
        else:
            found = self.live.get(Subnet, subnet)
        if found is not None:
            free = int(found.status.get("free_ips", -1))
            props = found.props
            return Place(found.id, props.zone, props.cidr, props.zone_id, free if free >= 0 else None)
        drawn = self.graph.get(subnet.key) if isinstance(subnet, Ref) else None
        return Place(drawn.key, drawn.props.zone, drawn.props.cidr) if drawn is not None else None

    def read(self, purpose: str, operation: str, **params: Any) -> dict[str, Any] | None:
        """The answer of a call beside the observation; None when there is none, and why is noted. Raises NotFound.

        ``purpose`` completes "Could not check …". Saved responses hold no such answers: then nothing is noted.
        """
        try:
            return self.aws.read(operation, **params)
        except NotAsked as silent:
            if not self.aws.saved:
                self.not_checked(purpose, operation, silent.what)
        except NotFound:
            raise
        except AwsError as refused:
            self.not_checked(purpose, operation, refused.what)
        return None

    def not_checked(self, purpose: str, operation: str, why: str) -> None:
        """Note that a check was not possible."""
        because = why[:1].lower() + why[1:].rstrip(".")
        hint = f"Allow {call_name(operation)} to have it checked."
        self.unread.append(warning("NOT_CHECKED", f"Could not check {purpose}: {because}.", hint))


def listed(ids: Iterable[object]) -> str:
    """Ids in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    words = [str(item) for item in ids]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
