"""Names and tags: what AWS and the names derived from them allow.

Sources: ECS API Reference, Tag and CreateService; Resource Groups Tagging API, tag naming limits.
Never here: names of containers and ports (the models have their patterns).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fargate_net.spec.fault import Draft, Fault, Path

_NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
RESERVED = frozenset({"internet", "task", "lb", "aws", "any", "all"})
_TAG = re.compile(r"^[\w\s+\-=._:/@]*$")
_MOST_TAGS = 40


def service_names(draft: Draft) -> Iterator[Fault]:
    """A service name becomes part of names of groups, roles and DNS records."""
    for name in draft.names:
        path: Path = ("services", name)
        if name in RESERVED:
            message = f"`{name}` has a meaning of its own in `reach` and cannot be the name of a service."
            yield Fault(path, message, "Choose another name.", "key")
        elif not _NAME.match(name) or name.endswith("-"):
            message = f"`{name[:60]}` is not a name for a service."
            hint = "Use lower-case letters, digits and hyphens, at most 40; begin with a letter, end without a hyphen."
            yield Fault(path, message, hint, "key")


def stack_name(draft: Draft) -> Iterator[Fault]:
    """What is wished for needs a name; what is only judged needs none."""
    stack = draft.stack
    if stack.stack is not None:
        if stack.stack.endswith("-"):
            yield Fault(("stack",), f'"{stack.stack}" ends with a hyphen.', "Remove it.")
        if not draft.names:
            message = "The stack has no services: only its network is made."
            yield Fault(("stack",), message, "Write them under `services:`.", "key", is_warning=True)
        return
    if not draft.sound("stack"):
        return
    wished = [key for key in ("services", "network", "cluster", "tags") if key in stack.model_fields_set]
    if wished or draft.names:
        message = f"`{wished[0] if wished else 'services'}` is given, but the stack has no name."
        hint = "Write `stack: <name>`: tags and names derive from it."
        yield Fault((wished[0] if wished else "services",), message, hint, "key")
    elif not stack.reach and draft.sound():
        message = "The file wishes for nothing and expects nothing."
        yield Fault((), message, "Write `stack:` and `services:`, or `reach:`.")


def tags(draft: Draft) -> Iterator[Fault]:
    """Tags are few, short and not in a reserved space."""
    yield from _tags(draft.stack.tags, ("tags",))
    for _, service, path in draft.services():
        yield from _tags(service.tags, (*path, "tags"))
        total = len({*draft.stack.tags, *service.tags})
        if total > _MOST_TAGS:
            message = f"Stack and service have {total} tags together; AWS takes 50, some of which are the tool's own."
            yield Fault((*path, "tags"), message, f"Use at most {_MOST_TAGS}.", "key")


def _tags(given: Mapping[str, str], path: Path) -> Iterator[Fault]:
    for key, value in given.items():
        here = (*path, key)
        if not key or len(key) > 128 or not _TAG.match(key):
            hint = "Use 1 to 128 letters, digits, spaces and + - = . _ : / @."
            yield Fault(here, f"`{key[:40]}` is not a key for a tag.", hint, "key")
        elif key.casefold().startswith(("aws:", "fargatenet:")):
            message = f"Tags that begin with `{key.split(':')[0]}:` are reserved."
            yield Fault(here, message, "Choose another key.", "key")
        if len(value) > 256 or not _TAG.match(value):
            hint = "Use at most 256 letters, digits, spaces and + - = . _ : / @."
            yield Fault(here, "This is not a value for a tag.", hint)


RULES = (service_names, stack_name, tags)
