"""VPC Block Public Access: the account's switch over every internet gateway of a Region. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Exclusion:
    """``resource`` is a VPC or subnet id; ``mode`` is ``allow-bidirectional`` or ``allow-egress``."""

    id: str
    resource: str
    mode: str


@dataclass(frozen=True)
class BlockPublicAccess:
    """``mode`` is ``off``, ``block-bidirectional`` or ``block-ingress``.

    ``assumed`` is True when a saved snapshot says nothing and ``off`` is taken for granted.
    """

    kind: ClassVar[str] = "block_public_access"
    mode: str
    exclusions: tuple[Exclusion, ...] = ()
    assumed: bool = False
