"""Values of a template: logical names, references, tags, parameters. Never here: a resource type's properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from fargate_net.model.resource import Graph, Ref

PLACEHOLDER = "planned:"
"""How ids begin that only AWS knows; in a template they are parameters."""

_ATTRIBUTES = {
    ("discovery_service", "arn"): "Arn",
    ("elastic_ip", "id"): "AllocationId",
    ("load_balancer", "dns_name"): "DNSName",
    ("load_balancer", "zone_id"): "CanonicalHostedZoneID",
    ("load_balancer", "full_name"): "LoadBalancerFullName",
    ("namespace", "arn"): "Arn",
    ("role", "id"): "Arn",
    ("security_group", "id"): "GroupId",
    ("service", "name"): "Name",
    ("target_group", "full_name"): "TargetGroupFullName",
    ("vpc", "ipv6"): "Ipv6CidrBlocks",
}
"""What ``Ref`` does not answer (CloudFormation Template Reference, Return values of each type)."""


class Names:
    """Logical names of a graph's resources, and the parameters that turned out to be needed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.parameters: dict[str, dict[str, str]] = {}
        self._logical: dict[str, str] = {}
        for resource in graph:
            name = camel(resource.key)
            if name in self._logical.values():
                name += sha256(resource.key.encode()).hexdigest()[:6]
            self._logical[resource.key] = name

    def logical(self, key: str) -> str:
        """The logical name of a resource."""
        return self._logical[key]

    def attribute(self, key: str, attr: str = "id") -> dict[str, Any]:
        """What a property says to mean an attribute of another resource."""
        word = _ATTRIBUTES.get((key.partition("/")[0], attr))
        return {"Fn::GetAtt": [self.logical(key), word]} if word else {"Ref": self.logical(key)}

    def value(self, value: Any) -> Any:
        """Any property value, with references and placeholders replaced, and unordered things in one order."""
        if isinstance(value, Ref):
            return self.attribute(value.key, value.attr)
        if isinstance(value, str) and value.startswith(PLACEHOLDER):
            return {"Ref": self._parameter(value)}
        if isinstance(value, frozenset):
            return sorted((self.value(item) for item in value), key=str)
        if isinstance(value, (tuple, list)):
            return [self.value(item) for item in value]
        if isinstance(value, Mapping):
            return {name: self.value(item) for name, item in value.items()}
        return value

    def _parameter(self, placeholder: str) -> str:
        what = placeholder.removeprefix(PLACEHOLDER)
        kind, _, name = what.partition("/")
        parameter = camel(what)
        zone = kind == "hosted_zone"
        self.parameters[parameter] = {
            "Type": "AWS::Route53::HostedZone::Id" if zone else "String",
            "Description": f"Id of the hosted zone {name}" if zone else f"Id of the prefix list {name}",
        }
        return parameter


def camel(text: str) -> str:
    """``security_group/web-api`` as CloudFormation wants names: ``SecurityGroupWebApi``."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))


def upper_keys(value: Any, kept: frozenset[str] = frozenset({"options"})) -> Any:
    """The JSON of an API call with names as CloudFormation spells them; free-form maps stay as they are."""
    if isinstance(value, Mapping):
        return {
            name[:1].upper() + name[1:]: item if name in kept else upper_keys(item, kept)
            for name, item in value.items()
        }
    return [upper_keys(item, kept) for item in value] if isinstance(value, (list, tuple)) else value


def stated(**properties: Any) -> dict[str, Any]:
    """The properties that say something."""
    return {name: value for name, value in properties.items() if value not in (None, "", [], {}, ())}
