"""AWS as a folder of saved responses: every read answered from files, nothing ever asked. Never here: boto3.

Absent and empty differ: a list that is there and empty says "none"; a key that no file holds says "not asked".
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

from fargate_net.aws.folder import documents, misplaced
from fargate_net.aws.shapes import LISTS, MEMBERS, OBJECTS, SUBJECTS, VPC_ATTRIBUTES, bare, cut, identity
from fargate_net.errors import NotAsked, UsageError

_LIST_KEYS = frozenset(LISTS.values())


class _Pile:
    """The items of one list, merged over files; ``cut`` tells why they are not all."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.known: dict[str, tuple[Any, Path]] = {}
        self.extra: dict[str, Any] = {}
        self.cut = ""

    def add(self, path: Path, key: str, values: list[Any]) -> None:
        """Put in what is not there yet; an id that means two different things is an error."""
        for position, value in enumerate(values):
            if not isinstance(value, dict):
                if not isinstance(value, str):
                    raise misplaced(path, key, f"{key}[{position}] is not an object.")
                self.items.append(value)
                continue
            name = identity(key, value)
            if name is not None:
                if name in self.known:
                    other, where = self.known[name]
                    if other != value:
                        raise misplaced(path, key, f"{key}[{name}] differs from the same item in {where}.")
                    continue
                self.known[name] = value, path
            self.items.append(value)


