"""Where the spec wants text but people write numbers: environment variables, tags, arguments.

Never here: anything that changes the meaning of a value; a number becomes exactly what was written.
"""

from __future__ import annotations

from typing import Any

from fargate_net.spec.yaml_nodes import Node

TEXTUAL_KEYS = frozenset({"environment", "tags", "command", "entry_point", "user"})
"""Keys below which every scalar is text. `PORT: 080` in an environment stays `080`."""


def plain(node: Node) -> Any:
    """Plain data of a document, with the text of numbers and booleans below ``TEXTUAL_KEYS``."""
    if node.entries is not None:
        return {
            key: child.plain(as_text=True) if key in TEXTUAL_KEYS else plain(child)
            for key, (_, child) in node.entries.items()
        }
    if node.items is not None:
        return [plain(child) for child in node.items]
    return node.value
