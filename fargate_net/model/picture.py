"""A network as a picture: what stands in which zone and subnet, and who can open connections to whom.

Everything that tasks, balancers and endpoints do is told by rows: a row is one service, one balancer or one group of
endpoints, with a chip for each interface it has in a zone. Lines lead from row to row.

Never here: coordinates, colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fargate_net.model.verdict import Open

INTERNET = "internet"
"""The id of the internet as an end of a line."""


class Ground(StrEnum):
    """Whether the default route of a subnet leads to an internet gateway."""

    PUBLIC = "public"
    PRIVATE = "private"
    UNKNOWN = "unknown"


class Line(StrEnum):
    """What a line says: open; blocked, as somebody wants it; not as somebody wants it; not known."""

    OPEN = "open"
    BLOCKED = "blocked"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Chip:
    """One interface of a row in a subnet: a title, a line below it, and what there is to say when somebody asks."""

    subnet: str
    title: str
    detail: str = ""
    hover: str = ""


@dataclass(frozen=True)
class Row:
    """A service, a balancer, a group of endpoints or the NAT gateways. ``kind`` is one of these words."""

    id: str
    kind: str
    title: str
    note: str = ""
    chips: tuple[Chip, ...] = ()
    hover: str = ""


@dataclass(frozen=True)
class SubnetBox:
    """A subnet: its zone, and whether it is public."""

    id: str
    title: str
    cidr: str
    zone: str
    ground: Ground


@dataclass(frozen=True)
class Gateway:
    """What stands on the edge of a VPC: internet gateways, gateway endpoints, peerings, attachments."""

    id: str
    title: str
    hover: str = ""


@dataclass(frozen=True)
class VpcBox:
    """A VPC with its zones from left to right."""

    id: str
    title: str
    zones: tuple[str, ...]
    subnets: tuple[SubnetBox, ...]
    rows: tuple[Row, ...]
    gateways: tuple[Gateway, ...] = ()


@dataclass(frozen=True)
class Connection:
    """A line from row to row: what is open, or what was expected; ``rules`` name what decides, one a line."""

    source: str
    target: str
    line: Line
    open: tuple[Open, ...] = ()
    text: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """The whole. ``notes`` say what is not drawn and what is not known."""

    title: str
    vpcs: tuple[VpcBox, ...]
    connections: tuple[Connection, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> dict[str, Row]:
        """Every row by its id."""
        return {row.id: row for vpc in self.vpcs for row in vpc.rows}
