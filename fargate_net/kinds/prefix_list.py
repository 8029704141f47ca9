"""A prefix list: a named set of address ranges. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds.asking import ask
from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item, items
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class PrefixList:
    """``cidrs`` is None when the entries could not be read (another account's list, or not asked)."""

    kind: ClassVar[str] = "prefix_list"
    name: str
    cidrs: tuple[str, ...] | None
    owner: str = ""
    max_entries: int = 0


@register
class PrefixListKind(Kind):
    """DescribeManagedPrefixLists, DescribePrefixLists and GetManagedPrefixListEntries (Amazon EC2 API Reference)."""

    name = "prefix_list"
    props = PrefixList

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Every list of the Region; one whose entries cannot be read has ``cidrs`` None and a Missing.

        DescribePrefixLists tells the ranges of the lists of gateway endpoints in one call; the entries of each other
        list take a call of their own.
        """
        lists, refusals = _all(aws)
        if not lists and refusals:
            raise refusals[0]
        for list_id, answers in sorted(lists.items()):
            about = [*answers.values()]
            cidrs = next((answer.cidrs("Cidrs") for answer in about if "Cidrs" in answer), None)
            if cidrs is None:
                entries = ask(aws, self.name, list_id, "ec2.get_managed_prefix_list_entries", PrefixListId=list_id)
                if isinstance(entries, Missing):
                    yield entries
                else:
                    cidrs = tuple(entry.cidr("Cidr") for entry in items(entries, "Entries"))
            yield found(
                list_id,
                PrefixList(
                    name=next((answer.text("PrefixListName") for answer in about if "PrefixListName" in answer), ""),
                    cidrs=None if cidrs is None else tuple(sorted(cidrs)),
                    owner=next((answer.text("OwnerId") for answer in about if "OwnerId" in answer), ""),
                    max_entries=max(answer.whole("MaxEntries", 0) for answer in about),
                ),
                {name: value for answer in about for name, value in answer.tags().items()},
            )


def _all(aws: Aws) -> tuple[dict[str, dict[str, Item]], list[Denied | NotAsked]]:
    """What both describe calls say about each list, and why a call said nothing."""
    lists: dict[str, dict[str, Item]] = {}
    refusals: list[Denied | NotAsked] = []
    for operation in ("ec2.describe_managed_prefix_lists", "ec2.describe_prefix_lists"):
        try:
            for item in items(aws.read(operation), "PrefixLists", "PrefixListId"):
                lists.setdefault(item.text("PrefixListId"), {})[operation] = item
        except (Denied, NotAsked) as error:
            refusals.append(error)
    return lists, refusals
