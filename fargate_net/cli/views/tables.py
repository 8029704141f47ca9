"""What ``describe`` shows, as tables of at most 100 columns: endpoints, tasks, interfaces, stopped tasks, events.

Never here: AWS answers, JSON. No boxes, so that a line can be searched for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from fargate_net.cli.views import words
from fargate_net.cli.views.lines import indented, marked
from fargate_net.model.report import EndpointRow, Report, ServiceRow, StoppedRow, SubnetRow, TaskRow

SHORT_ID = 8
"""Characters of a task id that a person can tell apart; the JSON has the whole id."""
SHOWN_EVENTS = 5
SHOWN_TASKS = 5
"""Of those that stopped for one reason; the JSON has them all."""

_WHOLE = frozenset({"TASK", "STATUS", "ZONE", "ADDRESS", "INTERFACE", "SUBNET"})
_STYLES = {
    "RUNNING": "green",
    "ACTIVE": "green",
    "HEALTHY": "green",
    "healthy": "green",
    "STOPPED": "red",
    "UNHEALTHY": "red",
    "unhealthy": "red",
    "INACTIVE": "red",
    "DRAINING": "yellow",
    "draining": "yellow",
    "PENDING": "yellow",
    "PROVISIONING": "yellow",
    "initial": "yellow",
    "unused": "yellow",
}


def grid(*headers: str, whole: frozenset[str] = frozenset()) -> Table:
    """A table without lines: upper-case headers, two spaces between columns; ``whole`` columns are never broken."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold", no_wrap=header in whole)
    return table


def show(console: Console, report: Report) -> None:
    """Print every service of the report, and what could not be read."""
    for number, service in enumerate(report.services):
        if number:
            console.print()
        _service(console, service)
    if not report.services:
        console.print("There is no service.")
    for fact in report.missing:
        console.print(marked("? not known: ", "yellow").append(fact, style="none"))


def _service(console: Console, service: ServiceRow) -> None:
    head = marked(service.name, "bold")
    head.append(f"  cluster {service.cluster}  ", style="none")
    head.append(service.status, style=_STYLES.get(service.status, "none"))
    complete = service.running == service.desired and not service.pending
    running = f"  {service.running} of {words.count(service.desired, 'task')} running"
    head.append(running, style="green" if complete else "yellow")
    if service.pending:
        head.append(f", {service.pending} pending", style="yellow")
    console.print(head)
    if service.endpoints:
        console.print(Text("Endpoints", style="bold underline"))
        _endpoints(console, service.endpoints)
    if service.tasks:
        _section(console, "Tasks", _tasks(service.tasks))
        _section(console, "Interfaces", _interfaces(service.tasks))
        if any(task.discovery for task in service.tasks):
            _section(console, "Discovery", _discovery(service.tasks))
    if service.stopped:
        _section(console, "Stopped tasks", _stopped(service.stopped))
    if service.events:
        _section(
            console, "Events", Text("\n".join(_event(text, service.name) for text in service.events[:SHOWN_EVENTS]))
        )


def _event(text: str, service: str) -> str:
    """An event of ECS with its time to the second, without the name of the service it stands under."""
    at, _, said = text.partition(" ")
    try:
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except ValueError:
        return text
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC  {said.removeprefix(f'(service {service}) ')}"


def _section(console: Console, title: str, body: Table | Text) -> None:
    console.print(Text(title, style="bold underline"))
    if isinstance(body, Text):
        indented(console, body, by=2)
    else:
        console.print(Padding(body, (0, 0, 0, 2), expand=False))


def _endpoints(console: Console, rows: Iterable[EndpointRow]) -> None:
    """Lines and not a table, so that a URL stays in one piece, whatever its length."""
    console.print(Text(f"  {'TYPE':<16}{'SCHEME':<17}ADDRESS", style="bold"))
    for row in rows:
        head = f"  {row.type.replace('_', ' '):<16}{row.scheme or '-':<17}"
        named = row.dns_name and row.dns_name not in row.url
        lines = [part for part in (row.url, row.dns_name if named else "") if part] or ["-"]
        for number, address in enumerate(lines):
            console.print(Text((head if number == 0 else " " * len(head)) + address), soft_wrap=True)
        if row.stale:
            indented(console, Text(f"stale: {row.stale}", style="yellow"), by=len(head))


