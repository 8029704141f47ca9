"""From a Wire to something that answers reads and writes. Never here: boto3 (the aws room has it)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fargate_net.errors import UsageError

if TYPE_CHECKING:
    from fargate_net.app import Wire
    from fargate_net.kinds.base import Aws


def connect(wire: Wire, region: str | None = None) -> Aws:
    """The wire's answering side; ``region`` is the spec's, used when the command line names none.

    Raises UsageError for a spec and a command line that name different Regions.
    """
    if wire.region and region and wire.region != region:
        raise UsageError(
            f"The spec is for {region}, the command line says {wire.region}.",
            hint="Leave --region out, or change the spec.",
        )
    if wire.snapshot is not None:
        return saved(wire.snapshot)
    from fargate_net.aws.connect import connect

    return connect(wire.profile, wire.region or region, wire.endpoint_url, sandbox_region=wire.sandbox_region)


def saved(folder: Path) -> Aws:
    """Saved responses as an answering side."""
    from fargate_net.aws.saved import Saved

    return Saved(folder)
