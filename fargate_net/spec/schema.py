"""The spec for machines and for readers: JSON Schema for editors, Markdown for docs/spec.md. Both from the models.

Never here: text about a field that is not in its description; rules between fields, which no schema can hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fargate_net.spec import models
from fargate_net.spec.wording import bounds, inner_model

SCHEMA_ID = "urn:fargatenet:spec:1"
"""The schema's own name."""

_PORT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 65535}
_SCALARS: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_TEXTS: dict[str, Any] = {"type": "array", "items": _SCALARS}

_SHORT_FORMS: dict[str, list[dict[str, Any]]] = {
    "Port": [_PORT, {"type": "string", "pattern": "^[1-9][0-9]{0,4}(/(tcp|udp))?$"}],
    "To": [_PORT, {"type": "string", "pattern": "^[^:\\s]+:[1-9][0-9]{0,4}$"}],
    "Zones": [{"type": "integer", "minimum": 1, "maximum": 6}, {"type": "array", "items": {"type": "string"}}],
    "SubnetChoice": [{"type": "array", "items": {"type": "string"}}],
    "Health": [{"type": "string"}],
    "DependsOn": [{"type": "string"}],
    "AllowFrom": [{"type": "string"}],
    "Cluster": [{"type": "string"}],
}
"""What a model may be written as instead of a mapping."""

_WIDER: dict[tuple[str, str], dict[str, Any]] = {
    ("Service", "cpu"): {"type": "string", "pattern": "^[0-9.]+ *[vV][cC][pP][uU]$"},
    ("Service", "memory"): {"type": "string", "pattern": "^[0-9.]+ *[gG][bB]$"},
    ("Container", "command"): {"type": ["string", "array"], "items": _SCALARS},
    ("Container", "entry_point"): {"type": ["string", "array"], "items": _SCALARS},
    ("Container", "user"): {"type": "integer"},
    ("Container", "depends_on"): {"type": "object", "additionalProperties": {"type": "string"}},
    ("Container", "environment"): {"type": "object", "additionalProperties": _SCALARS},
    ("Health", "command"): {"type": ["string", "array"], "items": _SCALARS},
    ("Service", "tags"): {"type": "object", "additionalProperties": _SCALARS},
    ("Stack", "tags"): {"type": "object", "additionalProperties": _SCALARS},
}
"""What a field may hold beside its long form."""

_FILLED = {("AlbExpose", "to"), ("NlbExpose", "to")}
"""Required in the models, but filled in when only one port can be meant."""


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a spec file in its short and long forms.

    Every valid spec follows it. The converse does not hold: rules between fields are not in it.
    """
    long = models.Stack.model_json_schema(by_alias=True)
    parts: dict[str, Any] = long.pop("$defs")
    for name, part in [*parts.items(), ("Stack", long)]:
        _widen(name, part)
    defs: dict[str, Any] = {}
    for name, part in parts.items():
        short = _SHORT_FORMS.get(name)
        defs[name] = {"anyOf": [*short, part], "description": part.pop("description", "")} if short else part
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **long,
        "title": "fargatenet spec",
        "patternProperties": {"^x-": {}},
        "$defs": defs,
    }


def markdown() -> str:
    """The reference of the spec: one section for each model, one row for each key."""
    lines = [
        "# The spec",
        "",
        "Generated from the models by `make docs`; do not edit by hand.",
        "",
        "A spec is one YAML file, or several that add up: services and expectations of all files count, all else is",
        "given once. Unknown keys are errors. Nothing is interpolated: `${NAME}` stays as it is. Scalars follow YAML",
        "1.2: only `true` and `false` are booleans, and `22:22`, `080` and `1_000` are text. Top-level keys that begin",
        "with `x-` are not read: they are a place for anchors (`&name`), to be used with `*name` and `<<`.",
        "",
        "A file may hold nothing but `reach` (and `region`): expectations about a network that someone else built.",
        "",
        "Examples to start from are in the folder `examples`.",
        "",
    ]
    for model in _models():
        lines += _section(model)
    return "\n".join(lines).rstrip() + "\n"


def _widen(name: str, part: dict[str, Any]) -> None:
    part.pop("title", None)
    for key, field in part.get("properties", {}).items():
        field.pop("title", None)
        extra = _WIDER.get((name, key))
        if extra:
            kept = {word: field.pop(word) for word in ("description", "default") if word in field}
            part["properties"][key] = {"anyOf": [field, extra], **kept}
    required = [key for key in part.get("required", ()) if (name, key) not in _FILLED]
    if required:
        part["required"] = required
    else:
        part.pop("required", None)


def _models() -> list[type[BaseModel]]:
    """The models in the order in which a reader meets them."""
    found: list[type[BaseModel]] = []
    waiting: list[type[BaseModel]] = [models.Stack]
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found.append(model)
            inner = [child for field in model.model_fields.values() if (child := inner_model(field.annotation))]
            waiting = inner + waiting
    return found


def _section(model: type[BaseModel]) -> list[str]:
    doc = " ".join((model.__doc__ or "").split())
    rows = [f"| `{key}` | {_kind(field)} | {_default(field)} | {_text(field)} |" for key, field in _fields(model)]
    return [
        f"## {model.__name__}",
        "",
        doc,
        "",
        "| key | value | default | meaning |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
    ]


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield field.alias or name, field


def _kind(field: FieldInfo) -> str:
    model = inner_model(field.annotation)
    shown = str(field.annotation)
    if model is not None:
        link = f"[{model.__name__}](#{model.__name__.lower()})"
        if "Mapping" in shown:
            return f"mapping of names to {link}"
        return f"list of {link}" if "tuple" in shown else link
    if "Literal" in shown:
        words = shown[shown.index("Literal[") + 8 :].split("]")[0].replace("'", "").split(", ")
        return ("list of " if "tuple" in shown else "") + ", ".join(f"`{word}`" for word in words)
    if "Mapping" in shown:
        return "mapping of texts"
    kind = "number" if "int" in shown.replace("Interval", "") else "true or false" if "bool" in shown else "text"
    if kind == "number" and (limits := bounds(field)):
        kind = f"number, {limits}"
    return f"list of {kind.replace('number', 'numbers')}{'s' if kind == 'text' else ''}" if "tuple" in shown else kind


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == () or value == "" or value == {}:
        return "none"
    if isinstance(value, BaseModel):
        return "see there"
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _text(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")
