"""Sets of ports and of addresses as sorted intervals. Never here: what a port or an address means.

One filter rule speaks about thousands of ports at once, so a verdict is a set operation and never a loop over ports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Intervals:
    """An immutable set of non-negative integers as disjoint, sorted, inclusive ``(low, high)`` spans."""

    __slots__ = ("spans",)

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        """Any spans, in any order; overlapping and touching ones are merged, reversed ones are empty."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(spans):
            if low > high:
                continue
            if merged and low <= merged[-1][1] + 1:
                if high > merged[-1][1]:
                    merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        self.spans = tuple(merged)

    @classmethod
    def _of(cls, spans: tuple[tuple[int, int], ...]) -> Intervals:
        made = cls.__new__(cls)
        made.spans = spans
        return made

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Intervals) and self.spans == other.spans

    def __hash__(self) -> int:
        return hash(self.spans)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.spans)

    def __contains__(self, value: int) -> bool:
        return any(low <= value <= high for low, high in self.spans)

    def __repr__(self) -> str:
        return f"Intervals({', '.join(texts(self)) or 'empty'})"

    def __or__(self, other: Intervals) -> Intervals:
        if not other.spans or self.spans == other.spans:
            return self
        return Intervals(self.spans + other.spans) if self.spans else other

    def __and__(self, other: Intervals) -> Intervals:
        if self.spans == other.spans:
            return self
        mine, theirs = self.spans, other.spans
        spans: list[tuple[int, int]] = []
        i = j = 0
        while i < len(mine) and j < len(theirs):
            low = max(mine[i][0], theirs[j][0])
            high = min(mine[i][1], theirs[j][1])
            if low <= high:
                spans.append((low, high))
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return Intervals._of(tuple(spans))

    def __sub__(self, other: Intervals) -> Intervals:
        if not other.spans or not self.spans:
            return self
        spans: list[tuple[int, int]] = []
        for low, high in self.spans:
            for cut_low, cut_high in other.spans:
                if cut_high < low:
                    continue
                if cut_low > high:
                    break
                if cut_low > low:
                    spans.append((low, cut_low - 1))
                low = cut_high + 1
                if low > high:
                    break
            if low <= high:
                spans.append((low, high))
        return Intervals._of(tuple(spans))

    def __le__(self, other: Intervals) -> bool:
        """Whether every member of this set is in the other."""
        return self.spans == other.spans or not (self - other).spans

    @property
    def first(self) -> int:
        """The smallest member. Raises IndexError when the set is empty."""
        return self.spans[0][0]

    @property
    def size(self) -> int:
        """How many members there are."""
        return sum(high - low + 1 for low, high in self.spans)


EMPTY = Intervals()
ALL_PORTS = Intervals([(0, 65535)])

EPHEMERAL = Intervals([(1024, 65535)])
"""Source ports of clients whose system is not known, of load balancers, NAT gateways and Lambda functions
(VPC User Guide, Network ACLs, Ephemeral ports)."""

LINUX_EPHEMERAL = Intervals([(32768, 61000)])
"""Source ports Linux tasks and instances choose from (same page)."""

WINDOWS_EPHEMERAL = Intervals([(49152, 65535)])
"""Source ports Windows tasks and instances choose from (same page)."""


def texts(ports: Intervals) -> tuple[str, ...]:
    """Each span as people write it: ``80`` or ``8000-8010``."""
    return tuple(str(low) if low == high else f"{low}-{high}" for low, high in ports.spans)


def spans(written: Iterable[str]) -> Intervals:
    """The ports of what people write: the reverse of ``texts``."""
    return Intervals([(int(low), int(high or low)) for low, _, high in (text.partition("-") for text in written)])
