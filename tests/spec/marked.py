"""Specs with a mark where a problem must be reported."""

from __future__ import annotations

import textwrap

from fargate_net.errors import Problem, SpecError
from fargate_net.spec.load import Loaded, load_text

MARK = "»"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"


def place(marked: str) -> tuple[str, int, int]:
    """The text without its mark, and the line and column of the mark; 0, 0 without one."""
    if MARK not in marked:
        return marked, 0, 0
    before = marked[: marked.index(MARK)]
    return marked.replace(MARK, ""), before.count("\n") + 1, len(before) - before.rfind("\n")


def problems(text: str) -> tuple[Problem, ...]:
    try:
        load_text(text)
    except SpecError as error:
        return error.problems
    return ()


def warnings(text: str) -> tuple[Problem, ...]:
    return loaded(text).warnings


def loaded(text: str) -> Loaded:
    return load_text(text)


def stack(*, network: str = "egress: endpoints", service: str = "", container: str = "", more: str = "") -> str:
    """A spec of one service `web` with one container `app`, port 80, and YAML lines added at each level."""
    ports = "" if "ports:" in container else "ports: [80]\n"
    image = "" if "image:" in container else f"image: {ECR}\n"
    lines = ["stack: shop", "region: eu-west-1", "network:", _block(network, 2), "services:", "  web:"]
    lines += ["    containers:", "      - name: app", _block(image + ports + container, 8), _block(service, 4)]
    return "\n".join(line for line in [*lines, _block(more, 0)] if line) + "\n"


def _block(text: str, indent: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * indent)
