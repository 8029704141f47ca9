"""What there is: everything observed, or foreseen, at one moment.

One noun for three sources: a live account, saved responses, and a plan laid over either. Never here: describe calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from fargate_net.errors import Refused


class Props(Protocol):
    """The normal form of one resource type: a frozen dataclass that names its kind."""

    kind: ClassVar[str]


P = TypeVar("P", bound=Props)


@dataclass(frozen=True)
class Found(Generic[P]):
    """One thing that exists or will exist.

    ``props`` are compared with what we want; ``status`` is shown and waited on (lifecycle state, DNS name, health,
    counts). ``stack`` and ``key`` come from our tags and are None on what is not ours. ``name`` is the Name tag or the
    thing's own name. ``planned`` marks what does not exist yet: its id reads ``planned:kind/name``.
    """

    id: str
    props: P
    status: Mapping[str, Any] = field(default_factory=dict)
    stack: str | None = None
    key: str | None = None
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    planned: bool = False

    @property
    def kind(self) -> str:
        """The kind of the props: ``security_group``."""
        return self.props.kind


@dataclass(frozen=True)
class Missing:
    """A fact we could not learn: which kind, about which subject (``""``: the whole kind), and why.

    ``call`` is the AWS call as in ``ec2:DescribeVpcs``; ``why`` is one sentence for people.
    """

    kind: str
    subject: str
    call: str
    why: str


class Snapshot:
    """All that was found, by kind and id, and all that could not be learned.

    ``account`` and ``region`` may be empty when a saved snapshot does not tell them.
    """

    def __init__(
        self,
        found: Iterable[Found[Any]] = (),
        missing: Iterable[Missing] = (),
        *,
        region: str = "",
        account: str = "",
    ) -> None:
        self.region = region
        self.account = account
        self.missing = tuple(missing)
        self._by_kind: dict[str, dict[str, Found[Any]]] = {}
        for item in found:
            self._by_kind.setdefault(item.kind, {})[item.id] = item

    def __iter__(self) -> Iterator[Found[Any]]:
        for items in self._by_kind.values():
            yield from items.values()

    def __len__(self) -> int:
        return sum(len(items) for items in self._by_kind.values())

    def of(self, props: type[P]) -> Mapping[str, Found[P]]:
        """Everything of one kind, by id."""
        return self._by_kind.get(props.kind, {})

    def get(self, props: type[P], id: str) -> Found[P] | None:
        """The thing of that kind and id, or None."""
        return self.of(props).get(id)

    def kind(self, kind: str) -> Mapping[str, Found[Any]]:
        """Everything of one kind named by its word, by id."""
        return self._by_kind.get(kind, {})

    def unknown(self, kind: str, subject: str = "") -> Missing | None:
        """Why this kind (or this subject of it) is not known; None when it is.

        A kind that is missing as a whole is missing for every subject.
        """
        return self._missing.get((kind, "")) or self._missing.get((kind, subject))

    @cached_property
    def _missing(self) -> dict[tuple[str, str], Missing]:
        return {(m.kind, m.subject): m for m in self.missing}

    def mine(self, stack: str) -> dict[str, Found[Any]]:
        """What carries this stack's tags, by key. Two claimants of one key are an error that names both."""
        mine: dict[str, Found[Any]] = {}
        for item in self:
            if item.stack != stack or item.key is None or item.key.partition("/")[0] != item.kind:
                continue  # ECS copies a service's tags to its tasks: those carry the key of another kind
            if (other := mine.get(item.key)) is not None:
                raise Refused(
                    f"Two resources claim to be {item.key} of stack {stack}: {other.id} and {item.id}.",
                    hint="Delete one of them, or remove its fargatenet:stack tag, then run again.",
                )
            mine[item.key] = item
        return mine

    def with_(self, found: Iterable[Found[Any]], without: Iterable[tuple[str, str]] = ()) -> Snapshot:
        """A copy with these added or replaced, and those ``(kind, id)`` left out."""
        gone = set(without)
        kept = [item for item in self if (item.kind, item.id) not in gone]
        return Snapshot([*kept, *found], self.missing, region=self.region, account=self.account)
