"""docs/errors.md tells every class of the family, its exit code, and a sentence that the class really says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from fargate_net.aws.codes import of_client
from fargate_net.errors import AwsError, FargateNetError
from tests.docs.write import DOCS

PAGE = (DOCS / "errors.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n### ")[1:]}


def family(
    root: type[FargateNetError] = FargateNetError, depth: int = 0
) -> Iterator[tuple[type[FargateNetError], int]]:
    yield root, depth
    for child in root.__subclasses__():
        if child.__module__ == "fargate_net.errors":
            yield from family(child, depth + 1)


CLASSES = [one for one, _ in family()]


def test_no_section_without_a_class() -> None:
    assert set(SECTIONS) == {one.__name__ for one in CLASSES}


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: one.__name__)
def test_section_tells_the_exit_code(one: type[FargateNetError]) -> None:
    said = re.search(r"^Exit code (\d+)", SECTIONS[one.__name__], re.MULTILINE)
    assert said
    assert int(said[1]) == one.exit_code


@pytest.mark.parametrize("one", [one for one in CLASSES if one is not FargateNetError], ids=lambda one: one.__name__)
def test_section_has_a_sentence(one: type[FargateNetError]) -> None:
    assert "\n> " in SECTIONS[one.__name__]


@pytest.mark.parametrize("one", [one for one in CLASSES if issubclass(one, AwsError)], ids=lambda one: one.__name__)
def test_sentence_of_aws_is_one_of_that_class(one: type[AwsError]) -> None:
    quoted = " ".join(line[2:] for line in SECTIONS[one.__name__].splitlines() if line.startswith("> "))
    parts = re.fullmatch(r"(\w+) (\w+) failed: (.*) \(([\w.]+)\)\.(?: (.*))?", quoted)
    assert parts, quoted
    service, call, message, code, hint = parts.groups()
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", call).lower()
    error = of_client(ClientError({"Error": {"Code": code, "Message": message}}, call), f"{service}.{snake}")
    assert type(error) is one
    assert error.what == f"{service} {call} failed: {message} ({code})."
    assert not hint or error.hint == hint


def test_tree_is_the_family() -> None:
    drawn = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert drawn
    lines = drawn[1].splitlines()
    shown = [(re.sub(r"\W", "", line), (len(line) - len(line.lstrip("│├└─ "))) // 4) for line in lines]
    assert sorted(shown) == sorted((one.__name__, depth) for one, depth in family())