def _tasks(rows: Iterable[TaskRow]) -> Table:
    table = grid("TASK", "STATUS", "ADDRESS", "PORTS", "HEALTH", "REACH", whole=_WHOLE)
    for row in rows:
        table.add_row(
            row.id[:SHORT_ID],
            _styled(row.status),
            _addresses(row),
            _ports(row),
            _health(row),
            "\n".join(f"{source}: {phrase}" for source, phrase in row.reach.items()) or "-",
        )
    return table


def _interfaces(rows: Iterable[TaskRow]) -> Table:
    table = grid("TASK", "ZONE", "INTERFACE", "SUBNET", "SECURITY GROUPS", whole=_WHOLE)
    for row in rows:
        groups = "\n".join(f"{group}\n{name}".strip() for group, name in row.security_groups)
        table.add_row(row.id[:SHORT_ID], row.zone or "-", row.eni or "-", _subnet(row.subnet), groups or "-")
    return table


def _discovery(tasks: Iterable[TaskRow]) -> Table:
    table = grid("NAME", "ADDRESS", "PORT", "TASK")
    for task in tasks:
        for row in task.discovery:
            table.add_row(row.name, row.ip, str(row.port) if row.port else "-", task.id[:SHORT_ID])
    return table


def _stopped(rows: Iterable[StoppedRow]) -> Table:
    """Tasks that stopped for the same reason share a row: ten repeats say no more than one."""
    same: dict[tuple[str, str, str, str], list[str]] = {}
    for row in rows:
        same.setdefault((row.reason, row.cause, row.code, row.fix), []).append(row.id[:SHORT_ID])
    table = grid("TASKS", "WHY, AND WHAT TO DO")
    for (reason, cause, code, fix), ids in same.items():
        text = Text(reason or "AWS gives no reason.")
        if cause:
            text.append("\ncause: ", style="bold").append(cause, style="none")
            text.append(f" ({code})" if code else "", style="none")
        if fix:
            text.append("\nfix: ", style="bold").append(fix, style="none")
        more = [f"{len(ids) - SHOWN_TASKS} more"] if len(ids) > SHOWN_TASKS else []
        table.add_row("\n".join([*ids[:SHOWN_TASKS], *more]), text)
    return table


def _subnet(subnet: SubnetRow | None) -> str:
    if subnet is None:
        return "-"
    kind = {True: "public", False: "private", None: "public or not: unknown"}[subnet.public]
    free = "" if subnet.free_ips is None else f", {subnet.free_ips} free"
    return f"{subnet.id}\n{subnet.cidr}\n{kind}{free}"


def _addresses(row: TaskRow) -> str:
    public = f"{row.public_ip} public" if row.public_ip else ""
    return "\n".join(part for part in (row.private_ip, public, row.ipv6) if part) or "-"


def _ports(row: TaskRow) -> str:
    ports = [f"{port}/{protocol} {box.name}" for box in row.containers for port, protocol in box.ports]
    return "\n".join(ports) or "-"


def _health(row: TaskRow) -> Text:
    """The balancers' view of the task, then the containers' own where there is one."""
    lines = []
    for target in row.targets:
        text = _styled(target.state).append(f" :{target.port}", style="none")
        if target.reason:
            text.append(f"\n{target.reason}", style="none")
        lines.append(text)
    for box in row.containers:
        if box.health not in ("", "UNKNOWN"):
            lines.append(_styled(box.health).append(f" {box.name}", style="none"))
    return Text("\n").join(lines) if lines else Text("-")


def _styled(word: str) -> Text:
    return marked(word, _STYLES.get(word, "none"))
