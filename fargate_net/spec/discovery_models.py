"""How services of a stack find each other: Cloud Map and Service Connect.

Never here: balancers, public names.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fargate_net.spec.base import Model, PortNumber, Rows
from fargate_net.spec.expose_models import To

Record = Literal["A", "AAAA", "SRV"]


class CloudMapDiscovery(Model):
    """A Cloud Map service that ECS fills with the private addresses of the tasks.

    ECS Developer Guide, Use service discovery to connect Amazon ECS services with DNS names. One per service.
    """

    namespace: str = Field(
        description="Name of a private DNS namespace that the stack makes; or the id or ARN of an existing one."
    )
    name: str = Field(default="", description="Name in the namespace. Default: the name of the service.")
    records: Rows[Record] = Field(
        default=("A", "SRV"),
        min_length=1,
        description="Record types. Default: A and SRV, or A alone when the service declares no port.",
    )
    ttl: int = Field(default=10, ge=0, le=2147483647, description="Seconds that resolvers may keep the answer.")
    to: To | None = Field(
        default=None,
        description=(
            "Port in the SRV record. Default: the only declared port, or the only one that balancers and Service "
            "Connect lead to. None without SRV."
        ),
    )

    @property
    def is_existing(self) -> bool:
        """True when the namespace is given by id or ARN: someone else made it."""
        return self.namespace.startswith(("ns-", "arn:"))


class ServiceConnectDiscovery(Model):
    """A place in a Service Connect namespace (ECS Developer Guide, Service Connect). One per service."""

    namespace: str = Field(description="Name of a namespace that the stack makes; or the ARN of an existing one.")
    port: To | None = Field(
        default=None, description="Port to offer: `container:port`. Without it the service is only a client."
    )
    name: str = Field(default="", description="Name that clients use. Default: the name of the service.")
    listen: PortNumber | None = Field(
        default=None, description="Port that clients use. Default: the port of `port`. None for a client only."
    )

    @property
    def is_existing(self) -> bool:
        """True when the namespace is given by ARN: someone else made it."""
        return self.namespace.startswith("arn:")


class Discovery(Model):
    """One way to be found by other services: exactly one of the two."""

    cloud_map: CloudMapDiscovery | None = Field(default=None, description="DNS records in a private namespace.")
    service_connect: ServiceConnectDiscovery | None = Field(default=None, description="The ECS proxy beside each task.")
