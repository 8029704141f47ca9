"""The common ground of all spec models: frozen, strict, closed to unknown keys.

Never here: a model of a concrete part of the spec, AWS rules.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

Rows = Annotated[tuple[Item, ...], Field(strict=False)]
"""A list in YAML, a tuple in Python: the models must not change after they are loaded."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
"""A TCP or UDP port number."""


class Model(BaseModel):
    """A part of the spec. Values keep the type they have in the file; nothing is guessed from another type."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=False, validate_default=False
    )
