"""The use cases: what the door calls, as plain functions that return data or iterators.

Every room is imported when it is first needed, so that `--help` costs nothing. Never here: click, rich, print, boto3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fargate_net.app.access.policy import Policy
    from fargate_net.app.reaching import Checked
    from fargate_net.app.running import Run
    from fargate_net.app.wishes import PlanView
    from fargate_net.export.cloudformation import Exported
    from fargate_net.model.picture import Picture
    from fargate_net.model.report import Report
    from fargate_net.spec.load import Loaded


@dataclass(frozen=True)
class Wire:
    """Where reads and writes go: a profile and Region, an endpoint of our choice, or a folder of saved responses.

    ``state`` is the folder for journals; None means no journal. ``sandbox_region`` is the Region of the sandbox, for
    those who name none anywhere.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    snapshot: Path | None = None
    state: Path | None = None
    sandbox_region: str = ""


def starter(name: str, compose: Path | None = None) -> tuple[str, tuple[str, ...]]:
    """The text of a first spec, from nothing or from a Compose file, and what a person must still look at.

    Raises SpecError for a Compose file that cannot be read.
    """
    from fargate_net.spec import starter

    if compose is None:
        return starter.starter(starter.stack_name(name)), ()
    from fargate_net.spec.compose import convert

    converted = convert(compose, starter.stack_name(name))
    return converted.text, converted.notes


def stack_name(text: str) -> str:
    """The nearest name a stack can have: of a folder, for example."""
    from fargate_net.spec.starter import stack_name

    return stack_name(text)


def validate(paths: Sequence[Path]) -> Loaded:
    """Everything that can be known without AWS. Raises SpecError with every problem at once."""
    from fargate_net.spec.load import load

    return load(paths)


def schema() -> dict[str, Any]:
    """The JSON Schema of the spec."""
    from fargate_net.spec.schema import json_schema

    return json_schema()


def plan(paths: Sequence[Path], wire: Wire, *, prune: bool = False) -> PlanView:
    """What `up` would do: resources, reachability that opens and closes, cost, and what stands in the way."""
    from fargate_net.app.preflight.beside import beside
    from fargate_net.app.preflight.run import preflight
    from fargate_net.app.reaching import expected
    from fargate_net.app.wishes import Wish

    wish = Wish(paths, wire)
    view = wish.view(prune=prune)
    findings = (*preflight(wish, view.plan), *beside(wish.live, wish.name))
    return replace(view, findings=findings, answers=expected(wish.stack, wish.foreseen))


def up(
    paths: Sequence[Path], wire: Wire, *, prune: bool = False, timeout: float | None = None, lock: bool = True
) -> Run:
    """A run that makes the stack as the spec says; nothing happens until its events are read."""
    from fargate_net.app.running import up

    return up(paths, wire, prune=prune, timeout=timeout, lock=lock)


def down(
    paths: Sequence[Path], wire: Wire, *, timeout: float | None = None, lock: bool = True, force: bool = False
) -> Run:
    """A run that removes everything with the stack's tags, with ``force`` protected balancers too.

    Nothing happens until its events are read.
    """
    from fargate_net.app.running import down

    return down(paths, wire, timeout=timeout, lock=lock, force=force)


def describe(paths: Sequence[Path], wire: Wire, *, cluster: str | None = None, service: str | None = None) -> Report:
    """Tasks with interface, addresses, ports, health and reach; of a spec's stack, or of any cluster."""
    from fargate_net.app.reaching import describe

    return describe(paths, wire, cluster=cluster, service=service)


def reach_check(
    paths: Sequence[Path],
    wire: Wire,
    *,
    planned: bool = False,
    cluster: str | None = None,
    service: str | None = None,
    source: str | None = None,
    target: str | None = None,
    via: str | None = None,
    all_pairs: bool = False,
    against: Path | None = None,
    probe: bool = False,
) -> Checked:
    """Verdicts: a question, the spec's expectations and start-up needs, all pairs, or two snapshots compared.

    ``probe`` also opens real connections from this machine to what the internet should reach.
    """
    from fargate_net.app.reaching import reach_check

    return reach_check(
        paths,
        wire,
        planned=planned,
        cluster=cluster,
        service=service,
        source=source,
        target=target,
        via=via,
        all_pairs=all_pairs,
        against=against,
        probe=probe,
    )


def graph(paths: Sequence[Path], wire: Wire, *, planned: bool = False, cluster: str | None = None) -> Picture:
    """What stands where and who can open connections to whom: of a spec's stack, or of any cluster."""
    from fargate_net.app.picturing.draw import graph

    return graph(paths, wire, planned=planned, cluster=cluster)


def snapshot(folder: Path, wire: Wire, *, cluster: str | None = None, vpc: str | None = None) -> tuple[Path, ...]:
    """Save the describe responses of a cluster, a VPC or the whole Region; the files written."""
    from fargate_net.app.reaching import snapshot

    return snapshot(folder, wire, cluster=cluster, vpc=vpc)


def cloudformation(paths: Sequence[Path], wire: Wire) -> Exported:
    """The stack as a CloudFormation template, and what of it is not in there. AWS is asked where the spec needs it."""
    from fargate_net.app.exporting import cloudformation

    return cloudformation(paths, wire)


def iam_policy(paths: Sequence[Path], wire: Wire, *, read_only: bool = False, account: str | None = None) -> Policy:
    """The least IAM policy for a spec; ``read_only`` leaves out what only `up` and `down` need."""
    from fargate_net.app.access.policy import iam_policy

    return iam_policy(paths, wire, read_only=read_only, account=account)
