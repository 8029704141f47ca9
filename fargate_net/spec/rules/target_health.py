"""Health checks of target groups.

Sources: ELB guides, Health checks for your target groups; ELB API Reference, CreateTargetGroup and Matcher.
Never here: health checks inside containers (containers.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault
from fargate_net.spec.models import AlbExpose


def timing(draft: Draft) -> Iterator[Fault]:
    """A check must end before the next one begins."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            entry = item.alb or item.nlb
            if entry is None:
                continue
            check, where = entry.health, (*path, "expose", index, "alb" if item.alb else "nlb", "health")
            if check.timeout >= check.interval and draft.sound(*where):
                message = f"The timeout of {check.timeout} s is not below the interval of {check.interval} s."
                at = (*where, "timeout") if "timeout" in check.model_fields_set else (*where, "interval")
                yield Fault(at, message, f"Use a timeout of at most {check.interval - 1}, or a longer interval.")
        for index, container in enumerate(service.containers):
            if container.health and container.health.timeout > container.health.interval:
                timeout, interval = container.health.timeout, container.health.interval
                message = f"The timeout of {timeout} s is above the interval of {interval} s."
                yield Fault((*path, "containers", index, "health"), message, "Use a shorter timeout.", "key")


def protocol(draft: Draft) -> Iterator[Fault]:
    """An `alb` checks by HTTP; what only HTTP has means nothing to a TCP check."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            entry = item.alb or item.nlb
            if entry is None:
                continue
            check, where = entry.health, (*path, "expose", index, "alb" if item.alb else "nlb", "health")
            if check.protocol != "tcp":
                continue
            if item.alb:
                message = "An `alb` cannot check by TCP."
                yield Fault((*where, "protocol"), message, "Use http or https.")
                continue
            for key in ("path", "codes"):
                if key in check.model_fields_set:
                    message = f"A check by TCP has no `{key}`."
                    yield Fault((*where, key), message, "Remove it, or use `protocol: http`.", "key")


def codes(draft: Draft) -> Iterator[Fault]:
    """Answer codes lie in the range that the balancer takes."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            entry = item.alb or item.nlb
            if entry is None or entry.health.protocol == "tcp":
                continue
            low, high = 200, 599
            if isinstance(entry, AlbExpose):
                low, high = (0, 99) if entry.protocol_version == "grpc" else (200, 499)
            for part in entry.health.codes.split(","):
                first, _, last = part.partition("-")
                start, end = int(first), int(last or first)
                if not low <= start <= end <= high:
                    where = (*path, "expose", index, "alb" if item.alb else "nlb", "health", "codes")
                    yield Fault(where, f'"{part}" is not within {low} to {high}.', "Write it as in 200 or 200-299.")
                    break


def port(draft: Draft) -> Iterator[Fault]:
    """A check on a port that no container declares is likely a slip."""
    for _, service, path in draft.services():
        declared = {item.port for container in service.containers for item in container.ports}
        for index, item in enumerate(service.expose):
            entry = item.alb or item.nlb
            if entry is None or entry.health.port is None or entry.health.port in declared:
                continue
            if draft.sound(*path, "containers"):
                where = (*path, "expose", index, "alb" if item.alb else "nlb", "health", "port")
                message = f"No container declares port {entry.health.port}."
                yield Fault(where, message, "Add it to the `ports` of the container that answers.", is_warning=True)


RULES = (timing, protocol, codes, port)
