"""The reading use cases: describe, reach-check, snapshot. Never here: how a verdict is reached (reach/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fargate_net.app.wire import connect, saved
from fargate_net.engine.observe import observe
from fargate_net.errors import UsageError
from fargate_net.kinds.base import Scope
from fargate_net.kinds.service import Service
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.model.probe import Probed
from fargate_net.model.report import Report
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Answer, Disposition, Matrix, Question, ReachChange
from fargate_net.reach.ask import ask, question
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import remedied

if TYPE_CHECKING:
    from fargate_net.app import Wire
    from fargate_net.app.wishes import Wish
    from fargate_net.spec.models import Stack


FROM_HERE = "what is open to the internet"
"""The heading of what nobody asked about, but probes are to try."""


@dataclass(frozen=True)
class Checked:
    """What reach-check found. ``groups`` keeps the answers under the headings they were asked for.

    ``probed`` are the real connections that were tried, by the question they belong to.
    """

    groups: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    matrix: Matrix | None = None
    changes: tuple[ReachChange, ...] | None = None
    missing: tuple[str, ...] = ()
    probed: Mapping[Question, Probed] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer, in the order of the groups."""
        return tuple(answer for group in self.groups.values() for answer in group)

    @property
    def met(self) -> bool:
        """Every expectation holds; a question without one counts as met only when it is reachable.

        A connection that should come about and does not counts as not met. What was asked for the probes alone counts
        by them alone.
        """
        answers = (answer for title, group in self.groups.items() if title != FROM_HERE for answer in group)
        return all(
            answer.met if answer.met is not None else answer.verdict is Disposition.REACHABLE for answer in answers
        ) and not any(tried.disagrees for tried in self.probed.values())


def describe(paths: Sequence[Path], wire: Wire, *, cluster: str | None, service: str | None) -> Report:
    """See ``app.describe``."""
    from fargate_net.reach.report import cluster_name, report

    if paths:
        from fargate_net.app.wishes import Wish

        return describe_stack(Wish(paths, wire), service)
    live = look(wire, cluster=cluster, service=service)
    chosen = [
        found
        for found in live.of(Service).values()
        if (cluster is None or cluster_name(found) == cluster) and (service is None or found.props.name == service)
    ]
    if not chosen and live.unknown("service") is None:
        raise UsageError(
            f"No service{f' {service}' if service else ''} was found{f' in cluster {cluster}' if cluster else ''}.",
            hint="Name a cluster with --cluster, or check --region and --profile.",
        )
    return report(Network(live), chosen)


def describe_stack(wish: Wish, service: str | None = None) -> Report:
    """The report of a spec's stack, or of one service of it."""
    from fargate_net.reach.report import report

    wanted = wish.service_names()
    if service is not None and service not in wanted:
        raise UsageError(f"The spec has no service {service}.", hint=f"It has: {', '.join(sorted(wanted))}.")
    chosen = [
        found
        for found in wish.live.of(Service).values()
        if found.stack == wish.name and (service is None or found.key == f"service/{service}")
    ]
    return report(Network(wish.live), chosen)


def look(wire: Wire, *, cluster: str | None = None, service: str | None = None, vpc: str | None = None) -> Snapshot:
    """Everything reach needs to know about a cluster, a VPC, or the whole Region."""
    scope = Scope(
        clusters=frozenset({cluster}) if cluster else None,
        services=frozenset({service}) if service else None,
        vpcs=frozenset({vpc}) if vpc else None,
    )
    return observe(connect(wire), scope)


def reach_check(
    paths: Sequence[Path],
    wire: Wire,
    *,
    planned: bool,
    cluster: str | None,
    service: str | None,
    source: str | None,
    target: str | None,
    via: str | None,
    all_pairs: bool,
    against: Path | None,
    probe: bool,
) -> Checked:
    """See ``app.reach_check``."""
    if probe:
        from fargate_net.app.probing.checks import insist_on_a_world

        insist_on_a_world(wire, planned=planned, source=source, all_pairs=all_pairs, against=against)
    if (source is None) != (target is None):
        raise UsageError("A question needs both ends.", hint="Give --from and --to, as in --from internet --to web:80.")
    stack, world = world_of(paths, wire, planned=planned, cluster=cluster, service=service)
    network = Network(world)
    missing = tuple(sorted({f"{fact.call}: {fact.why}" for fact in world.missing}))
    if against is not None:
        from fargate_net.reach.delta import changes

        other = Network(observe(saved(against), Scope()))
        return Checked(changes=changes(other, network), missing=missing)
    if all_pairs:
        from fargate_net.reach.classes import matrix

        return Checked(matrix=matrix(network), missing=missing)
    if source is not None and target is not None:
        given = remedied(network, ask(network, question(source, target, via=via)))
        return _tried(network, {"": (given,)}, missing, probe=probe)
    groups = dict(_usual_questions(network, stack, cluster, service))
    if probe:
        from fargate_net.app.probing.checks import from_here

        services = network.snapshot.of(Service).values()
        names = {found.props.name for found in services if _asked(found, stack, cluster, service)}
        groups |= {FROM_HERE: opened} if (opened := from_here(network, groups.values(), names)) else {}
    return _tried(network, groups, missing, probe=probe)


