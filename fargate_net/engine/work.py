"""What a worker thread does for one step: the only calls to AWS of a run. Never here: shared state, sleeping.

Everything arrives as arguments and leaves as a return value or an exception.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fargate_net.engine.difference import difference
from fargate_net.errors import FargateNetError, NotFound, OperationFailed, Refused
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws, Kind, Scope
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class Birth:
    """A thing to make: its final properties, its tags, and the ids that had the key before (old ones)."""

    kind: Kind
    key: str
    props: Any
    tags: Mapping[str, str]
    past: frozenset[str]


class HalfDone(FargateNetError):
    """A create that failed after one of its calls had changed something: the thing may exist. ``error`` says why."""

    def __init__(self, error: FargateNetError) -> None:
        super().__init__(error.what, error.why, error.hint)
        self.error = error


class _Watched:
    """The wire, remembering whether a write went through."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.wrote = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aws, name)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call that changes something."""
        answer = self._aws.write(operation, **params)
        self.wrote = True
        return answer


def create(aws: Aws, scope: Scope, birth: Birth, *, repeated: bool) -> str:
    """Make it and return its id.

    A repeat first looks for our tags: an attempt that failed may have made the thing, and a second one would be a
    duplicate. What it finds is brought into shape instead. Raises HalfDone when it fails after a write went through.
    """
    have = find(aws, scope, birth) if repeated else None
    watched = _Watched(aws)
    try:
        if have is None:
            return birth.kind.create(watched, birth.key, birth.props, birth.tags)
        names = frozenset(change.name for change in difference(birth.kind, have, birth.props, Snapshot()).fields)
        return (birth.kind.update(watched, have, birth.props, names) if names else None) or have.id
    except FargateNetError as error:
        if have is not None or watched.wrote:
            raise HalfDone(error) from error
        raise


def find(aws: Aws, scope: Scope, birth: Birth) -> Found[Any] | None:
    """The live thing with these tags that was not there before the run; Refused when there are two."""
    made = [
        item
        for item in look(aws, scope, (birth.kind,))
        if item.kind == birth.kind.name
        and item.stack == birth.tags[STACK_TAG]
        and item.key == birth.tags[KEY_TAG]
        and item.id not in birth.past
        and not birth.kind.leaving(item)
    ]
    if len(made) > 1:
        named = " and ".join(sorted(item.id for item in made))
        raise Refused(
            f"Two resources claim to be {birth.key}: {named}.",
            hint="Delete one of them, or remove its fargatenet:stack tag, then run again.",
        )
    return made[0] if made else None


def look(aws: Aws, scope: Scope, kinds: Iterable[Kind], own: Collection[str] = ()) -> Snapshot:
    """One scan of each kind. A whole kind that cannot be read is a failure: waiting for it would be waiting blindly.

    ``own`` names the kinds that must be readable (none given: all); of the others a lack is kept as a Missing.
    """
    found: list[Found[Any]] = []
    missing: list[Missing] = []
    for kind in kinds:
        try:
            seen = list(kind.scan(aws, scope))
        except NotFound:  # the filter names something that is not visible yet
            continue
        for item in seen:
            if not isinstance(item, Missing):
                found.append(item)
            elif item.subject or (own and item.kind not in own):
                missing.append(item)
            else:
                raise OperationFailed(f"{item.kind} cannot be read: {item.why}", hint=f"Allow {item.call}.")
    return Snapshot(found, missing)
