"""The picture of a spec's stack, of a cluster, or of what a folder holds.

Never here: what stands where (rows.py), who reaches whom (lines.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fargate_net.app.picturing.lines import expected, lines, outward
from fargate_net.app.picturing.rows import vpcs
from fargate_net.app.reaching import expectations, world_of
from fargate_net.errors import UsageError
from fargate_net.kinds.service import Service
from fargate_net.model.picture import Picture, Row
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Question
from fargate_net.reach.classes import matrix
from fargate_net.reach.network import Network
from fargate_net.reach.report import cluster_name

if TYPE_CHECKING:
    from fargate_net.app import Wire
    from fargate_net.spec.models import Stack


def graph(paths: Sequence[Path], wire: Wire, *, planned: bool, cluster: str | None) -> Picture:
    """See ``app.graph``."""
    if not paths and cluster is None and wire.snapshot is None:
        raise UsageError(
            "There is nothing to draw: neither a spec nor a cluster is named.",
            hint="Name one: fargatenet graph SPEC, or fargatenet graph --cluster C",
        )
    stack, seen = world_of(paths, wire, planned=planned, cluster=cluster, service=None)
    chosen = [found for found in seen.of(Service).values() if _asked(found, stack, cluster)]
    if not chosen:
        missing = seen.unknown("service")
        raise UsageError(
            f"The services are not known: {missing.why}" if missing else "There is no service to draw.",
            hint="Run `fargatenet up` first, or add --planned."
            if paths
            else "Check --cluster, --region and --profile.",
        )
    return picture(seen, chosen, _title(stack, cluster, seen, planned), () if stack is None else expectations(stack))


def picture(seen: Snapshot, services: Iterable[Found[Service]], title: str, questions: Iterable[Question]) -> Picture:
    """The picture of these services in a network, with the questions that expect something."""
    network = Network(seen)
    pairs = matrix(network)
    boxes = vpcs(network, services)
    out = outward(network, boxes, pairs)
    boxes = tuple(replace(box, rows=tuple(_with_way_out(row, out) for row in box.rows)) for box in boxes)
    missing = sorted({f"{fact.call}: {fact.why}" for fact in seen.missing})
    notes = [f"not known: {fact}" for fact in missing]
    connections = (*lines(network, boxes, pairs), *expected(network, boxes, questions))
    return Picture(title, boxes, connections, (*notes, *(f"assumed: {text}" for text in pairs.assumptions)))


def _with_way_out(row: Row, out: frozenset[str]) -> Row:
    if row.kind != "service":
        return row
    way = "may call the internet" if row.id in out else "no way to the internet"
    return replace(row, note=f"{row.note}; {way}")


def _asked(found: Found[Service], stack: Stack | None, cluster: str | None) -> bool:
    if stack is not None and stack.stack is not None and found.stack != stack.stack:
        return False
    return cluster is None or cluster_name(found) == cluster


def _title(stack: Stack | None, cluster: str | None, seen: Snapshot, planned: bool) -> str:
    what = (
        f"stack {stack.stack}" if stack is not None and stack.stack else f"cluster {cluster}" if cluster else "network"
    )
    where = f" in {seen.region}" if seen.region else ""
    return f"{what[:1].upper()}{what[1:]}{where}{', as planned' if planned else ''}"
