"""``fargatenet reach-check``: verdicts and their reasons. Never here: judging."""

from __future__ import annotations

from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, maybe_specs


@click.command("reach-check")
@maybe_specs
@click.option("--planned", is_flag=True, help="Judge the network that SPEC would make, before anything exists.")
@click.option("--cluster", metavar="NAME", help="Judge this ECS cluster, whoever built it.")
@click.option("--service", metavar="NAME", help="Only this service.")
@click.option("--from", "source", metavar="A", help="Who opens the connection: internet, web, task/ID, 10.0.0.0/8, ...")
@click.option("--to", "target", metavar="B[:PORT[/PROTO]]", help="Where to: web:80, lb/NAME:443, aws:ecr.api, ...")
@click.option("--via", metavar="WAY", help="Only this way: alb, nlb, direct or lb/NAME.")
@click.option("--all", "all_pairs", is_flag=True, help="The matrix of all pairs, as classes of interfaces.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="With --all: write the matrix as a page to look at.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Say what opened and closed since this snapshot was saved.",
)
@click.option(
    "--probe", is_flag=True, help="Also open real TCP connections from here to what the internet should reach."
)
@aws_options(saved=True)
def reach_check(
    door: Door,
    spec: tuple[Path, ...],
    planned: bool,
    cluster: str | None,
    service: str | None,
    source: str | None,
    target: str | None,
    via: str | None,
    all_pairs: bool,
    html: Path | None,
    against: Path | None,
    probe: bool,
) -> int:
    """Say who can reach what, through which hops, and what blocks, with the rule that decides and its cure.

    With SPEC and no question: its reach expectations and what each service needs to start. With --cluster or --service
    and no question: start-up needs and balancer paths. Exit code 3 when an expectation is not met, or when the one
    question asked is not reachable; unknown is never reachable. With --probe also when a connection that should come
    about does not: each is tried for two seconds, from this machine.
    """
    _check(spec, planned, source, target, via, all_pairs, against)
    if html is not None and not all_pairs:
        raise click.UsageError("--html is a page of the matrix: add --all.")
    from fargate_net import app
    from fargate_net.cli.judged import show, write_page

    checked = app.reach_check(
        spec, door.wire(), planned=planned, cluster=cluster, service=service, source=source, target=target,
        all_pairs=all_pairs, against=against, via=via, probe=probe,
    )  # fmt: skip
    if html is not None:
        write_page(checked, html)
    return show(door, checked, asked=source is not None)


def _check(
    spec: tuple[Path, ...],
    planned: bool,
    source: str | None,
    target: str | None,
    via: str | None,
    all_pairs: bool,
    against: Path | None,
) -> None:
    if planned and not spec:
        raise click.UsageError("--planned judges a spec: name the file.")
    if (source is None) != (target is None):
        given, absent = ("--from", "--to") if target is None else ("--to", "--from")
        raise click.UsageError(f"{given} needs {absent}: a question has two ends.")
    if via is not None and source is None:
        raise click.UsageError("--via belongs to a question: add --from and --to.")
    modes = [
        name
        for name, on in (("--all", all_pairs), ("--against", against is not None), ("--from", source is not None))
        if on
    ]
    if len(modes) > 1:
        raise click.UsageError(f"{' and '.join(modes)} ask different things: give one of them.")
