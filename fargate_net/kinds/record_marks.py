"""The mark that makes a DNS record ours: a TXT record beside it. Pure; never here: calls.

Route 53 records carry no tags. Each record of ours has a companion, changed in the same batch and so there or not there
together with it: ``_fargatenet-a.www.app.io TXT "stack=shop,key=record_set/…"`` says whose the A record ``www.app.io``
is. The type is part of the companion's name, because an A and an AAAA record of one name are two things.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fargate_net.kinds.base import KEY_TAG, STACK_TAG
from fargate_net.kinds.fields import items

_TTL = 300
_PREFIX = "_fargatenet-"


def plain_name(name: str) -> str:
    r"""A DNS name in one spelling: lower case, no final dot, ``*`` for Route 53's ``\052``."""
    return name.lower().removesuffix(".").replace("\\052", "*")


def mark_name(name: str, type: str) -> str:
    """The name of the companion of a record."""
    return f"{_PREFIX}{type.lower()}.{name}"


def mark(name: str, type: str, tags: Mapping[str, str], of_service: str = "") -> dict[str, Any]:
    """The companion as Route 53 takes it; ``of_service`` is remembered for records of a service's tasks."""
    words = [f"stack={tags[STACK_TAG]}", f"key={tags[KEY_TAG]}", *([f"of={of_service}"] if of_service else [])]
    value = '"' + ",".join(words) + '"'
    return {"Name": mark_name(name, type), "Type": "TXT", "TTL": _TTL, "ResourceRecords": [{"Value": value}]}


def marks(answer: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The words of every companion in a zone's records, by its name."""
    read: dict[str, dict[str, str]] = {}
    for item in items(answer, "ResourceRecordSets"):
        name = plain_name(item.text("Name", ""))
        if item.text("Type", "") == "TXT" and name.startswith(_PREFIX):
            text = "".join(value.text("Value", "").strip('"') for value in item.many("ResourceRecords"))
            read[name] = dict(word.split("=", 1) for word in text.split(",") if "=" in word)
    return read


def tags_of_mark(words: Mapping[str, str]) -> dict[str, str]:
    """What a companion says, as the tags it stands for."""
    told = {STACK_TAG: words.get("stack"), KEY_TAG: words.get("key")}
    return {tag: value for tag, value in told.items() if value}