class Saved:
    """The wire over a folder. Request filters are ignored: the folder is the scope.

    Raises UsageError when the folder or a file in it is not what it should be.
    """

    saved = True

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._lists: dict[str, _Pile] = {}
        self._subjects: dict[tuple[str, str], _Pile] = {}
        self._attributes: dict[tuple[str, str], Any] = {}
        self._objects: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls: Counter[str] = Counter()
        known = [self._take(path, document) for path, document in documents(self.folder)]
        if not any(known):
            raise UsageError(
                f"No file below {self.folder} holds a response of an AWS call.",
                hint='A response is an object such as {"Vpcs": [...]}, as the AWS CLI prints it.',
            )

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        """The saved response. Raises NotAsked when no file holds it, or holds only its first pages."""
        self.calls[operation] += 1
        if operation == "ec2.describe_vpc_attribute":
            return self._attribute(params)
        if operation in OBJECTS:
            return self._object(operation, params)
        if operation in SUBJECTS:
            return self._of_subject(operation, params)
        return self._list(operation)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """Nothing in a snapshot can be changed."""
        raise UsageError(f"A snapshot cannot be changed, so {operation} is not possible.", hint="Leave out --snapshot.")

    @cached_property
    def region(self) -> str:
        """The Region its zones and ARNs agree on, ``""`` when they tell none or several."""
        return _agreed(
            self._said(r"^arn:aws[\w-]*:\w+:([a-z]{2}(?:-[a-z]+)+-\d+):", r"^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$")
        )

    @cached_property
    def account(self) -> str:
        """The account that its things agree on, ``""`` when they tell none or several."""
        return _agreed(self._said(r"^arn:aws[\w-]*:\w+:[\w-]*:(\d{12}):", r"^(\d{12})$"))

    def _said(self, *patterns: str) -> set[str]:
        names = ("SubnetArn", "clusterArn", "LoadBalancerArn", "AvailabilityZone", "OwnerId")
        told: set[str] = set()
        for key in ("Vpcs", "Subnets", "clusters", "LoadBalancers"):
            for item in self._lists[key].items if key in self._lists else ():
                texts = [item[name] for name in names if isinstance(item, dict) and isinstance(item.get(name), str)]
                told |= {match[1] for text in texts for pattern in patterns if (match := re.match(pattern, text))}
        return told

    def _list(self, operation: str) -> dict[str, Any]:
        key = LISTS.get(operation, "")
        pile = self._lists.get(key)
        members = self._objects.get(MEMBERS.get(operation, ""), {})
        if pile is None:
            if not members:
                raise NotAsked(operation)
            return {key: list(members.values())}
        _whole(pile, operation)
        if key == "PrefixLists":
            managed = operation == "ec2.describe_managed_prefix_lists"
            return {key: [item for item in pile.items if _is_managed(item) is managed]}
        if members:
            listed = {bare(item.get("Id")) for item in pile.items}
            return {key: [*pile.items, *(item for name, item in members.items() if name not in listed)]}
        return {key: pile.items}

    def _of_subject(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        shape = SUBJECTS[operation]
        name = bare(params.get(shape.subject, ""))
        pile = self._subjects.get((operation, name))
        if pile is None:
            raise NotAsked(operation, name)
        _whole(pile, operation, name)
        return {shape.subject: name, **pile.extra, shape.key: pile.items}

    def _attribute(self, params: dict[str, Any]) -> dict[str, Any]:
        vpc, key = str(params.get("VpcId")), VPC_ATTRIBUTES.get(str(params.get("Attribute")), "")
        if (vpc, key) not in self._attributes:
            raise NotAsked("ec2.describe_vpc_attribute", f"{key} of {vpc}")
        return {"VpcId": vpc, key: self._attributes[vpc, key]}

    def _object(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        shape = OBJECTS[operation]
        wanted = bare(params.get(shape.param, ""))
        for name, document in self._documents_of(operation).items():
            if name == wanted or (shape.key == "taskDefinition" and name.endswith(f":task-definition/{wanted}")):
                return document
        raise NotAsked(operation, wanted)

    def _documents_of(self, operation: str) -> dict[str, dict[str, Any]]:
        return self._objects.get(f"{operation} whole", {})

    def _take(self, path: Path, document: dict[str, Any]) -> bool:
        """Sort one file's keys into the piles; False when it holds nothing that we know."""
        known = False
        for key in _LIST_KEYS & document.keys():
            known = True
            self._fill(self._lists.setdefault(key, _Pile()), path, key, document)
        for operation, shape in SUBJECTS.items():
            if shape.key not in document:
                continue
            if shape.subject in document:
                known = True
                name = bare(document[shape.subject])
                pile = self._subjects.setdefault((operation, name), _Pile())
                pile.extra = {k: v for k, v in document.items() if k not in (shape.key, shape.subject)}
                self._fill(pile, path, shape.key, document)
            elif shape.own:
                known = True
                self._share_out(operation, path, document)
        for key in VPC_ATTRIBUTES.values():
            if key in document and isinstance(document.get("VpcId"), str):
                known = True
                if not isinstance(document[key], dict):
                    raise misplaced(path, key, f'{key} is not an object such as {{"Value": true}}.')
                self._attributes[document["VpcId"], key] = document[key]
        for operation, one in OBJECTS.items():
            if one.key in document:
                known = True
                self._keep(operation, path, document)
        return known

    def _fill(self, pile: _Pile, path: Path, key: str, document: dict[str, Any]) -> None:
        values = document[key]
        if not isinstance(values, list):
            raise misplaced(path, key, f"{key} is not a list.")
        pile.add(path, key, values)
        if not pile.cut and (token := cut(document)):
            pile.cut = f"{path} was cut: it holds a {token}, so more exists than was saved."

    def _share_out(self, operation: str, path: Path, document: dict[str, Any]) -> None:
        """Give the items of a list without a subject to the subjects they name themselves."""
        shape = SUBJECTS[operation]
        if not isinstance(document[shape.key], list):
            raise misplaced(path, shape.key, f"{shape.key} is not a list.")
        shares: dict[str, list[Any]] = {}
        for item in document[shape.key]:
            name = item.get(shape.own) if isinstance(item, dict) else None
            if not isinstance(name, str):
                raise misplaced(path, shape.key, f"an item of {shape.key} does not say its {shape.own}.")
            shares.setdefault(name, []).append(item)
        for name, values in shares.items():
            pile = self._subjects.setdefault((operation, name), _Pile())
            self._fill(pile, path, shape.key, {**document, shape.key: values})

    def _keep(self, operation: str, path: Path, document: dict[str, Any]) -> None:
        shape = OBJECTS[operation]
        value = document[shape.key]
        if not isinstance(value, dict):
            raise misplaced(path, shape.key, f"{shape.key} is not an object.")
        names = [bare(value[name]) for name in shape.names if isinstance(value.get(name), str)]
        if shape.names and not names:
            raise misplaced(path, shape.key, f"{shape.key} has no {shape.names[0]}.")
        name = names[0] if names else ""
        if self._objects.setdefault(operation, {}).get(name, value) != value:
            raise misplaced(path, shape.key, f"{shape.key} {name} differs from the same object in another file.")
        self._objects[operation][name] = value
        self._objects.setdefault(f"{operation} whole", {})[name] = document


def _whole(pile: _Pile, operation: str, subject: str = "") -> None:
    if pile.cut:
        raise NotAsked(operation, subject, pile.cut)


def _agreed(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ""


def _is_managed(prefix_list: dict[str, Any]) -> bool:
    """Whether DescribeManagedPrefixLists said this: it names the owner and no ranges."""
    return "OwnerId" in prefix_list and "Cidrs" not in prefix_list
