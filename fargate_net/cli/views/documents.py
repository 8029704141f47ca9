"""Answers, the matrix and reports as the documents that the contract promises to programs.

Never here: printing, tables; a key that is promised is never left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fargate_net.cli.views.words import endpoint
from fargate_net.model.report import ContainerRow, DiscoveryRow, EndpointRow, Report, ServiceRow, StoppedRow, TaskRow
from fargate_net.model.verdict import Answer, Blocker, Hop, Matrix, Open, Path, ReachChange, Remedy


def answers_document(answers: Iterable[Answer]) -> dict[str, Any]:
    """``reach-check``: every answer, in the order of the questions."""
    return {"version": 1, "answers": [answer(item) for item in answers]}


def changes_document(changes: Iterable[ReachChange], missing: Iterable[str] = ()) -> dict[str, Any]:
    """``reach-check --against``: what opened and closed since the snapshot was saved."""
    return {"version": 1, "changes": [change(row) for row in changes]} | _missing(missing)


def answer(given: Answer) -> dict[str, Any]:
    """One answer. ``missing`` (the facts that are not known) and ``via`` are there only when they say something."""
    question = given.question
    document: dict[str, Any] = {
        "from": question.source,
        "to": endpoint(question),
        "expect": question.expect.value if question.expect else None,
        "met": given.met,
        "verdict": given.verdict.value,
        "open": [open_document(entry) for entry in given.open],
        "blockers": [_blocker(item) for item in given.blockers],
        "paths": [_path(item) for item in given.paths],
        "assumptions": list(given.assumptions),
    }
    if question.via:
        document["via"] = question.via
    if given.missing:
        document["missing"] = list(given.missing)
    if given.remedy is not None:
        document["remedy"] = _remedy(given.remedy)
    return document


def matrix_document(matrix: Matrix, missing: Iterable[str] = ()) -> dict[str, Any]:
    """``reach-check --all``: classes of interfaces, and the pairs that are open or cannot be known."""
    document: dict[str, Any] = {
        "version": 1,
        "classes": [
            {
                "id": item.id,
                "members": list(item.members),
                "subnet": item.subnet,
                "security_groups": list(item.security_groups),
                "services": list(item.services),
            }
            | ({"names": list(item.names)} if item.names else {})
            for item in matrix.classes
        ],
        "matrix": [
            {"from": cell.source, "to": cell.target, "open": [open_document(entry) for entry in cell.open]}
            | ({"unknown": cell.unknown} if cell.unknown else {})
            for cell in matrix.cells
        ],
    }
    return document | ({"assumptions": list(matrix.assumptions)} if matrix.assumptions else {}) | _missing(missing)


def report_document(report: Report) -> dict[str, Any]:
    """``describe``: every service; ``missing`` only when some fact could not be read."""
    document: dict[str, Any] = {"version": 1, "services": [_service(row) for row in report.services]}
    return document | _missing(report.missing)


def change(row: ReachChange) -> dict[str, Any]:
    """Connections that open or close between two endpoints."""
    return {
        "from": row.source,
        "to": row.target,
        "opens": [open_document(entry) for entry in row.opened],
        "closes": [open_document(entry) for entry in row.closed],
        "note": row.note,
    }


def open_document(entry: Open) -> dict[str, Any]:
    """A set of open connections as the contract writes it; what narrows it only where it does."""
    always = {"protocol": entry.protocol, "ports": list(entry.ports), "client_ports": list(entry.client_ports)}
    limits = {"tasks": entry.tasks, "zones": entry.zones, "clients": entry.clients, "addresses": entry.addresses}
    return always | {name: list(names) for name, names in limits.items() if names}


def _missing(facts: Iterable[str]) -> dict[str, Any]:
    """The facts that could not be read; the key is there only when there are some."""
    listed = list(facts)
    return {"missing": listed} if listed else {}


def _blocker(item: Blocker) -> dict[str, Any]:
    return {
        "code": item.code,
        "direction": item.direction,
        "component": item.component,
        "rule": item.rule,
        "detail": item.detail,
        "fix": item.fix,
    }


def _remedy(item: Remedy) -> dict[str, Any]:
    """``opens`` and ``closes`` are what the change does to others."""
    document = {"sentence": item.sentence, "spec": list(item.spec), "opens": list(item.opens)}
    return document | ({"closes": list(item.closes)} if item.closes else {})


def _path(item: Path) -> dict[str, Any]:
    return {"forward": [_hop(hop) for hop in item.forward], "return": [_hop(hop) for hop in item.back]}


def _hop(hop: Hop) -> dict[str, Any]:
    rule = {"rule": hop.rule} if hop.rule else {}
    return {"component": hop.component, "kind": hop.kind, **rule, "action": hop.action}


def _service(row: ServiceRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "cluster": row.cluster,
        "status": row.status,
        "desired": row.desired,
        "running": row.running,
        "pending": row.pending,
        "endpoints": [_endpoint(item) for item in row.endpoints],
        "tasks": [_task(item) for item in row.tasks],
        "stopped": [_stopped(item) for item in row.stopped],
        "events": list(row.events),
    }


def _endpoint(item: EndpointRow) -> dict[str, Any]:
    document = {"type": item.type, "url": item.url, "dns_name": item.dns_name, "scheme": item.scheme}
    return document | ({"stale": item.stale} if item.stale else {})


def _task(item: TaskRow) -> dict[str, Any]:
    subnet = item.subnet
    return {
        "id": item.id,
        "status": item.status,
        "zone": item.zone,
        "subnet": subnet
        and {"id": subnet.id, "cidr": subnet.cidr, "public": subnet.public, "free_ips": subnet.free_ips},
        "eni": item.eni,
        "private_ip": item.private_ip,
        "public_ip": item.public_ip,
        "ipv6": item.ipv6,
        "security_groups": [{"id": group, "name": name} for group, name in item.security_groups],
        "containers": [_container(container) for container in item.containers],
        "targets": [
            {"target_group": t.target_group, "port": t.port, "state": t.state, "reason": t.reason} for t in item.targets
        ],
        "discovery": [_discovery(entry) for entry in item.discovery],
        "reach": dict(item.reach),
    }


def _container(item: ContainerRow) -> dict[str, Any]:
    ports = [{"port": port, "protocol": protocol} for port, protocol in item.ports]
    return {"name": item.name, "ports": ports, "health": item.health}


def _discovery(item: DiscoveryRow) -> dict[str, Any]:
    return {"name": item.name, "ip": item.ip, "port": item.port}


def _stopped(item: StoppedRow) -> dict[str, Any]:
    return {"id": item.id, "reason": item.reason, "cause": item.cause, "code": item.code, "fix": item.fix}
