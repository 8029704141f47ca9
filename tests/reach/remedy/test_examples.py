"""What the examples close opens with the lines a remedy tells, put into the spec as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from fargate_net.app import Wire
from fargate_net.app.reaching import reach_check
from fargate_net.app.wishes import Wish
from fargate_net.model.verdict import Answer, Disposition
from fargate_net.reach.ask import question
from tests.reach.remedy.scope import holds

EXAMPLES = Path(__file__).parents[3] / "examples"

MORE = {
    "article.yaml": ["web -> api:8080", "web -> internet:443", "web -> aws:sqs", "internet -> api:8080 via alb"],
    "cloud-map.yaml": ["store -> worker:9090", "worker -> 203.0.113.9:443", "203.0.113.9 -> store:6379"],
    "endpoints.yaml": ["worker -> internet:443", "worker -> aws:kms", "internet -> worker:9090 via nlb"],
    "nat.yaml": ["internet -> crawler:9090"],
    "nlb.yaml": ["203.0.114.7 -> broker:1883 via nlb"],
    "public.yaml": ["203.0.113.9 -> blog:2368 via direct"],
    "service-connect.yaml": ["accounts -> teller:8080 via direct"],
    "two-services-one-alb.yaml": ["api -> web:80 via direct"],
}
"""Questions the examples do not ask themselves, all of them closed."""

NOT_DECLARED = {"internet -> worker:9090 via nlb"}
"""A balancer forwards to a declared port: which container would listen there nobody but the user knows."""


def _asked(spec: Path, text: str) -> Answer:
    """What ``reach-check SPEC --planned --from A --to B`` answers."""
    source, target, via = _parts(text)
    checked = reach_check(
        [spec],
        Wire(),
        planned=True,
        cluster=None,
        service=None,
        source=source,
        target=target,
        via=via,
        all_pairs=False,
        against=None,
        probe=False,
    )
    (answer,) = checked.answers
    return answer


def _closed() -> Iterator[tuple[str, str]]:
    for path in sorted(EXAMPLES.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text())["reach"]:
            if row.get("expect") == "blocked":
                via = f" via {row['via']}" if "via" in row else ""
                port = "" if ":" in row["to"] else ":443" if row["to"] == "internet" else ":9090"
                yield path.name, f"{row['from']} -> {row['to']}{port}{via}"
        for text in MORE.get(path.name, ()):
            yield path.name, text


def _parts(text: str) -> tuple[str, str, str | None]:
    ends, _, via = text.partition(" via ")
    source, _, target = ends.partition(" -> ")
    return source, target, via or None


def put(spec: dict[str, Any], line: str) -> None:
    """One line of a remedy put into a spec: a value replaces, a list adds."""
    path, _, text = line.partition(": ")
    *way, last = path.split(".")
    here: Any = spec
    for key, after in pairwise([*way, last]):
        if isinstance(here, list):
            here = _entry(here, key, after)
        elif not key.isdigit():
            here = here.setdefault(key, {})
    value = yaml.safe_load(text)
    held = here.get(last) or []
    here[last] = [*(held if isinstance(held, list) else [held]), *value] if isinstance(value, list) else value


def _entry(entries: list[Any], key: str, after: str) -> Any:
    """The container of that name, or what is exposed in that way on the port that follows."""
    for entry in entries:
        if entry.get("name") == key:
            return entry
        if key in entry and after in ("", str(entry[key].get("listen", ""))):
            return entry[key]
    raise AssertionError(f"no {key} {after} in {entries}")


@pytest.mark.parametrize(("name", "text"), list(_closed()), ids=lambda value: value.replace(" ", ""))
def test_the_lines_open_it(name: str, text: str, tmp_path: Path) -> None:
    first = _asked(EXAMPLES / name, text)
    assert first.verdict is Disposition.BLOCKED
    made = first.remedy
    assert made is not None
    source, target, via = _parts(text)
    holds(Wish([EXAMPLES / name], Wire(), offline=True).foreseen, question(source, target, via=via))
    if text in NOT_DECLARED:
        assert (made.edits, made.spec) == ((), ())
        return
    assert made.edits or via == "alb", made
    assert made.spec, made
    spec = yaml.safe_load((EXAMPLES / name).read_text())
    for line in made.spec:
        put(spec, line)
    changed = tmp_path / name
    changed.write_text(yaml.safe_dump(spec))
    assert _asked(changed, text).verdict is Disposition.REACHABLE, (made.spec, yaml.safe_dump(spec))
