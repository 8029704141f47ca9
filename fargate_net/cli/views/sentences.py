"""Keys and kinds of resources as people say them: ``nat_gateway/a`` is "NAT gateway in eu-west-1a".

Keys are ``kind/name``; the drawing joins the parts of a name by dots and ends a zonal one with its letter.
Never here: layout, colour, anything that programs parse.
"""

from __future__ import annotations

import re

NOUNS: dict[str, str] = {
    "block_public_access": "Block Public Access",
    "cluster": "ECS cluster",
    "dhcp_options": "DHCP options",
    "discovery_service": "Cloud Map service",
    "egress_only_gateway": "Egress-only internet gateway",
    "elastic_ip": "Elastic IP",
    "flow_log": "Flow log",
    "hosted_zone": "Hosted zone",
    "instance": "Instance",
    "internet_gateway": "Internet gateway",
    "listener": "Listener",
    "listener_rule": "Listener rule",
    "load_balancer": "Load balancer",
    "log_group": "Log group",
    "namespace": "Cloud Map namespace",
    "nat_gateway": "NAT gateway",
    "network_acl": "Network ACL",
    "network_interface": "Network interface",
    "prefix_list": "Prefix list",
    "record_set": "DNS record",
    "role": "IAM role",
    "route_table": "Route table",
    "scaling_target": "Scaling",
    "security_group": "Security group",
    "security_group_rules": "Rules of security group",
    "service": "ECS service",
    "subnet": "Subnet",
    "target_group": "Target group",
    "task": "Task",
    "task_definition": "Task definition",
    "vpc": "VPC",
    "vpc_endpoint": "VPC endpoint",
}
_ZONE = re.compile(r"^(?:(?P<rest>.+)[-.])?(?P<letter>[a-f])$")
_ZONAL = frozenset({"elastic_ip", "nat_gateway", "route_table", "subnet"})
_OF = frozenset({"log_group", "role", "scaling_target", "security_group", "target_group", "task_definition"})
_BALANCERS = {"alb": "Application Load Balancer", "nlb": "Network Load Balancer"}
_OWNERS = {"network.flow-logs": "the flow logs", "network.endpoints": "the VPC endpoints"}
_ROLES = {"execution": "Execution role", "task": "Task role"}


def noun(kind: str) -> str:
    """A kind inside a sentence: ``nat_gateway`` is "NAT gateway", ``security_group`` "security group"."""
    word = NOUNS.get(kind, kind.replace("_", " "))
    return word if word[1:2].isupper() else word[:1].lower() + word[1:]


def sentence(key: str, region: str = "") -> str:
    """A resource key in words. Names that follow no pattern are shown as they are."""
    kind, _, name = key.partition("/")
    name, where = _zone(kind, name, region)
    noun = NOUNS.get(kind, kind.replace("_", " ").capitalize())
    if name in ("", "main"):
        return noun + where
    match kind:
        case "subnet" | "route_table" if name in ("public", "private"):
            text = f"{name.capitalize()} {noun.lower()}"
        case "role" if name.rpartition(".")[2] in _ROLES:
            owner, _, use = name.rpartition(".")
            text = f"{_ROLES[use]} of {owner}"
        case "load_balancer":
            text = _balancer(name)
        case "listener":
            text = f"Listener {_listener(name)}"
        case "listener_rule" | "target_group" if name.count(".") >= 2:
            text = _behind(noun, kind, name)
        case "record_set" if "." in name:
            text = f"{noun} {name.rpartition('.')[0]} ({name.rpartition('.')[2]})"
        case "security_group_rules":
            text = f"Rules of the security group of {_owner(name)}"
        case "elastic_ip":
            text = f"{noun} of {'the NAT gateway' if name == 'nat' else _the(name)}"
        case _:
            text = f"{noun} of {_owner(name)}" if kind in _OF else f"{noun} {name}"
    return text + where


def _zone(kind: str, name: str, region: str) -> tuple[str, str]:
    """The name without its zone, and the zone as ``in eu-west-1a``."""
    match = _ZONE.match(name) if kind in _ZONAL else None
    if match is None:
        return name, ""
    return match["rest"] or "", f" in {region}{match['letter']}" if region else f" in zone {match['letter']}"


def _balancer(name: str) -> str:
    """``alb-admin.internal`` is "Internal Application Load Balancer admin"."""
    first, _, scheme = name.partition(".")
    sort, _, own = first.partition("-")
    if sort not in _BALANCERS or scheme not in ("", "internal"):
        return f"Load balancer {name}"
    return f"{'Internal ' if scheme else ''}{_BALANCERS[sort]}{' ' if own else ''}{own}"


def _the(balancer: str) -> str:
    """The balancer inside a sentence: "the internal Application Load Balancer"."""
    text = _balancer(balancer)
    return f"the {text[:1].lower()}{text[1:]}" if text.startswith(("Internal", "Load")) else f"the {text}"


def _listener(name: str) -> str:
    """``alb.443`` is "on port 443 of the Application Load Balancer"."""
    balancer, _, port = name.rpartition(".")
    if not balancer or not port.isdigit():
        return name
    return f"on port {port} of {_the(balancer)}"


def _behind(noun: str, kind: str, name: str) -> str:
    """``web.alb.443``: the target group, or with a hash at its end the rule, of a service on a listener."""
    service, _, listener = name.partition(".")
    if kind == "listener_rule":
        return f"{noun} for {service} {_listener(listener.rpartition('.')[0])}"
    return f"{noun} of {service} {_listener(listener)}"


def _owner(name: str) -> str:
    """Whose a thing is; only names of services have no dot."""
    if name.startswith("balancer."):
        return _the(name.removeprefix("balancer."))
    return _OWNERS.get(name, name)
