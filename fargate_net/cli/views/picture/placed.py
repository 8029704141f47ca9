"""What stands where in a picture, in pixels: the nouns of a layout, and how much text fits.

Never here: deciding where (layout.py), colours, markup.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fargate_net.model.picture import Chip, Connection, Picture, Row, SubnetBox, VpcBox

LETTER = 0.62
"""Width of a letter of the widest usual font, by its size."""


def fit(text: str, width: float, size: float) -> str:
    """The text, cut to what fits."""
    most = max(3, int(width / (size * LETTER)))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def wrapped(text: str, width: float, size: float, lines: int) -> list[str]:
    """The text in at most so many lines; the last one is cut when there is more."""
    most = max(3, int(width / (size * LETTER)))
    out: list[str] = []
    for word in text.split():
        if out and len(out[-1]) + 1 + len(word) <= most:
            out[-1] += f" {word}"
        else:
            out.append(word)
    if len(out) > lines:
        out[lines - 1] = f"{fit(' '.join(out[lines - 1 :]), width, size).rstrip('…')}…"
    return [fit(line, width, size) for line in out[:lines]]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True)
class PlacedChip:
    """A chip; None as ``chip`` counts those that found no room."""

    box: Box
    chip: Chip | None
    more: int = 0


@dataclass(frozen=True)
class PlacedRow:
    """A row with the chips in its columns."""

    box: Box
    row: Row
    chips: tuple[PlacedChip, ...]
    note: tuple[str, ...]


@dataclass(frozen=True)
class PlacedVpc:
    """A VPC, its subnets behind the rows, and the zones' names above the columns."""

    box: Box
    vpc: VpcBox
    zones: tuple[tuple[float, str], ...]
    subnets: tuple[tuple[Box, SubnetBox], ...]
    rows: tuple[PlacedRow, ...]


@dataclass(frozen=True)
class PlacedLine:
    """A connection: from ``start`` to ``end`` (heights at the right edge ``x``), through its track."""

    connection: Connection
    x: float
    start: float
    end: float
    track: float
    label: str
    color: int


@dataclass
class Layout:
    """Everything placed, and the size of the whole."""

    picture: Picture
    internet: Box
    vpcs: list[PlacedVpc] = field(default_factory=list)
    lines: list[PlacedLine] = field(default_factory=list)
    width: float = 0
    height: float = 0
