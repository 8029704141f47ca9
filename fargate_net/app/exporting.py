"""The way out: a spec's stack in the form of another tool. Never here: what a template looks like (export/)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fargate_net.app.preflight.run import insist
from fargate_net.app.wishes import Wish, region_of_environment
from fargate_net.blueprint import names
from fargate_net.blueprint.draw import draw
from fargate_net.export.cloudformation import Exported, export

if TYPE_CHECKING:
    from fargate_net.app import Wire

MOST_RESOURCES = 500
"""Resources in one template (CloudFormation User Guide, Understand CloudFormation quotas)."""


def cloudformation(paths: Sequence[Path], wire: Wire) -> Exported:
    """See ``app.cloudformation``."""
    wish = Wish(paths, wire, offline=True)
    wish.name  # noqa: B018 - says why there is nothing to export
    insist(wish)
    # Not the wish's graph: it leaves records of task addresses out without a word.
    made = export(draw(wish.stack, wish.facts), wish.name, partial(names.tags, wish.stack))
    return replace(made, notes=(*_notes(wish, wire, made), *made.notes))


def _notes(wish: Wish, wire: Wire, made: Exported) -> Iterator[str]:
    """What a person must know who takes the template to another place."""
    region = wish.facts.region
    if wish.facts.offline and not (wire.region or wish.stack.region or region_of_environment()):
        yield f"The spec names no Region: the template is drawn for {region}. Give --region for another."
    zones = wish.stack.network.zones
    if wish.facts.offline and not zones.names:
        drawn = {item.props.zone for item in wish.graph if item.kind == "subnet"}
        named = ", ".join(sorted(drawn))
        if named:
            yield f"Nobody was asked which zones {region} has: it stands in {named}. Name others in `network.zones`."
    if (count := len(made.template["Resources"])) > MOST_RESOURCES:
        yield f"The template has {count} resources; CloudFormation takes {MOST_RESOURCES}. Split the spec."
