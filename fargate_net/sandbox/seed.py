"""What the sandbox's account owns before anything is made: two domains, and every certificate that a listener names.

On AWS a domain and its certificate take people and mail; here they would only stand between a newcomer and the example.

Never here: anything that a stack makes itself.
"""

from __future__ import annotations

from typing import Any

DOMAINS = ("app.io", "example.com")
COMMENT = "A domain of the sandbox's account"


def install() -> None:
    """Let a listener take any ACM certificate ARN, and a zone that a user makes step into the place of ours."""
    from moto.elbv2 import models
    from moto.route53.models import Route53Backend

    moto_create = Route53Backend.create_hosted_zone

    def create_hosted_zone(self: Any, name: str, private_zone: bool, *given: Any, **named: Any) -> Any:
        for zone in list(self.zones.values()):
            if zone.comment == COMMENT and zone.name == name and not private_zone and _is_empty(zone):
                del self.zones[zone.resource_id]
        return moto_create(self, name, private_zone, *given, **named)

    Route53Backend.create_hosted_zone = create_hosted_zone  # type: ignore[method-assign]
    models.register_certificate = _take  # type: ignore[attr-defined]
    models.ELBv2Backend._certificate_exists = lambda self, certificate_arn: True  # type: ignore[method-assign]


def _take(account_id: str, region: str, arn_certificate: str, arn_user: str) -> None:
    """ACM is not asked; it would only note that the certificate is in use."""


def _is_empty(zone: Any) -> bool:
    return all(record.type in ("NS", "SOA") for record in zone.rrsets)


def domains(account: str) -> None:
    """Make the public hosted zones of the domains."""
    from moto.route53.models import route53_backends

    backend: Any = route53_backends[account]["aws"]
    held = {zone.name.rstrip(".") for zone in backend.zones.values()}
    for name in DOMAINS:
        if name not in held:
            backend.create_hosted_zone(
                name=f"{name}.",
                private_zone=False,
                caller_reference=f"sandbox-{name}",
                vpcid=None,
                vpcregion=None,
                comment=COMMENT,
                delegation_set_id=None,
            )
