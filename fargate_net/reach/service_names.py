"""The usual DNS names of AWS services: which name a service has, and which service a name means.

Never here: what a name resolves to for a sender (services.py, names.py). (AWS General Reference, Service endpoints and
quotas; Amazon ECR User Guide, Private registries.)
"""

from __future__ import annotations

from dataclasses import replace

from fargate_net.model.verdict import Question
from fargate_net.reach.network import Network

PARTS = {"api.ecr": "ecr.api", "dkr.ecr": "ecr.dkr"}
"""Names that read the other way round than the service they belong to."""

TENANTED = ("dkr.ecr", "s3")
"""Names that stand behind one more label: the account of a registry, a bucket."""

LAYERS = "prod-{region}-starport-layer-bucket"
"""The bucket that holds the layers of Amazon ECR images (Amazon ECR User Guide, Amazon ECR interface VPC endpoints)."""


def usual(service: str, region: str, account: str) -> str:
    """The name that a task asks for: ``api.ecr.eu-west-1.amazonaws.com`` for ``ecr.api``."""
    parts = next((name for name, meant in PARTS.items() if meant == service), service)
    tenant = {"ecr.dkr": account or "0" * 12, "s3": LAYERS.format(region=region)}.get(service, "")
    return f"{tenant + '.' if tenant else ''}{parts}.{region}.amazonaws.com"


def meant(name: str, region: str) -> str:
    """The service of a public name in this Region, ``""`` when it is no such name."""
    head = name.rstrip(".").lower().removesuffix(f".{region}.amazonaws.com")
    if not region or "." not in name or head == name.rstrip(".").lower():
        return ""
    tail = next((held for held in TENANTED if head == held or head.endswith(f".{held}")), head)
    tail = PARTS.get(tail, tail)
    return tail if tail in PARTS.values() or "." not in tail else ""


def spoken(network: Network, question: Question) -> Question:
    """The question with ``aws:ecr.api`` in place of the service's own name, so that both mean the same."""
    service = meant(question.target, network.snapshot.region)
    return replace(question, target=f"aws:{service}") if service else question
