"""Where everything of a picture goes, in pixels.

Zones are columns. From top to bottom come the internet, then for each VPC its public and its private ground, in each of
which a row is one service, balancer or group of endpoints. Lines leave the rows on the right, run in tracks of their
own, and come back with their label above the arrow: nothing can lie on anything else.

Never here: colours, markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fargate_net.cli.views import words
from fargate_net.cli.views.picture.placed import (
    LETTER,
    Box,
    Layout,
    PlacedChip,
    PlacedLine,
    PlacedRow,
    PlacedVpc,
    fit,
    wrapped,
)
from fargate_net.model.picture import INTERNET, Chip, Connection, Ground, Picture, Row, SubnetBox, VpcBox

PAD = 24
LABEL = 210
"""Width of the column that holds the names of rows."""
COLUMN, GAP = 196, 14
CHIP, CHIP_GAP = 40, 6
MOST_CHIPS = 4
"""Chips of one row in one subnet; more are counted."""
STEP = 18
"""Height that one end of a line takes at a row."""
TRACK = 12
HEAD, TITLE = 40, 46


def layout(picture: Picture) -> Layout:
    """Place everything."""
    ends = _ends(picture)
    columns = max((len(vpc.zones) for vpc in picture.vpcs), default=1)
    width = 2 * PAD + LABEL + columns * (COLUMN + GAP)
    top: float = PAD + TITLE
    internet = Box(PAD, top, width, max(44, 16 + STEP * len(ends.get(INTERNET, ()))))
    placed = Layout(picture, internet)
    top = internet.bottom + 28
    for vpc in picture.vpcs:
        placed.vpcs.append(_vpc(vpc, top, width, ends))
        top = placed.vpcs[-1].box.bottom + 28
    _lines(placed, ends)
    tracks = max((line.track for line in placed.lines), default=internet.right)
    placed.width, placed.height = tracks + PAD + TRACK, top
    return placed


def _ends(picture: Picture) -> dict[str, list[Connection]]:
    """The lines that touch each row: those that come, then those that go."""
    ends: dict[str, list[Connection]] = {}
    for connection in picture.connections:
        ends.setdefault(connection.target, []).append(connection)
    for connection in picture.connections:
        ends.setdefault(connection.source, []).append(connection)
    return ends


def _vpc(vpc: VpcBox, top: float, width: float, ends: dict[str, list[Connection]]) -> PlacedVpc:
    left = PAD + LABEL + PAD
    places: dict[str, float] = {zone: left + number * (COLUMN + GAP) for number, zone in enumerate(vpc.zones)}
    below = top + HEAD + (30 if vpc.gateways else 0) + 22
    zones = tuple((x + COLUMN / 2, zone) for zone, x in places.items())
    subnets: list[tuple[Box, SubnetBox]] = []
    rows: list[PlacedRow] = []
    drawn: set[str] = set()
    storeys = _storeys(vpc) or [[]]
    for storey in storeys:
        inside = {subnet.id for subnet in storey}
        begin, below = below, below + HEAD
        for row in vpc.rows:
            here = [chip for chip in row.chips if chip.subnet in inside]
            homeless = not row.chips and storey is storeys[-1]
            if here or homeless:
                own = [] if row.id in drawn else ends.get(row.id, [])
                drawn.add(row.id)
                rows.append(_row(row, here, storey, places, below, width, len(own)))
                below = rows[-1].box.bottom + 10
        below = max(below, begin + HEAD + 16)
        subnets += [(Box(places[s.zone], begin, COLUMN, below - begin), s) for s in storey]
        below += 16
    return PlacedVpc(Box(PAD, top, width, below - top), vpc, zones, tuple(subnets), tuple(rows))


def _storeys(vpc: VpcBox) -> list[list[SubnetBox]]:
    """Subnets that lie side by side, one a zone: public ground above, then what is private, then what is not known."""
    storeys: list[list[SubnetBox]] = []
    for ground in (Ground.PUBLIC, Ground.PRIVATE, Ground.UNKNOWN):
        by_zone: dict[str, list[SubnetBox]] = {}
        for subnet in vpc.subnets:
            if subnet.ground is ground:
                by_zone.setdefault(subnet.zone, []).append(subnet)
        used = {chip.subnet for row in vpc.rows for chip in row.chips}
        for listed in by_zone.values():
            listed.sort(key=lambda subnet: (subnet.id not in used, subnet.cidr))
        depth = max(map(len, by_zone.values()), default=0)
        storeys += [[listed[level] for listed in by_zone.values() if level < len(listed)] for level in range(depth)]
    return storeys


def _row(
    row: Row,
    chips: Sequence[Chip],
    storey: Sequence[SubnetBox],
    places: dict[str, float],
    top: float,
    width: float,
    ends: int,
) -> PlacedRow:
    placed: list[PlacedChip] = []
    deepest = 0
    for subnet in storey:
        own = [chip for chip in chips if chip.subnet == subnet.id]
        shown = own if len(own) <= MOST_CHIPS else own[: MOST_CHIPS - 1]
        for level, chip in enumerate(shown):
            placed.append(PlacedChip(_chip_box(places[subnet.zone], top, level), chip))
        if len(own) > len(shown):
            box = _chip_box(places[subnet.zone], top, len(shown))
            placed.append(PlacedChip(box, None, len(own) - len(shown)))
        deepest = max(deepest, min(len(own), MOST_CHIPS))
    note = wrapped(row.note, LABEL - 20, 11, 4)
    height = max(28 + 14 * len(note) + 8, 16 + deepest * (CHIP + CHIP_GAP) - CHIP_GAP, 16 + STEP * ends)
    return PlacedRow(Box(PAD + 8, top, width - 16, height), row, tuple(placed), tuple(note))


def _chip_box(x: float, top: float, level: int) -> Box:
    return Box(x + 8, top + 8 + level * (CHIP + CHIP_GAP), COLUMN - 16, CHIP)


def _lines(placed: Layout, ends: dict[str, list[Connection]]) -> None:
    """Give every end its height at its row, and every line the innermost track that is free along its way."""
    boxes: dict[str, Box] = {INTERNET: placed.internet}
    for vpc in placed.vpcs:
        for row in vpc.rows:
            boxes.setdefault(row.row.id, row.box)
    labels = {id(c): _label(c, placed.picture) for c in placed.picture.connections}
    edge = placed.internet.right
    first = edge + 26 + max((len(text) * 11 * LETTER for text in labels.values()), default=0)
    sources = list(dict.fromkeys(connection.source for connection in placed.picture.connections))
    spans = []
    for connection in placed.picture.connections:
        start, end = (
            _height(connection, connection.source, ends, boxes),
            _height(connection, connection.target, ends, boxes),
        )
        spans.append((abs(start - end), start, end, connection))
    taken: list[list[tuple[float, float]]] = []
    for _, start, end, connection in sorted(spans, key=lambda span: span[:3]):
        low, high = min(start, end) - 4, max(start, end) + 4
        free = (n for n, track in enumerate(taken) if all(high < a or b < low for a, b in track))
        number = next(free, len(taken))
        if number == len(taken):
            taken.append([])
        taken[number].append((low, high))
        track, color = first + number * TRACK, sources.index(connection.source)
        placed.lines.append(PlacedLine(connection, edge, start, end, track, labels[id(connection)], color))


def _height(connection: Connection, row: str, ends: dict[str, list[Connection]], boxes: dict[str, Box]) -> float:
    position = next(n for n, one in enumerate(ends[row]) if one is connection)
    box = boxes[row]
    spare = box.height - STEP * len(ends[row])
    return box.y + spare / 2 + STEP * position + STEP * 0.75


def _label(connection: Connection, picture: Picture) -> str:
    """Who comes, and to what."""
    rows = picture.rows
    source = rows[connection.source].title if connection.source in rows else connection.source
    return fit(f"{source}: {connection.text or words.sockets(connection.open)}", 420, 11)


def all_rows(placed: Layout) -> Iterable[PlacedRow]:
    """Every placed row."""
    return (row for vpc in placed.vpcs for row in vpc.rows)
