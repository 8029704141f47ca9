"""Containers of a task among themselves: names, order of start, health checks, Exec.

Sources: ECS API Reference, ContainerDefinition, ContainerDependency, HealthCheck; ECS Developer Guide, ECS Exec.
Never here: ports (ports.py), environment (plain_secrets.py).
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault
from fargate_net.spec.wording import nearest


def container_names(draft: Draft) -> Iterator[Fault]:
    """No two containers of a task share a name."""
    for _, service, path in draft.services():
        seen: set[str] = set()
        for index, item in enumerate(service.containers):
            if item.name in seen:
                message = f"Two containers of the service are called `{item.name}`."
                yield Fault((*path, "containers", index, "name"), message, "Give each its own name.")
            seen.add(item.name)


def essential(draft: Draft) -> Iterator[Fault]:
    """A task without an essential container cannot be registered."""
    for _, service, path in draft.services():
        if draft.sound(*path, "containers") and not any(item.essential for item in service.containers):
            message = "No container of the service is essential, so nothing keeps the task running."
            yield Fault((*path, "containers"), message, "Remove `essential: false` from the main one.", "key")


def start_order(draft: Draft) -> Iterator[Fault]:
    """Containers wait for others of the same task, never in a circle, and for conditions that can come true."""
    for _, service, path in draft.services():
        by_name = {item.name: item for item in service.containers}
        for index, item in enumerate(service.containers):
            for number, wait in enumerate(item.depends_on):
                here = (*path, "containers", index, "depends_on", number)
                other = by_name.get(wait.container)
                if other is None:
                    if draft.sound(*path, "containers"):
                        yield Fault(
                            here, f"The task has no container `{wait.container}`.", nearest(wait.container, by_name)
                        )
                elif wait.condition == "HEALTHY" and other.health is None:
                    message = f"`{other.name}` has no health check, so it never becomes healthy."
                    yield Fault(here, message, "Give it `health:`, or wait for START.")
                elif wait.condition in ("COMPLETE", "SUCCESS") and other.essential:
                    message = f"`{other.name}` is essential: when it ends, the whole task stops."
                    yield Fault(here, message, "Set `essential: false` there.")
        graph = {item.name: {wait.container for wait in item.depends_on} for item in service.containers}
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            circle = " → ".join(error.args[1])
            message = f"Containers wait for each other in a circle: {circle}."
            yield Fault((*path, "containers"), message, "Remove one `depends_on`.", "key")


def health_command(draft: Draft) -> Iterator[Fault]:
    """A health command begins with CMD or CMD-SHELL."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            if item.health is None:
                continue
            kind, *rest = item.health.command
            here = (*path, "containers", index, "health", "command")
            if kind not in ("CMD", "CMD-SHELL"):
                message = f'A health command begins with CMD or CMD-SHELL, not with "{kind[:40]}".'
                yield Fault(here, message, 'Write ["CMD-SHELL", "curl -f http://localhost/"].')
            elif kind == "CMD-SHELL" and len(rest) != 1:
                message = f"CMD-SHELL takes one shell line, not {len(rest)} arguments."
                yield Fault(here, message, "Join them to one text, or use CMD.")


def exec_needs_writable_root(draft: Draft) -> Iterator[Fault]:
    """The agent of ECS Exec writes to the root file system of the container."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            if service.exec and item.read_only_root:
                message = "`exec` does not work in a container with a read-only root file system."
                where = (*path, "containers", index, "read_only_root")
                yield Fault(where, message, "Remove `read_only_root` here, or `exec` from the service.")


def image_name(draft: Draft) -> Iterator[Fault]:
    """An image is named by registry, repository and tag, not by URL."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            where = (*path, "containers", index, "image")
            if "://" in item.image:
                yield Fault(where, "An image has no scheme.", f'Write "{item.image.split("://", 1)[1][:100]}".')
            elif any(letter.isspace() for letter in item.image):
                yield Fault(where, "The name of an image holds no spaces.", "Remove them.")


RULES = (container_names, essential, start_order, health_command, exec_needs_writable_root, image_name)
