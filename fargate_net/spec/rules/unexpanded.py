"""Values that look as if someone should fill them in: nothing is ever interpolated.

Never here: the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fargate_net.spec.fault import Draft, Fault, Path

_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*[^}]*\}|\{\{[^}]*\}\}")
_SHELL = frozenset({"command", "entry_point"})


def references(draft: Draft) -> Iterator[Fault]:
    """`${NAME}` stays as it is. Commands are left alone: a shell in the container may expand it there."""
    yield from _walk(draft.stack.model_dump(by_alias=True, exclude_unset=True), ())


def _walk(value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _SHELL:
                yield from _walk(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))
    elif isinstance(value, str) and (found := _REFERENCE.search(value)):
        message = f"{found[0][:60]} is not replaced by anything: it stays as it is."
        yield Fault(path, message, "Write the value itself.", is_warning=True)


RULES = (references,)
