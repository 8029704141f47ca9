"""What answers behind a network interface: the ports that a container listens on, and whether it feels well.

ECS writes it when a task runs; the load balancers' health checks read it. Neither knows the other.

Never here: network rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .stores import kept_by


@dataclass(frozen=True)
class Application:
    """The processes behind one interface. `healthy` False: they answer health checks with an error."""

    ports: frozenset[int]
    healthy: bool = True


class _Applications:
    """The applications of one region, by interface id."""

    def __init__(self) -> None:
        self.behind: dict[str, Application] = {}


def listen(backend: Any, interface_id: str, application: Application) -> None:
    """From now on the application answers behind the interface."""
    kept_by(backend, _Applications).behind[interface_id] = application


def silence(backend: Any, interface_id: str) -> None:
    """From now on nothing answers behind the interface."""
    kept_by(backend, _Applications).behind[interface_id] = Application(frozenset())


def forget(backend: Any, interface_id: str) -> None:
    """The interface is gone."""
    kept_by(backend, _Applications).behind.pop(interface_id, None)


def behind(backend: Any, interface_id: str) -> Application | None:
    """What answers behind an interface; None when nobody said, which health checks take for a listener."""
    return kept_by(backend, _Applications).behind.get(interface_id)
