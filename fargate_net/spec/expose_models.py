"""How a service is reached from outside (balancers, DNS) and found by others (Cloud Map, Service Connect).

Never here: listeners, rules, target groups; the drawing makes those.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from fargate_net.spec import short_forms
from fargate_net.spec.base import Model, PortNumber, Rows

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
"""Security policy of HTTPS and TLS listeners: TLS 1.3 and 1.2 only, forward secrecy (ELB guides, Security policies)."""


class To(Model):
    """A declared port of a container. Short form: `container:port`, or the port alone when one container has it."""

    container: str = Field(description="Name of the container.")
    port: PortNumber = Field(description="One of the ports that the container declares.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.to(raw)


class TargetHealth(Model):
    """The health check of a target group (ELB guides, Health checks for target groups)."""

    protocol: Literal["http", "https", "tcp"] = Field(
        default="http", description="`tcp` only behind an NLB, and the default there unless `path` or `codes` is given."
    )
    path: str = Field(default="/", min_length=1, max_length=1024, pattern=r"^/[^\s]*$", description="Path to ask for.")
    port: PortNumber | None = Field(default=None, description="Port to ask; without it, the port of the traffic.")
    interval: int = Field(default=15, ge=5, le=300, description="Seconds between two checks.")
    timeout: int = Field(default=10, ge=2, le=120, description="Seconds to wait for the answer; less than `interval`.")
    healthy: int = Field(default=2, ge=2, le=10, description="Good answers in a row until healthy.")
    unhealthy: int = Field(default=2, ge=2, le=10, description="Bad answers in a row until unhealthy.")
    codes: str = Field(
        default="200-299",
        pattern=r"^[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*$",
        description="Answer codes that count as good: numbers and ranges, joined by commas.",
    )


class DnsName(Model):
    """An alias record in a Route 53 hosted zone of the account: A, and AAAA where the balancer has IPv6."""

    zone: str = Field(description="Name of the hosted zone, as in app.io.")
    name: str = Field(default="", description="Name inside the zone, as in www; empty for the zone itself.")

    @property
    def fqdn(self) -> str:
        """The full name without the last dot."""
        return f"{self.name}.{self.zone}" if self.name else self.zone


class AccessLogs(Model):
    """Access logs of a balancer in an S3 bucket that exists and allows them."""

    bucket: str = Field(min_length=3, max_length=63, description="Name of the bucket.")
    prefix: str = Field(default="", max_length=512, description="Folder in the bucket.")


class AlbExpose(Model):
    """A port behind an Application Load Balancer.

    Entries with equal `internal` and `name` share one balancer. Entries that share the listener on a port
    are told apart by `hosts` and `paths`; the one with neither answers the rest.
    """

    to: To = Field(description="Where requests go: `container:port`.")
    listen: PortNumber = Field(
        default=80, description="Port of the listener. Default: 443 with `certificate`, else 80."
    )
    certificate: str | None = Field(
        default=None, description="ARN of an ACM certificate in the region: the listener then speaks HTTPS."
    )
    tls_policy: str = Field(default=TLS_POLICY, description="Security policy of the HTTPS listener.")
    redirect: bool = Field(
        default=True, description="With `certificate`: port 80 answers 301 to HTTPS, unless an entry listens there."
    )
    hosts: Rows[str] = Field(
        default=(), max_length=5, description="Host names of requests to take; `*` and `?` allowed."
    )
    paths: Rows[str] = Field(default=(), max_length=5, description="Paths of requests to take; `*` and `?` allowed.")
    priority: int | None = Field(
        default=None, ge=1, le=50000, description="Rule priority, only for `listener`; else it is computed."
    )
    internal: bool = Field(default=False, description="Private addresses only.")
    name: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9-]{0,19}$", description="Separates this balancer from others of the stack."
    )
    listener: str | None = Field(
        default=None,
        description=(
            "ARN of an existing HTTP or HTTPS listener: only a rule is added to it. Needs `priority`, and `hosts` or "
            "`paths`; `allow_from` must hold the security group of that balancer."
        ),
    )
    sources: Rows[str] = Field(
        default=("0.0.0.0/0",),
        min_length=1,
        description=(
            "Who may open connections to the balancer: CIDRs, pl- or sg- ids. Default: everyone, or with "
            "`internal` the range of the VPC."
        ),
    )
    dns: DnsName | None = Field(default=None, description="Alias record for the balancer.")
    health: TargetHealth = Field(default_factory=TargetHealth, description="Health check of the targets.")
    target_protocol: Literal["http", "https"] = Field(default="http", description="What the container speaks.")
    protocol_version: Literal["http1", "http2", "grpc"] = Field(
        default="http1", description="Version spoken to targets."
    )
    deregistration_delay: int = Field(
        default=60, ge=0, le=3600, description="Seconds a leaving target may finish work."
    )
    stickiness: int | None = Field(
        default=None, ge=1, le=604800, description="Seconds a client stays with its target, by cookie; off by default."
    )
    idle_timeout: int = Field(
        default=60, ge=1, le=4000, description="Seconds without data until the balancer hangs up."
    )
    access_logs: AccessLogs | None = Field(default=None, description="Where to write access logs; off by default.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.alb(raw)

    @property
    def protocol(self) -> Literal["http", "https"]:
        """What the listener speaks."""
        return "https" if self.certificate else "http"


class NlbExpose(Model):
    """A port behind a Network Load Balancer. Entries with equal `internal` and `name` share one balancer."""

    to: To = Field(description="Where connections go: `container:port`.")
    listen: PortNumber = Field(description="Port of the listener.")
    protocol: Literal["tcp", "tls", "udp"] = Field(default="tcp", description="`tls` ends TLS at the balancer.")
    certificate: str | None = Field(default=None, description="ARN of an ACM certificate; with `tls` only.")
    tls_policy: str = Field(default=TLS_POLICY, description="Security policy of the TLS listener.")
    internal: bool = Field(default=False, description="Private addresses only.")
    name: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9-]{0,19}$", description="Separates this balancer from others of the stack."
    )
    static_ips: bool = Field(default=False, description="One Elastic IP in each zone; not with `internal`.")
    sources: Rows[str] = Field(default=("0.0.0.0/0",), min_length=1, description="As for `alb`: CIDRs, pl- or sg- ids.")
    dns: DnsName | None = Field(default=None, description="Alias record for the balancer.")
    health: TargetHealth = Field(
        default_factory=lambda: TargetHealth(protocol="tcp"), description="Health check of the targets."
    )
    deregistration_delay: int = Field(
        default=60, ge=0, le=3600, description="Seconds a leaving target may finish work."
    )
    preserve_client_ip: bool = Field(
        default=False,
        description="Targets see the client's address. Always true for `udp`, which AWS does not let off.",
    )
    cross_zone: bool = Field(
        default=True, description="Each zone's address serves the targets of all zones. AWS's own default is false."
    )
    idle_timeout: int = Field(
        default=350, ge=60, le=6000, description="Seconds without data until a TCP flow is forgotten; `tcp` only."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.nlb(raw)


class DnsExpose(Model):
    """A record that holds the public IPv4 addresses of the running tasks: no balancer. Written by `up`.

    The addresses change with every task: run `up` again after tasks were replaced.
    """

    zone: str = Field(description="Name of a public hosted zone of the account.")
    name: str = Field(default="", description="Name inside the zone; empty for the zone itself.")
    ttl: int = Field(default=60, ge=0, le=2147483647, description="Seconds that resolvers may keep the answer.")

    @property
    def fqdn(self) -> str:
        """The full name without the last dot."""
        return f"{self.name}.{self.zone}" if self.name else self.zone


class Expose(Model):
    """One way in from outside: exactly one of the three."""

    alb: AlbExpose | None = Field(default=None, description="HTTP and HTTPS through an Application Load Balancer.")
    nlb: NlbExpose | None = Field(default=None, description="TCP, TLS or UDP through a Network Load Balancer.")
    dns: DnsExpose | None = Field(default=None, description="A record of the tasks' public addresses.")
