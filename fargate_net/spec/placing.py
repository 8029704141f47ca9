"""From a path in the document to a line and column.

Never here: messages.
"""

from __future__ import annotations

from typing import Literal

from fargate_net.spec.fault import Path
from fargate_net.spec.yaml_nodes import Node, Place


def place(root: Node, path: Path, at: Literal["value", "key"]) -> Place:
    """Where the value at the path begins, or its key. A path that is not written leads to the nearest key above."""
    node, key = root, root.place
    for step in path:
        if node.entries is not None and isinstance(step, str) and step in node.entries:
            key, node = node.entries[step]
        elif node.entries is not None and isinstance(step, int) and step < len(node.entries):
            # A mapping where the long form has a list, as in `depends_on: {db: HEALTHY}`.
            key, node = list(node.entries.values())[step]
        elif node.items is not None and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            key = node.place
        else:
            return key
    return key if at == "key" else node.place
