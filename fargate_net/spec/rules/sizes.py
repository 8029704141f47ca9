"""CPU and memory of a task and their shares for its containers.

Sources: ECS Developer Guide, Amazon ECS task definition differences for Fargate (Task CPU and memory);
Service Connect concepts (the proxy needs memory of its own).
Never here: prices.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault

SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: (1024, 2048, 3072, 4096),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
    8192: tuple(range(16384, 61441, 4096)),
    16384: tuple(range(32768, 122881, 8192)),
    32768: (61440, 122880, 249856),
}
"""CPU units of a Linux task, and the MiB of memory that go with them."""

PROXY_MEMORY = 64
"""MiB that the Service Connect proxy needs at the least."""


def nearest_size(cpu: int, memory: int) -> tuple[int, int]:
    """The smallest pair Fargate offers that has enough of both; the largest of all when none has."""
    enough = [(c, m) for c, memories in SIZES.items() for m in memories if c >= cpu and m >= memory]
    return min(enough) if enough else (32768, 249856)


def task_size(draft: Draft) -> Iterator[Fault]:
    """Only some pairs of CPU and memory exist."""
    for _, service, path in draft.services():
        if not draft.sound(*path, "cpu") or not draft.sound(*path, "memory"):
            continue
        memories = SIZES.get(service.cpu)
        cpu, memory = nearest_size(service.cpu, service.memory)
        hint = f"The nearest size with enough of both is cpu: {cpu}, memory: {memory}."
        if memories is None:
            offered = ", ".join(map(str, SIZES))
            yield Fault((*path, "cpu"), f"Fargate has no tasks with {service.cpu} CPU units, only {offered}.", hint)
        elif service.memory not in memories:
            offered = _listed(memories)
            message = (
                f"{service.cpu} CPU units do not go with {service.memory} MiB of memory: Fargate offers {offered}."
            )
            yield Fault((*path, "memory"), message, hint)


def container_shares(draft: Draft) -> Iterator[Fault]:
    """What containers are granted must fit in the task, beside the Service Connect proxy."""
    for _, service, path in draft.services():
        if service.cpu not in SIZES or service.memory not in SIZES[service.cpu]:
            continue
        proxied = any(item.service_connect for item in service.discovery)
        kept = sum(item.memory_reservation or item.memory or 0 for item in service.containers)
        room = service.memory - (PROXY_MEMORY if proxied else 0)
        if kept > room:
            beside = f", of which the Service Connect proxy needs {PROXY_MEMORY}" if proxied else ""
            message = f"The containers are granted {kept} MiB together, but the task has {service.memory}{beside}."
            yield Fault(
                (*path, "containers"), message, "Raise `memory` of the service or lower that of containers.", "key"
            )
        granted = sum(item.cpu or 0 for item in service.containers)
        if granted > service.cpu:
            message = f"The containers are granted {granted} CPU units together, but the task has {service.cpu}."
            yield Fault(
                (*path, "containers"), message, "Raise `cpu` of the service or lower that of containers.", "key"
            )
        for index, item in enumerate(service.containers):
            here = (*path, "containers", index)
            if item.memory and item.memory > service.memory:
                message = f"The container may use {item.memory} MiB, more than the {service.memory} of the task."
                yield Fault((*here, "memory"), message, f"At most {service.memory}.")
            if item.memory and item.memory_reservation and item.memory_reservation > item.memory:
                message = f"{item.memory_reservation} MiB are kept, more than the limit of {item.memory}."
                yield Fault((*here, "memory_reservation"), message, "Lower it, or raise `memory`.")


def proxy_share(draft: Draft) -> Iterator[Fault]:
    """The Service Connect proxy wants 256 CPU units; in the smallest task that leaves nothing."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.discovery):
            if item.service_connect and service.cpu == 256 and draft.sound(*path, "cpu"):
                message = "The Service Connect proxy wants 256 CPU units, all that the task has."
                where = (*path, "discovery", index, "service_connect")
                yield Fault(where, message, "AWS advises cpu: 512 or more.", "key", is_warning=True)


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) <= 7:
        return ", ".join(map(str, numbers[:-1])) + f" or {numbers[-1]}"
    return f"{numbers[0]} to {numbers[-1]} in steps of {numbers[1] - numbers[0]}"


RULES = (task_size, container_shares, proxy_share)
