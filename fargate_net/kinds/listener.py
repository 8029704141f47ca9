"""A listener of a balancer: a port, and what is done with what arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class Action:
    """``type`` is ``forward``, ``redirect``, ``fixed-response`` or an authentication step.

    ``target_groups`` pairs (group, weight). ``detail`` is what a redirect or fixed response answers, as canonical text
    (``HTTPS:443 301``, ``404 text/plain``).
    """

    type: str
    target_groups: tuple[tuple[Id, int], ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Listener:
    """``protocol`` is HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, …; ``certificate`` the default one, ``""`` for none."""

    kind: ClassVar[str] = "listener"
    load_balancer: Id
    port: int
    protocol: str
    actions: tuple[Action, ...]
    certificate: str = ""
    policy: str = ""
    attributes: frozenset[tuple[str, str]] = frozenset()
