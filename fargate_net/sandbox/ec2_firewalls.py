"""Security groups and network ACLs: what moto leaves out or accepts wrongly when they are made or changed.

Authority: API reference, CreateSecurityGroup, AuthorizeSecurityGroupIngress, ModifySecurityGroupRules; VPC
User Guide, "Network ACL rules" (the last rule denies what no other rule matched).

Never here: who may delete what (ec2_refusals).
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from .calls import AwsError, Call, Proceed, repair, result_of
from .stores import ec2

Rule = tuple[str, Any, Any, str]

_PROTOCOLS: dict[str, str] = {"6": "tcp", "17": "udp", "1": "icmp"}
_moto_create_group = EC2Backend.create_security_group


@repair("ec2", "CreateSecurityGroup")
def create_security_group(call: Call, proceed: Proceed) -> Any:
    """The answer carries the tags; the name is unique in its VPC whatever its case."""
    backend, params = ec2(call.account, call.region), call.params
    vpc_id = params.get("VpcId")
    if vpc_id is not None:
        backend.get_vpc(vpc_id)
        for group in backend.groups[vpc_id].values():
            if group.name.lower() == params["GroupName"].lower():
                raise AwsError(
                    "InvalidGroup.Duplicate",
                    f"The security group '{params['GroupName']}' already exists for VPC '{vpc_id}'",
                )
    answer = result_of(proceed())
    group = backend.get_security_group_from_id(answer["GroupId"])
    return {**answer, "Tags": [{"Key": t["key"], "Value": t["value"]} for t in group.get_tags()]}


def _asked(permission: dict[str, Any]) -> list[Rule]:
    """The single rules of one IpPermission, without descriptions."""
    given = str(permission.get("IpProtocol"))
    protocol = str(_PROTOCOLS.get(given, given))
    every = protocol == "-1"
    first, last = (None, None) if every else (permission.get("FromPort"), permission.get("ToPort"))
    peers = [str(r["CidrIp"]) for r in permission.get("IpRanges", [])]
    peers += [str(r["CidrIpv6"]) for r in permission.get("Ipv6Ranges", [])]
    peers += [str(r["GroupId"]) for r in permission.get("UserIdGroupPairs", []) if "GroupId" in r]
    peers += [str(r["PrefixListId"]) for r in permission.get("PrefixListIds", [])]
    return [(protocol, first, last, peer) for peer in peers]


def _described(permission: dict[str, Any]) -> dict[Rule, str]:
    """The single rules of one IpPermission with the descriptions it gives them."""
    ports = {name: permission.get(name) for name in ("IpProtocol", "FromPort", "ToPort")}
    told: dict[Rule, str] = {}
    for sort in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"):
        for peer in permission.get(sort, []):
            told |= dict.fromkeys(_asked({**ports, sort: [peer]}), peer.get("Description", ""))
    return told


def _held(rule: Any) -> Rule:
    peer = (
        rule.ip_range.get("CidrIp")
        or rule.ip_range.get("CidrIpv6")
        or (rule.source_group or {}).get("GroupId")
        or rule.prefix_list_id
    )
    ports = (None, None) if rule.ip_protocol == "-1" else (rule.from_port, rule.to_port)
    return (str(rule.ip_protocol), *ports, str(peer))


@repair("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def authorize(call: Call, proceed: Proceed) -> Any:
    """A rule that exists is refused, also with another description; a group of 60 rules is full."""
    backend = ec2(call.account, call.region)
    group = backend.get_security_group_from_id(call.params.get("GroupId", ""))
    if group is None:
        return proceed()
    rules = group.egress_rules if call.operation.endswith("Egress") else group.ingress_rules
    held = {_held(rule) for rule in rules}
    for permission in call.params.get("IpPermissions", []):
        for asked in _asked(permission):
            if asked in held:
                protocol, first, last, peer = asked
                raise AwsError(
                    "InvalidPermission.Duplicate",
                    f'the specified rule "peer: {peer}, {protocol.upper()}, from port: {first}, to port: {last}, '
                    'ALLOW" already exists',
                )
        for pair in permission.get("UserIdGroupPairs", []):
            if "GroupId" in pair and backend.get_security_group_from_id(pair["GroupId"]) is None:
                raise AwsError("InvalidGroup.NotFound", f"The security group '{pair['GroupId']}' does not exist")
    answer = proceed()
    for permission in call.params.get("IpPermissions", []):
        described = {one["PrefixListId"]: one.get("Description") for one in permission.get("PrefixListIds", [])}
        wanted = set(_asked(permission))
        for rule in rules:
            if described.get(rule.prefix_list_id) and _held(rule) in wanted:
                rule.ip_range = {"Description": described[rule.prefix_list_id]}
    return answer


_moto_flattened = SecurityGroup._flattened_rules


def _flattened(self: Any, rules: list[Any]) -> Any:
    """Rules about prefix lists are shown with their descriptions, which moto drops."""
    views = _moto_flattened(self, rules)
    for view in views:
        for shown in view.prefix_list_ids:
            for rule in rules:
                same = (rule.from_port, rule.to_port, rule.ip_protocol, rule.prefix_list_id)
                if same == (view.from_port, view.to_port, view.ip_protocol, shown["PrefixListId"]) and rule.description:
                    shown["Description"] = rule.description
    return views


@repair("ec2", "ModifySecurityGroupRules")
def modify_security_group_rules(call: Call, proceed: Proceed) -> Any:
    """The rules change in every part, not only in port and description."""
    backend = ec2(call.account, call.region)
    group = backend.get_security_group_from_id(call.params["GroupId"])
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{call.params['GroupId']}' does not exist")
    rules = {rule.id: rule for rule in (*group.ingress_rules, *group.egress_rules)}
    for change in call.params.get("SecurityGroupRules", []):
        rule, wanted = rules.get(change["SecurityGroupRuleId"]), change["SecurityGroupRule"]
        if rule is None:
            raise AwsError(
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{change['SecurityGroupRuleId']}' does not exist",
            )
        rule.ip_protocol = str(wanted.get("IpProtocol", rule.ip_protocol))
        rule.from_port, rule.to_port = (
            (None, None) if rule.ip_protocol == "-1" else (wanted.get("FromPort"), wanted.get("ToPort"))
        )
        ranges = {"CidrIp": wanted.get("CidrIpv4"), "CidrIpv6": wanted.get("CidrIpv6")}
        rule.ip_range = {name: value for name, value in ranges.items() if value}
        rule.source_group = {"GroupId": wanted["ReferencedGroupId"]} if wanted.get("ReferencedGroupId") else {}
        rule.prefix_list_id = wanted.get("PrefixListId")
        if wanted.get("Description"):
            (rule.source_group or rule.ip_range)["Description"] = wanted["Description"]
    return {"Return": True}


@repair("ec2", "UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress")
def update_descriptions(call: Call, proceed: Proceed) -> Any:
    """Whatever the peer, the description is the new one, or none."""
    group = ec2(call.account, call.region).get_security_group_from_id(call.params.get("GroupId", ""))
    if group is None:
        return proceed()
    rules = group.egress_rules if call.operation.endswith("Egress") else group.ingress_rules
    by_rule = {_held(rule): rule for rule in rules} | {rule.id: rule for rule in rules}
    wanted: dict[Any, str] = {
        one["SecurityGroupRuleId"]: one.get("Description", "")
        for one in call.params.get("SecurityGroupRuleDescriptions", [])
    }
    for permission in call.params.get("IpPermissions", []):
        wanted |= _described(permission)
    for which in wanted:
        if which not in by_rule:
            raise AwsError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
    for which, description in wanted.items():
        told = by_rule[which].source_group or by_rule[which].ip_range
        told.update({"Description": description})
        if not description:
            del told["Description"]
    return {"Return": True}


@repair("ec2", "CreateNetworkAcl")
def create_network_acl(call: Call, proceed: Proceed) -> Any:
    """A new ACL denies everything by two last rules, which moto leaves out."""
    backend = ec2(call.account, call.region)
    acl = result_of(proceed())["NetworkAcl"]
    for egress in (True, False):
        backend.create_network_acl_entry(
            network_acl_id=acl.id,
            rule_number=32767,
            protocol="-1",
            rule_action="deny",
            egress=egress,
            cidr_block="0.0.0.0/0",
            icmp_code=None,
            icmp_type=None,
            port_range_from=None,
            port_range_to=None,
            ipv6_cidr_block=None,
        )
    return {"NetworkAcl": acl}


def _create_group(self: Any, name: str, *rest: Any, **named: Any) -> Any:
    """The default group of a VPC lets its members reach each other (VPC User Guide, "Default security groups")."""
    group = _moto_create_group(self, name, *rest, **named)
    if name == "default" and not group.ingress_rules:
        own = {"GroupId": group.id, "UserId": self.account_id}
        group.add_ingress_rule(
            SecurityGroupRule(self, "-1", group.id, None, None, None, source_group=own, is_egress=False)
        )
    return group


def install() -> None:
    """Give default groups the rule, and rules about prefix lists the description, that moto forgets."""
    SecurityGroup._flattened_rules = _flattened  # type: ignore[method-assign]
    EC2Backend.create_security_group = _create_group  # type: ignore[method-assign]