def _tried(
    network: Network, groups: Mapping[str, tuple[Answer, ...]], missing: tuple[str, ...], *, probe: bool
) -> Checked:
    """The answers, with real connections beside those about the internet when these were asked for."""
    if not probe:
        return Checked(groups, missing=missing)
    from fargate_net.app.probing.checks import probed

    return Checked(groups, missing=missing, probed=probed(network, groups.values()))


def world_of(
    paths: Sequence[Path], wire: Wire, *, planned: bool, cluster: str | None, service: str | None
) -> tuple[Stack | None, Snapshot]:
    """What to judge, and the spec if there is one: planned, live, saved, or someone else's."""
    if not paths:
        if planned:
            raise UsageError("--planned judges a spec.", hint="Name the spec: fargatenet reach-check SPEC --planned")
        return None, look(wire, cluster=cluster, service=service)
    from fargate_net.app.preflight.run import insist
    from fargate_net.app.wishes import Wish

    wish = Wish(paths, wire, offline=planned)
    if wish.stack.stack is None:
        if planned:
            raise UsageError("The file holds expectations only; there is nothing to plan.", hint="Leave --planned out.")
        return wish.stack, look(wire, cluster=cluster, service=service)
    if planned:
        insist(wish)
    return wish.stack, wish.foreseen if planned else wish.live


def _usual_questions(
    network: Network, stack: Stack | None, cluster: str | None, service: str | None
) -> Iterator[tuple[str, tuple[Answer, ...]]]:
    from fargate_net.app.balanced import balancer_paths
    from fargate_net.reach.startup import check

    if stack is not None and stack.reach:
        yield "expectations", tuple(remedied(network, ask(network, asked)) for asked in expectations(stack))
        if stack.stack is None:
            return
    services = sorted(
        (found for found in network.snapshot.of(Service).values() if _asked(found, stack, cluster, service)),
        key=lambda found: found.props.name,
    )
    if not services and (stack is None or stack.stack is not None):
        unknown = network.snapshot.unknown("service")
        named, where = f" {service}" if service else "", f" in cluster {cluster}" if cluster else ""
        raise UsageError(
            f"There is no service{named} to check{where}."
            if unknown is None
            else f"The services are not known: {unknown.why}",
            hint="Ask a question instead: fargatenet reach-check --from A --to B:PORT"
            if stack is None
            else "Run `fargatenet up` first, or add --planned.",
        )
    for found in services:
        yield f"start-up of {found.props.name}", tuple(one.answer for one in check(network, found))
        if stack is None and (through := tuple(balancer_paths(network, found))):
            yield f"load balancers of {found.props.name}", through
        checks = tuple(_health_checks(network, found))
        if checks:
            yield f"health checks of {found.props.name}", checks


def _health_checks(network: Network, service: Found[Service]) -> Iterator[Answer]:
    """Whether balancers can check the service's targets, one answer for each target group that has some."""
    for entry in sorted(service.props.targets, key=lambda entry: str(entry.target_group)):
        group = network.snapshot.get(TargetGroup, str(entry.target_group))
        if group is None or not (service.planned or group.props.targets is None or group.props.targets):
            continue
        port = entry.port if group.props.health.port == "traffic-port" else int(group.props.health.port)
        question = Question(
            source=f"health checks of {group.props.name}",
            target=service.props.name,
            protocol="tcp",
            ports=(port, port),
            expect=Disposition.REACHABLE,
        )
        judge = partial(_health, question, group.id)
        yield remedied(network, judge(network), judge)


def _health(question: Question, group: str, network: Network) -> Answer:
    from fargate_net.reach.health import health

    path = health(network, group)
    return Answer(question, path.verdict, blockers=path.blockers, missing=path.missing)


def _asked(found: Found[Service], stack: Stack | None, cluster: str | None, service: str | None) -> bool:
    from fargate_net.reach.report import cluster_name

    if stack is not None and stack.stack is not None and found.stack != stack.stack:
        return False
    return (cluster is None or cluster_name(found) == cluster) and (service is None or found.props.name == service)


def expectations(stack: Stack) -> Iterator[Question]:
    """The spec's `reach:` entries as questions."""
    for wish in stack.reach:
        yield question(wish.source, wish.to, via=wish.via, expect=Disposition(wish.expect))


def expected(stack: Stack, world: Snapshot) -> tuple[Answer, ...]:
    """The verdicts on the spec's `reach:` entries in a world."""
    network = Network(world)
    return tuple(ask(network, asked) for asked in expectations(stack))


def snapshot(folder: Path, wire: Wire, *, cluster: str | None, vpc: str | None) -> tuple[Path, ...]:
    """See ``app.snapshot``."""
    from fargate_net.aws.recorder import Recorder

    recorder = Recorder(connect(wire), folder)
    scope = Scope(
        clusters=frozenset({cluster}) if cluster else None,
        vpcs=frozenset({vpc}) if vpc else None,
    )
    observe(recorder, scope)
    return tuple(sorted(folder.rglob("*.json")))
