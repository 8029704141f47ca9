"""Raw data to models: every wrong shape becomes a fault, and the rest goes on to the rules.

Validation runs again and again; what it refuses is left out each time, so that one wrong port does not hide a
wrong subnet. What was left out is remembered: a rule must not complain of something that is missing only here.
Never here: wording of faults (wording.py), rules between fields (rules/).
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fargate_net.spec.fault import MOST_FAULTS, Draft, Fault, Path, above, written
from fargate_net.spec.models import Stack
from fargate_net.spec.wording import worded

_ROUNDS = 20


def shape(raw: Any) -> tuple[Draft | None, list[Fault]]:
    """The draft of plain data, and a fault for each value, key or item that had to be left out.

    Without a draft the data is not a spec at all.
    """
    faults: list[Fault] = []
    broken: set[Path] = set()
    gaps: dict[Path, tuple[int, ...]] = {}
    data = raw
    for _ in range(_ROUNDS):
        try:
            stack = Stack.model_validate(data)
        except ValidationError as error:
            doomed: set[Path] = set()
            known = above(broken)
            for found in _deepest(error.errors(include_url=False)):
                path = _walk(data, found["loc"])
                doomed.add(path)
                place = written(path, gaps)
                if len(faults) <= MOST_FAULTS and place not in known:
                    fault = worded(found, path)
                    faults.append(Fault(place, fault.message, fault.hint, fault.at))
            if () in doomed:
                return None, faults
            broken |= {written(path, gaps) for path in doomed}
            data = _without(data, doomed, above(doomed), (), gaps)
        else:
            services = raw.get("services") if isinstance(raw, dict) else None
            names = tuple(services) if isinstance(services, dict) else ()
            return Draft(stack, names, frozenset(broken), gaps), faults
    return None, faults


def _deepest(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without errors about a whole of which a part is wrong as well: a list is not empty when its items are wrong."""
    above = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
    return [error for error in errors if error["loc"] not in above]


def _walk(data: Any, loc: tuple[str | int, ...]) -> Path:
    """The path of the nearest written value; steps that only the long form has are skipped."""
    path: Path = ()
    for step in loc:
        if isinstance(data, dict):
            inside = step in data
        else:
            inside = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if inside:
            data = data[step]
            path = (*path, step)
    return path


def _without(
    data: Any, doomed: set[Path], touched: frozenset[Path], here: Path, gaps: dict[Path, tuple[int, ...]]
) -> Any:
    """A copy of the data without the doomed paths; positions of dropped list items are added to ``gaps``."""
    if here not in touched:
        return data
    if isinstance(data, dict):
        return {
            key: _without(value, doomed, touched, (*here, key), gaps)
            for key, value in data.items()
            if (*here, key) not in doomed
        }
    if isinstance(data, list):
        kept = [
            _without(value, doomed, touched, (*here, index), gaps)
            for index, value in enumerate(data)
            if (*here, index) not in doomed
        ]
        place = written(here, gaps)
        dropped = [written((*here, index), gaps)[-1] for index in range(len(data)) if (*here, index) in doomed]
        if dropped:
            gaps[place] = tuple(sorted({*gaps.get(place, ()), *(index for index in dropped if isinstance(index, int))}))
        return kept
    return data
