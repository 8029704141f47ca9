"""Spec to graph: everything the stack wishes for, with references where an id is not known yet.

Pure: the same stack and facts give the same graph. Never here: AWS calls, what exists already.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from fargate_net.blueprint.discovery import discovery
from fargate_net.blueprint.dns import dns
from fargate_net.blueprint.egress import egress
from fargate_net.blueprint.endpoints import endpoints
from fargate_net.blueprint.facts import Facts
from fargate_net.blueprint.ingress import ingress
from fargate_net.blueprint.network import network
from fargate_net.blueprint.security import security
from fargate_net.blueprint.service import cluster, services
from fargate_net.blueprint.site import site
from fargate_net.model.resource import Graph, Resource
from fargate_net.spec.models import Stack


def draw(stack: Stack, facts: Facts) -> Graph:
    """The desired graph. UsageError when the facts do not fit the wish (zones, hosted zones, tagged subnets)."""
    ground = site(stack, facts)
    parts: Iterator[Resource] = chain(
        network(ground),
        egress(ground),
        endpoints(ground),
        security(ground),
        cluster(ground),
        services(ground),
        ingress(ground),
        discovery(ground),
        dns(ground),
    )
    return Graph(parts)
