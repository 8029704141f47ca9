"""How a step of the plan becomes a call, with every reference resolved. Never here: threads, what the answer means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fargate_net.engine.claims import REPLACES_TAG, ours
from fargate_net.engine.difference import TAGS, texts
from fargate_net.engine.naming import tags_for
from fargate_net.engine.patience import Attempt, Clock
from fargate_net.engine.plan import goes_first
from fargate_net.engine.step import Step
from fargate_net.engine.work import Birth, create
from fargate_net.errors import OperationFailed
from fargate_net.kinds.base import Aws, Scope
from fargate_net.kinds.tagging import retag
from fargate_net.model.change import Change, Plan
from fargate_net.model.resource import Graph, Ref, Resource, refs, resolve
from fargate_net.model.snapshot import Found, Snapshot


@dataclass(frozen=True)
class Diagnosis:
    """What a look at a waiting thing told: one sentence, a way out, and whether waiting on is pointless."""

    text: str
    hint: str = ""
    fatal: bool = False


@dataclass(frozen=True)
class Order:
    """What a run is asked to do.

    ``tags`` gives the user's own for a resource. ``diagnose`` is called now and then, in a worker thread, with a thing
    that is still waited for. ``scope`` says where to look for what is made; None: where the graph says.
    """

    aws: Aws
    graph: Graph
    plan: Plan
    snapshot: Snapshot
    scope: Scope | None
    tags: Callable[[Resource], Mapping[str, str]]
    diagnose: Callable[[Found[Any]], Diagnosis | None] | None


@dataclass(frozen=True)
class Call:
    """``act`` does the step and is told whether it is a repeat; ``attempt`` is what patience needs to know."""

    act: Callable[[bool], str | None]
    attempt: Attempt


class Calls:
    """Makes the calls of one run. ``live`` is what was ours when the run began, by kind and id."""

    def __init__(self, order: Order, scope: Scope, changes: Mapping[Step, Change], clock: Clock) -> None:
        self._order = order
        self._scope = scope
        self._changes = changes
        self._clock = clock
        self.live = {(item.kind, item.id): item for item in ours(order.snapshot, order.plan.stack)}

    def prepare(self, step: Step, known: Mapping[Ref, str], made: Mapping[str, str]) -> Call:
        """The call of a step. Raises OperationFailed when AWS never told what a reference stands for."""
        if step.action == "delete":
            return self._delete(step)
        change = self._changes[step]
        if step.action == "update":
            have = self.live[step.kind.name, str(step.id)]
            after = {field.name: resolve(field.after, known) for field in change.fields if field.name != TAGS}
            props = replace(have.props, **after)
        else:
            props = resolve(self._order.graph[step.key].props, known)
        if missing := sorted(str(ref) for ref in refs(props)):
            raise OperationFailed(f"AWS did not tell {', '.join(missing)}.", hint="Run the same command again.")
        attempt = self._attempt(step, props, made)
        if step.action == "update":
            return self._update(step, change, props, attempt, known)
        return self._create(step, change, props, attempt)

    def _delete(self, step: Step) -> Call:
        aws, kind, have = self._order.aws, step.kind, self.live[step.kind.name, str(step.id)]

        def act(repeated: bool) -> None:
            kind.delete(aws, have)

        return Call(act, Attempt("delete", kind.name, self._clock.now()))

    def _update(self, step: Step, change: Change, props: Any, attempt: Attempt, known: Mapping[Ref, str]) -> Call:
        aws, kind, have = self._order.aws, step.kind, self.live[step.kind.name, str(step.id)]
        if step.late:  # its first half is done
            grown = {field.name: resolve(field.before, known) for field in change.fields if field.name != TAGS}
            have = replace(have, props=replace(have.props, **grown))
        names = frozenset(field.name for field in change.fields if field.name != TAGS)
        tags = dict(pair for field in change.fields if field.name == TAGS for pair in field.after)

        def act(repeated: bool) -> str | None:
            if tags:
                retag(aws, have, tags)
            return kind.update(aws, have, props, names) if names else None

        return Call(act, attempt)

    def _create(self, step: Step, change: Change, props: Any, attempt: Attempt) -> Call:
        order = self._order
        tags = tags_for(order.plan.stack, order.graph[step.key], order.tags(order.graph[step.key]))
        if step.id is not None and not goes_first(change, order.graph, order.snapshot):
            tags[REPLACES_TAG] = step.id
        past = frozenset(item.id for item in self.live.values() if item.key == step.key)
        birth = Birth(step.kind, step.key, props, tags, past)
        scope = self._scope

        def act(repeated: bool) -> str:
            return create(order.aws, scope, birth, repeated=repeated)

        return Call(act, attempt)

    def _attempt(self, step: Step, props: Any, made: Mapping[str, str]) -> Attempt:
        named = set(texts(props))
        fresh = frozenset(named.intersection(made.values()))
        given = named - fresh - {getattr(props, "name", "")}
        # Ids have a dash and some length; shorter words would turn up in any message.
        fixed = frozenset(text for text in given if "-" in text and len(text) > 6)
        return Attempt(step.action, step.kind.name, self._clock.now(), fresh=fresh, fixed=fixed)
