"""All checks of a plan, and in which order. Never here: a check.

Every check is a generator of findings over one ``Case``. What may not be read is a warning, never a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fargate_net.app.preflight import borrowed, ground, names, offers, outlook, permissions, placing, quotas, room
from fargate_net.app.preflight.case import Case
from fargate_net.app.preflight.protection import protected
from fargate_net.errors import UsageError
from fargate_net.model.change import Plan
from fargate_net.model.finding import Finding

if TYPE_CHECKING:
    from fargate_net.app.wishes import Wish

Check = Callable[[Case], Iterable[Finding]]

BORROWED: tuple[Check, ...] = (
    ground.network,
    borrowed.cluster,
    borrowed.groups,
    borrowed.listeners,
    borrowed.namespaces,
)
"""Whether what somebody else made is there, and is what the spec calls it."""

CHECKS: tuple[Check, ...] = (
    *BORROWED,
    placing.balancers,
    placing.services,
    room.room,
    names.lost,
    names.balancing,
    names.families,
    names.roles,
    names.zones,
    names.ranges,
    offers.endpoints,
    offers.fargate,
    quotas.quotas,
)
"""What every plan is checked for, in the order in which a person would look."""


def insist(wish: Wish) -> None:
    """Raise UsageError when the spec builds on what is not there, or is not what the spec calls it.

    For those who draw a stack and make nothing: a verdict or a template for such ground would be about nothing.
    """
    if not wish.borrows:
        return
    case = Case.of(wish, wish.plan())
    errors = [finding for check in BORROWED for finding in check(case) if finding.is_error]
    if errors:
        raise UsageError(" ".join(error.sentence for error in errors), hint=errors[0].hint)


def preflight(wish: Wish, plan: Plan, *, dry_runs: bool = False) -> tuple[Finding, ...]:
    """The findings on a plan, errors first; none for a plan that changes nothing, and then nothing is read either.

    ``dry_runs`` also asks EC2 whether the caller may make what the plan makes (Amazon EC2 API Reference, Common query
    parameters, DryRun): for runs only, since whoever plans need not be allowed to build.
    """
    if plan.is_empty:
        return ()
    case = Case.of(wish, plan)
    found = [finding for check in CHECKS for finding in check(case)]
    if not any(finding.is_error for finding in found):
        # A world that cannot be built needs no forecast.
        found += outlook.outlook(case, wish.foreseen)
    found += protected(case.live, plan)
    if dry_runs:
        found += permissions.permissions(case)
    found += case.unread
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.is_error))
