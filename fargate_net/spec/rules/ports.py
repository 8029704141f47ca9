"""Ports of a task: all containers share one address, so they share one set of ports.

Source: ECS API Reference, PortMapping.
Never here: ports of balancers.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault


def one_owner(draft: Draft) -> Iterator[Fault]:
    """A port of the task belongs to one container and one protocol."""
    for _, service, path in draft.services():
        owners: dict[int, tuple[str, str]] = {}
        for index, item in enumerate(service.containers):
            for number, port in enumerate(item.ports):
                where = (*path, "containers", index, "ports", number)
                if port.port not in owners:
                    owners[port.port] = (item.name, port.protocol)
                    continue
                owner, protocol = owners[port.port]
                if owner != item.name:
                    message = f"Port {port.port} is already used by container `{owner}` of this task."
                    yield Fault(where, message, "Containers of a task share one address: use another port.")
                elif protocol != port.protocol:
                    message = f"Port {port.port} is declared for {protocol} and {port.protocol}."
                    yield Fault(where, message, "ECS takes one protocol for a port: use another port for the second.")
                else:
                    yield Fault(where, f"Port {port.port} is declared twice.", "Remove one.")


def port_names(draft: Draft) -> Iterator[Fault]:
    """Names of ports are unique in a task."""
    for _, service, path in draft.services():
        seen: set[str] = set()
        for index, item in enumerate(service.containers):
            for number, port in enumerate(item.ports):
                if port.name and port.name in seen:
                    where = (*path, "containers", index, "ports", number, "name")
                    yield Fault(where, f"Two ports of the task are called `{port.name}`.", "Give each its own name.")
                seen.add(port.name or "")


def app_protocol(draft: Draft) -> Iterator[Fault]:
    """HTTP, HTTP/2 and gRPC run over TCP."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            for number, port in enumerate(item.ports):
                if port.app_protocol and port.protocol == "udp":
                    where = (*path, "containers", index, "ports", number, "app_protocol")
                    yield Fault(
                        where, f"{port.app_protocol} does not run over UDP.", "Remove `app_protocol` or use tcp."
                    )


RULES = (one_owner, port_names, app_protocol)
