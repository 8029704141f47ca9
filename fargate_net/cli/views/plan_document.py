"""A plan as a document for programs: ``plan --output json``, and the ``plan`` line of a run's JSON lines.

Never here: sentences for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fargate_net.cli.views import words
from fargate_net.cli.views.documents import answer
from fargate_net.cli.views.documents import change as reach_change
from fargate_net.model.change import Change, FieldChange
from fargate_net.model.finding import Finding

if TYPE_CHECKING:
    from fargate_net.app.wishes import PlanView


def document(view: PlanView) -> dict[str, Any]:
    """The whole plan, version 1."""
    return {
        "version": 1,
        "stack": view.plan.stack,
        "region": view.stack.region,
        "empty": view.plan.is_empty,
        "counts": view.plan.counts,
        "changes": [change(item) for item in view.plan.changes],
        "reach": [reach_change(row) for row in dict.fromkeys((*view.opens, *view.closes))],
        "cost": {"currency": "USD", "before": view.cost_before, "after": view.cost_after},
        "findings": [finding(item) for item in view.findings],
        "notes": list(view.notes),
        "expectations": [answer(item) for item in view.answers],
    }


def finding(item: Finding) -> dict[str, str]:
    """One finding of the look ahead."""
    return {"severity": item.severity, "code": item.code, "sentence": item.sentence, "hint": item.hint}


def change(item: Change) -> dict[str, Any]:
    """One change. A property value that is no scalar is text; ``known`` is false when it is known after up only."""
    return {
        "action": item.action,
        "key": item.key,
        "id": item.id,
        "fields": [_field(field) for field in item.fields],
        "interrupts": item.interrupts or "none",
        "note": item.note,
    }


def _field(item: FieldChange) -> dict[str, Any]:
    before, after = words.pair(item.before, item.after)
    return {"name": item.name, "before": _plain(before), "after": _plain(after), "known": not words.waits(item.after)}


def _plain(given: Any) -> Any:
    return given if given is None or isinstance(given, (bool, int, float, str)) else words.value(given)
