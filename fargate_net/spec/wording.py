"""What validation refuses, said in a sentence: the value, the rule and the way out.

Never here: rules of its own. Values of environment variables and secrets are never repeated.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fargate_net.spec import words
from fargate_net.spec.fault import Fault, Path
from fargate_net.spec.models import Stack
from fargate_net.spec.yaml_nodes import clip

_MANY = 60
"""Names that are compared letter by letter; of more only the likely ones."""

_SECRET_STEPS = frozenset({"environment", "secrets"})


def worded(error: Mapping[str, Any], path: Path) -> Fault:
    """The fault for one error of a validation of ``Stack``. ``path`` is the nearest place in the file."""
    kind: str = error["type"]
    loc: tuple[str | int, ...] = error["loc"]
    value = error.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(loc, path)
    if kind == "missing":
        model, field = _field(loc)
        thing = words.THINGS.get(model.__name__, "this") if model else "this"
        hint = f"{loc[-1]}: {field.description}" if field and field.description else ""
        return Fault(path, f"{_upper(thing)} needs `{loc[-1]}`.", hint, at="key")
    if value is None:
        return Fault(path, f"{_named(path)} has no value.", "Give one, or remove the key.")
    name = path if path and isinstance(path[-1], str) else loc
    message, hint = _sentence(kind, error.get("ctx", {}), value, loc, quote(value, loc), _named(name))
    return Fault(path, message, hint)


def quote(value: Any, path: Path = ()) -> str:
    """The value as it may be shown in a message."""
    if _SECRET_STEPS & set(path):
        return "the value"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f'"{clip(value)}"' if isinstance(value, str) else clip(str(value))


def nearest(word: str, known: Iterable[str]) -> str:
    """``Did you mean …?`` when one of the known words is near, else an empty string."""
    by_fold = {name.casefold().replace("-", "_"): name for name in known}
    if len(by_fold) > _MANY:
        near = (name for name in by_fold if name[:1] == word[:1].casefold() and abs(len(name) - len(word)) <= 2)
        by_fold = {name: by_fold[name] for name in islice(near, _MANY)}
    folded = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word[:80]).casefold().replace("-", "_")
    close = difflib.get_close_matches(folded, by_fold, n=1, cutoff=0.6)
    return f"Did you mean `{by_fold[close[0]]}`?" if close else ""


def inner_model(kind: Any) -> type[BaseModel] | None:
    """The model that an annotation holds, be it optional, in a list or the value of a mapping."""
    kind = _bare(kind)
    while get_args(kind) and _inside(kind) is not None:
        kind = _inside(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _sentence(kind: str, ctx: Mapping[str, Any], value: Any, loc: Path, said: str, name: str) -> tuple[str, str]:
    model, field = _field(loc)
    if kind in ("int_type", "int_from_float"):
        return f"{_upper(said)} is not a whole number.", _number_hint(value)
    if kind == "string_type":
        is_scalar = isinstance(value, (bool, int, float))
        return f"{_upper(said)} is not text.", "Put it in quotes." if is_scalar else "Write one value."
    if kind == "bool_type":
        return f"{_upper(said)} is neither true nor false.", "Write true or false."
    if kind == "tuple_type":
        return f"{name} takes a list, not {said}.", "Write [ … ], or one item a line after a dash."
    if kind in ("model_type", "model_attributes_type"):
        return _wrong_model(value, loc, said)
    if kind in ("mapping_type", "dict_type"):
        return f"{name} takes a mapping of keys to values, not {said}.", ""
    if kind == "literal_error":
        return _not_a_choice(value, field, loc, said, name)
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"{name} is {said}, outside {bounds(field) if field else 'its range'}.", ""
    if kind == "string_pattern_mismatch":
        rule, hint = words.PATTERNS.get((model.__name__ if model else "", _key(loc)), words.NO_PATTERN)
        return f"{_upper(said)} {rule}.", hint
    if kind == "too_short":
        return f"{name} needs at least {ctx.get('min_length', 1)} item{_s(ctx.get('min_length', 1))}.", ""
    if kind == "too_long":
        limit = ctx.get("max_length", 0)
        return f"{name} takes at most {limit} item{_s(limit)}; here are {len(value)}.", ""
    if kind == "string_too_short":
        return f"{name} needs at least {ctx['min_length']} character{_s(ctx['min_length'])}.", ""
    if kind == "string_too_long":
        return f"{name} takes at most {ctx['max_length']} characters.", ""
    return f"{name} does not take {said}.", ""


def _unknown_key(loc: Path, path: Path) -> Fault:
    key = str(loc[-1])
    model = _model(loc[:-1])
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    thing = words.THINGS.get(model.__name__, "this mapping") if model else "this mapping"
    hint = words.FOREIGN_KEYS.get(key.replace("-", "_").casefold().replace("_", ""), "")
    hint = hint or nearest(key, known) or f"Known keys: {', '.join(known)}."
    return Fault(path, f"`{clip(key)}` is not a key of {thing}.", hint, at="key")


def _wrong_model(value: Any, loc: Path, said: str) -> tuple[str, str]:
    model = _model(loc)
    name = model.__name__ if model else ""
    if name == "Port" and isinstance(value, str):
        if re.match(r"^[\d.]*:?\d+:\d+(/\w+)?$", value):
            return f"{_upper(said)} maps a host port.", words.HOST_PORT
        if re.match(r"^\d+-\d+(/\w+)?$", value):
            return f"{_upper(said)} is a range of ports.", "List each port."
        if re.match(r"^0\d+$", value):
            return f"{_upper(said)} begins with a zero.", f"Write {value.lstrip('0') or '0'}."
    wanted = words.WANTED.get(name, "a mapping of keys to values")
    return f"{_upper(said)} is not {wanted}.", words.WANTED_HINTS.get(name, "")


def _not_a_choice(value: Any, field: FieldInfo | None, loc: Path, said: str, name: str) -> tuple[str, str]:
    choices = [str(choice) for choice in _choices(field.annotation if field else None)]
    special = words.NOT_CHOICES.get((_key(loc), str(value).casefold()), "")
    near = nearest(str(value), choices) if isinstance(value, str) else ""
    return f"{name} is {said}, not one of {', '.join(choices)}.", special or near


def _number_hint(value: Any) -> str:
    if isinstance(value, str):
        if re.match(r"^0[0-9]+$", value):
            return f"Leave out the zero in front: {value.lstrip('0') or '0'}."
        if re.match(r"^[0-9][0-9_, ]*$", value) and len(value) < 18:
            return f"Write {re.sub('[_, ]', '', value)}, without quotes or separators."
    if isinstance(value, float) and value.is_integer():
        return f"Write {int(value)}." if abs(value) < 1e15 else ""
    return ""


def bounds(field: FieldInfo) -> str:
    """``1 to 65535``, ``at least 1``, or an empty string for a field without bounds."""
    metadata = list(field.metadata)
    for part in get_args(field.annotation):
        metadata += getattr(part, "__metadata__", ())
    flat = [inner for item in metadata for inner in getattr(item, "metadata", (item,))]
    low = next((item.ge for item in flat if hasattr(item, "ge")), None)
    high = next((item.le for item in flat if hasattr(item, "le")), None)
    if low is None or high is None:
        return f"at least {low}" if low is not None else f"at most {high}" if high is not None else ""
    return f"{low} to {high}"


def _field(loc: Path) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model and the field that the last name of a location belongs to."""
    while loc and isinstance(loc[-1], int):
        loc = loc[:-1]
    model = _model(loc[:-1]) if loc else None
    if model is None:
        return None, None
    by_alias = {field.alias or name: field for name, field in model.model_fields.items()}
    return model, by_alias.get(str(loc[-1]))


