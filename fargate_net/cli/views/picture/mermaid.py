"""The picture as a Mermaid flowchart (Mermaid documentation, Flowcharts): text that wikis and code hosts draw.

A node is a row, with the addresses of its interfaces by zone; a frame is a VPC, inside it public and private ground.
Never here: the drawing of our own (svg.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.cli.views import words
from fargate_net.model.picture import INTERNET, Connection, Ground, Line, Picture, Row, VpcBox

_SHAPES = {"balancer": ('[/"', '"\\]'), "endpoints": ('[["', '"]]'), "nat": ('{{"', '"}}')}
_ARROWS = {Line.OPEN: "-->", Line.BLOCKED: "-.-x", Line.BROKEN: "==>", Line.UNKNOWN: "-.->"}
_GROUNDS = {Ground.PUBLIC: "public subnets", Ground.PRIVATE: "private subnets", Ground.UNKNOWN: "subnets"}


def mermaid(picture: Picture) -> str:
    """The whole flowchart."""
    names = {INTERNET: "internet"}
    for row in picture.rows:
        names[row] = f"n{len(names)}"
    lines = ["---", f"title: {_quoted(picture.title)}", "---", "flowchart TB", '    internet(("The internet"))']
    for number, vpc in enumerate(picture.vpcs, 1):
        lines += _vpc(vpc, number, names)
    for connection in picture.connections:
        lines.append(f"    {_edge(connection, names)}")
    red = [n for n, item in enumerate(picture.connections) if item.line in (Line.BLOCKED, Line.BROKEN)]
    if red:
        lines.append(f"    linkStyle {','.join(map(str, red))} stroke:#d1242f,color:#d1242f")
    return "\n".join(lines) + "\n"


def _vpc(vpc: VpcBox, number: int, names: dict[str, str]) -> Iterator[str]:
    yield f'    subgraph vpc{number} ["{_escaped(vpc.title)}"]'
    grounds = {subnet.id: subnet.ground for subnet in vpc.subnets}
    places = {subnet.id: f"{subnet.zone} {subnet.title}" for subnet in vpc.subnets}
    if vpc.gateways:
        yield f'        edge{number}["{_escaped(", ".join(gateway.title for gateway in vpc.gateways))}"]'
    for ground in Ground:
        rows = [row for row in vpc.rows if _ground(row, grounds) is ground]
        subnets = [subnet for subnet in vpc.subnets if subnet.ground is ground]
        if not rows and not subnets:
            continue
        listed = ", ".join(subnet.cidr for subnet in subnets)
        yield f'        subgraph {ground.value}{number} ["{_escaped(f"{_GROUNDS[ground]}: {listed}")}"]'
        if not rows:
            yield f'            empty{number}{ground.value}["no tasks"]'
        for row in rows:
            left, right = _SHAPES.get(row.kind, ('["', '"]'))
            yield f"            {names[row.id]}{left}{_label(row, places)}{right}"
        yield "        end"
    yield "    end"


def _ground(row: Row, grounds: dict[str, Ground]) -> Ground:
    found = [grounds[chip.subnet] for chip in row.chips if chip.subnet in grounds]
    return found[0] if found else Ground.UNKNOWN if Ground.UNKNOWN in grounds.values() else Ground.PRIVATE


def _label(row: Row, places: dict[str, str]) -> str:
    """Title, note, and what stands in each zone and subnet."""
    found: dict[str, list[str]] = {}
    for chip in row.chips:
        found.setdefault(places.get(chip.subnet, chip.subnet), []).append(chip.title)
    lines = [row.title, row.note, *(f"{place}: {words.listed(titles)}" for place, titles in found.items())]
    return "<br/>".join(_escaped(line) for line in lines if line)


def _edge(connection: Connection, names: dict[str, str]) -> str:
    text = connection.text or words.sockets(connection.open)
    return f'{names[connection.source]} {_ARROWS[connection.line]}|"{_escaped(text)}"| {names[connection.target]}'


def _escaped(text: str) -> str:
    """Text inside quotes: Mermaid takes entities for its own signs."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
