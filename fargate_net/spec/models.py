"""The whole spec as frozen models: what the user wrote, in its long form, with every default filled in.

Short forms of the file are gone here, so readers never branch on the shape of a value.
Never here: boto3, region look-ups, rules between fields (rules/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from fargate_net.spec import derived
from fargate_net.spec.base import Model, Rows
from fargate_net.spec.discovery_models import (
    CloudMapDiscovery,
    Discovery,
    Record,
    ServiceConnectDiscovery,
)
from fargate_net.spec.expose_models import (
    TLS_POLICY,
    AccessLogs,
    AlbExpose,
    DnsExpose,
    DnsName,
    Expose,
    NlbExpose,
    TargetHealth,
    To,
)
from fargate_net.spec.network_models import Egress, ExistingSubnets, Network, SubnetChoice, Zones
from fargate_net.spec.service_models import (
    AllowFrom,
    Container,
    DependsOn,
    Deployment,
    Health,
    Log,
    Port,
    Scaling,
    Service,
)

__all__ = [
    "TLS_POLICY",
    "AccessLogs",
    "AlbExpose",
    "AllowFrom",
    "CloudMapDiscovery",
    "Cluster",
    "Container",
    "DependsOn",
    "Deployment",
    "Discovery",
    "DnsExpose",
    "DnsName",
    "Egress",
    "ExistingSubnets",
    "Expectation",
    "Expose",
    "Health",
    "Log",
    "Network",
    "NlbExpose",
    "Port",
    "Record",
    "Scaling",
    "Service",
    "ServiceConnectDiscovery",
    "Stack",
    "SubnetChoice",
    "TargetHealth",
    "To",
    "Zones",
]


class Cluster(Model):
    """The ECS cluster. Without `existing` the stack makes one of its own name. Short form: the name of one."""

    existing: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-]{1,255}$", description="Name of a cluster that someone else made."
    )
    container_insights: Literal["disabled", "enabled", "enhanced"] = Field(
        default="disabled", description="CloudWatch Container Insights of the stack's own cluster; costs by the metric."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"existing": raw} if isinstance(raw, str) else raw


class Expectation(Model):
    """A sentence about the network that must hold: checked by plan, up and reach-check."""

    source: str = Field(alias="from", description="Who opens the connection: an endpoint, as in `internet`.")
    to: str = Field(description="Where to: an endpoint with port and protocol, as in `web:80` or `web:53/udp`.")
    via: str | None = Field(default=None, description="The way: `alb`, `nlb`, `direct` or `lb/NAME`; any when absent.")
    expect: Literal["reachable", "blocked", "partial"] = Field(default="reachable", description="The verdict to meet.")


class Stack(Model):
    """One spec: a stack of services in one network, or nothing but expectations about someone else's."""

    stack: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9-]*$",
        max_length=40,
        description="Name of the stack: tags and the names of resources derive from it.",
    )
    region: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$",
        description="AWS region; without it, the usual look-up of the AWS tools.",
    )
    cluster: Cluster = Field(default_factory=Cluster, description="The ECS cluster.")
    tags: Mapping[str, str] = Field(default_factory=dict, description="Tags on every resource of the stack.")
    network: Network = Field(default_factory=Network, description="The network the services live in.")
    services: Mapping[str, Service] = Field(default_factory=dict, max_length=500, description="The services by name.")
    reach: Rows[Expectation] = Field(
        default=(), max_length=2000, description="What must be reachable, and what must not."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return derived.stack(raw)

    @property
    def is_expectations_only(self) -> bool:
        """True when the file wishes for nothing and only judges a network that someone else built."""
        return self.stack is None