def _model(loc: Path) -> type[BaseModel] | None:
    """The model of the value at a location, or None when it is no model."""
    kind: Any = Stack
    for step in loc:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            by_alias = {field.alias or name: field for name, field in kind.model_fields.items()}
            kind = by_alias[str(step)].annotation if str(step) in by_alias else None
        else:
            kind = _inside(kind)
        kind = _bare(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _bare(kind: Any) -> Any:
    """The type without Annotated and without ``| None``."""
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    parts = [part for part in get_args(kind) if part is not type(None)]
    return _bare(parts[0]) if len(parts) == 1 and get_origin(kind) is not tuple else kind


def _inside(kind: Any) -> Any:
    """The type of the items of a tuple, or of the values of a mapping."""
    parts = [part for part in get_args(kind) if part is not Ellipsis]
    return _bare(parts[-1]) if parts else None


def _choices(kind: Any) -> list[Any]:
    """The words of a Literal, wherever it stands in an annotation."""
    found: list[Any] = []
    for part in get_args(kind):
        found += _choices(part) if get_args(part) else [part] if isinstance(part, (str, int)) else []
    return found


def _key(loc: Path) -> str:
    """The last name in a location; empty for the whole file."""
    return next((step for step in reversed(loc) if isinstance(step, str)), "")


def _named(loc: Path) -> str:
    return f"`{clip(_key(loc))}`" if _key(loc) else "the file"


def _upper(text: str) -> str:
    return text if text in ("true", "false") else text[:1].upper() + text[1:]


def _s(count: Any) -> str:
    return "" if count == 1 else "s"
