"""IAM in small: watches every call of a command, and judges each by the policy documents under test.

What a request touches is read from the request itself: ids and ARNs in its parameters, tags in the create call, tags of
things that were made under these eyes. Which conditions AWS knows for a call is taken from the Service Authorization
Reference, not from the code under test. Never here: an expectation about a particular stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from fargate_net.aws.call import Live
from fargate_net.kinds.fields import call_name
from tests.story.conftest import Teller

HERE = "eu-west-1"
WHO = "123456789012"
_EC2_TYPES = {
    "vpc": "vpc",
    "subnet": "subnet",
    "rtb": "route-table",
    "igw": "internet-gateway",
    "eigw": "egress-only-internet-gateway",
    "nat": "natgateway",
    "eipalloc": "elastic-ip",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "vpce": "vpc-endpoint",
    "fl": "vpc-flow-log",
}
_EC2_ID = re.compile(rf"\b({'|'.join(_EC2_TYPES)})-[0-9a-f]{{8,17}}\b")
_ASIDE = ("ClientToken", "IpPermissions", "SecurityGroupRuleIds", "TagSpecifications")
"""Parameters of EC2 that name nothing a call is judged on."""
_NOT_JUDGED = frozenset({"sts.get_caller_identity"})
"""AWS allows it to everybody (AWS STS API Reference, GetCallerIdentity)."""


@dataclass(frozen=True)
class Asked:
    """One thing IAM is asked: may this action be done to this resource, in this context?"""

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]]

    def __str__(self) -> str:
        return f"{self.action} on {self.resource} with {dict(self.context)}"


@dataclass
class Guard:
    """Every question that the calls of a run put to IAM, in their order."""

    asked: list[Asked] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    """Whose an association is: EC2 judges its end on the table, subnet or VPC that it belongs to."""

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> Guard:
        """Listen to the wire."""
        count, write = Live._count, Live.write

        def counted(live: Live, operation: str, params: dict[str, Any]) -> None:
            self._note(operation, params)
            count(live, operation, params)

        def written(live: Live, operation: str, **params: Any) -> dict[str, Any]:
            answer = write(live, operation, **params)
            self._learn(operation, params, answer)
            return answer

        monkeypatch.setattr(Live, "_count", counted)
        monkeypatch.setattr(Live, "write", written)
        return self

    def refused(self, documents: list[dict[str, Any]]) -> list[str]:
        """The questions that these documents answer with no."""
        return sorted({str(one) for one in self.asked if not allowed(documents, one)})

    def _note(self, operation: str, params: dict[str, Any]) -> None:
        if operation not in _NOT_JUDGED and not params.get("DryRun"):
            self.asked += list(self._questions(operation, params))

    def _questions(self, operation: str, params: dict[str, Any]) -> Iterator[Asked]:
        service, _, method = operation.partition(".")
        action, wanted = call_name(operation), _request_tags(params)
        context = {"aws:RequestedRegion": "us-east-1" if service in ("iam", "route53") else HERE}
        asking = context | {f"aws:RequestTag/{name}": value for name, value in wanted.items()}
        if method.startswith(("describe_", "list_", "get_", "search_")):
            for resource in _read_resources(service, method, params):
                yield Asked(action, resource, context)
            return
        touched = list(self._touched(operation, params))
        for resource, is_new in touched:
            # For new things EC2 knows the tags asked for, for others the tags they carry; other services know both.
            of_resource = {f"aws:ResourceTag/{n}": v for n, v in self.tags.get(resource, {}).items() if not is_new}
            plain = context if service == "ec2" and not is_new and method != "create_tags" else asking
            yield Asked(action, resource, plain | of_resource | _extra(service, method, params))
        assert touched, f"{operation} touches nothing"
        yield from self._implied(operation, params, touched, asking)

    def _touched(self, operation: str, params: dict[str, Any]) -> Iterator[tuple[str, bool]]:
        """The resources of a write, and whether they are new."""
        service, _, method = operation.partition(".")
        if service == "ec2":
            yield from ((f"{_ec2(spec['ResourceType'])}/new", True) for spec in params.get("TagSpecifications", ()))
            yield from ((_ec2_arn(given), False) for given in self._ec2_ids(params))
        elif service == "elbv2":
            yield from _balancing(method, params)
        else:
            yield from ((arn, method.startswith(("create_", "register_task"))) for arn in self._named(service, params))

    def _ec2_ids(self, params: dict[str, Any]) -> list[str]:
        # Rules are judged by their group, and the targets of routes by the table.
        shown = {k: v for k, v in params.items() if k not in _ASIDE}
        if params.keys() == {"AssociationId"}:
            shown = {"held by": self.holders[params["AssociationId"]]}
        for route in ("GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "DestinationPrefixListId"):
            if "RouteTableId" in params:
                shown.pop(route, None)
        return sorted({match[0] for match in _EC2_ID.finditer(str(shown))})

    def _named(self, service: str, params: dict[str, Any]) -> list[str]:
        arn = f"arn:aws:{service}:{HERE}:{WHO}:"
        if service == "ecs":
            return _containers(arn, params)
        if service == "iam":
            name = params["RoleName"]
            path = params.get("Path") or next((p for p in self.tags if p.endswith(f"/{name}")), "/")
            return [f"arn:aws:iam::{WHO}:role{path}{name}" if path.endswith("/") else path]
        if service == "logs":
            return [params.get("resourceArn") or f"{arn}log-group:{params['logGroupName']}"]
        if service == "ssm":
            return [f"{arn}parameter{params['Name']}"]
        if service == "route53":
            return [f"arn:aws:route53:::hostedzone/{params['HostedZoneId']}"]
        if service == "application-autoscaling":
            return [f"{arn}scalable-target/0ec5"]
        assert service == "servicediscovery", service
        if "NamespaceId" in params:
            return [f"{arn}namespace/{params['NamespaceId']}", f"{arn}service/srv-new"]
        return (
            [f"{arn}{'namespace' if params['Id'].startswith('ns-') else 'service'}/{params['Id']}"]
            if ("Id" in params)
            else ["*"]
        )

    def _implied(
        self, operation: str, params: dict[str, Any], touched: list[tuple[str, bool]], asking: Mapping[str, str]
    ) -> Iterator[Asked]:
        """What AWS judges beside the call itself: tags of new things, and roles that are handed on."""
        service, _, method = operation.partition(".")
        word = call_name(operation).partition(":")[2]
        tagging = {
            "ec2": ("ec2:CreateTags", "ec2:CreateAction"),
            "elbv2": ("elasticloadbalancing:AddTags", "elasticloadbalancing:CreateAction"),
            "ecs": ("ecs:TagResource", "ecs:CreateAction"),
            "iam": ("iam:TagRole", ""),
            "logs": ("logs:TagResource", ""),
            "servicediscovery": ("servicediscovery:TagResource", ""),
            "application-autoscaling": ("application-autoscaling:TagResource", ""),
        }.get(service)
        is_tagging = method in ("create_tags", "add_tags", "tag_resource", "tag_role")
        if tagging and _request_tags(params) and not is_tagging:
            action, key = tagging
            for resource, is_new in touched:
                if is_new or service != "ec2":
                    yield Asked(action, resource, {**asking, **({key: word} if key else {})})
        roles = {
            params.get("executionRoleArn"): "ecs-tasks.amazonaws.com",
            params.get("taskRoleArn"): "ecs-tasks.amazonaws.com",
            params.get("DeliverLogsPermissionArn"): "vpc-flow-logs.amazonaws.com",
        }
        for role, to in roles.items():
            if role:
                yield Asked("iam:PassRole", role, {"iam:PassedToService": to})

    def _learn(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """Remember the tags of what came to be, and what holds an association."""
        for association in re.findall(r"\b[a-z-]*assoc-[0-9a-f]+", str(answer)):
            self.holders[association] = str(params)
        wanted = _request_tags(params)
        if not wanted:
            return
        for spec in params.get("TagSpecifications", ()):
            tags = {tag["Key"]: tag["Value"] for tag in spec["Tags"]}
            prefix = next(p for p, word in _EC2_TYPES.items() if word == spec["ResourceType"])
            for match in _EC2_ID.finditer(str(answer)):
                if match[1] == prefix:
                    self.tags.setdefault(_ec2_arn(match[0]), tags)
        for resource in params.get("Resources", ()):
            self.tags.setdefault(_ec2_arn(resource), {}).update(wanted)
        if "TagSpecifications" not in params:
            for arn in re.findall(r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:[^'\"\s,]+", str(answer)):
                self.tags.setdefault(arn, wanted)


def _request_tags(params: Mapping[str, Any]) -> dict[str, str]:
    tags = params.get("Tags", params.get("tags")) or ()
    if isinstance(tags, Mapping):
        return dict(tags)
    listed = [*tags, *(tag for spec in params.get("TagSpecifications", ()) for tag in spec["Tags"])]
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in listed}


def _ec2(word: str) -> str:
    return f"arn:aws:ec2:{HERE}:{WHO}:{word}"


def _ec2_arn(id: str) -> str:
    return _ec2(f"{_EC2_TYPES[id.partition('-')[0]]}/{id}")


def _balancing(method: str, params: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    head = f"arn:aws:elasticloadbalancing:{HERE}:{WHO}:"
    if method == "create_load_balancer":
        yield f"{head}loadbalancer/{'net' if params['Type'] == 'network' else 'app'}/{params['Name']}/0", True
    elif method == "create_target_group":
        yield f"{head}targetgroup/{params['Name']}/0", True
    else:
        singles = [
            params[key] for key in ("RuleArn", "ListenerArn", "LoadBalancerArn", "TargetGroupArn") if key in params
        ]
        arns = (
            params.get("ResourceArns") or [rule["RuleArn"] for rule in params.get("RulePriorities", ())] or singles[:1]
        )
        yield from ((arn, False) for arn in arns)


def _containers(arn: str, params: Mapping[str, Any]) -> list[str]:
    given = params.get("taskDefinitions") or [params.get("resourceArn")]
    if "family" in params:
        given = [f"{arn}task-definition/{params['family']}:1"]
    elif "serviceName" in params:
        given = [f"{arn}service/{params['cluster']}/{params['serviceName']}"]
    elif "service" in params:
        given = [params["service"]]
    elif "taskDefinition" in params:
        given = ["*"]
    elif "clusterName" in params or "cluster" in params:
        given = [f"{arn}cluster/{params.get('clusterName') or params['cluster']}"]
    return [one for one in given if one]


def _read_resources(service: str, method: str, params: Mapping[str, Any]) -> list[str]:
    """What a read is judged on: a few services know names, most only everything."""
    arn = f"arn:aws:ecs:{HERE}:{WHO}:"
    if service == "ecs" and method == "describe_clusters":
        return [f"{arn}cluster/{name}" for name in params["clusters"]]
    if service == "ecs" and method in ("describe_services", "describe_tasks"):
        word = method.removeprefix("describe_")
        return [f"{arn}{word[:-1]}/{params['cluster']}/{one.rpartition('/')[2]}" for one in params[word]]
    if service == "iam" and "RoleName" in params:
        return [f"arn:aws:iam::{WHO}:role/{params['RoleName']}"]
    if service == "ssm":
        return [f"arn:aws:ssm:{HERE}:{WHO}:parameter{params['Name']}"]
    return ["*"]


def _extra(service: str, method: str, params: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    if service == "application-autoscaling":
        return {"application-autoscaling:service-namespace": params["ServiceNamespace"]}
    if method == "attach_role_policy":
        return {"iam:PolicyARN": params["PolicyArn"]}
    if method == "change_resource_record_sets":
        records = [change["ResourceRecordSet"]["Name"] for change in params["ChangeBatch"]["Changes"]]
        key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
        return {key: tuple(name.lower().removesuffix(".").replace("*", "\\052") for name in records)}
    return {}


def allowed(documents: list[dict[str, Any]], asked: Asked) -> bool:
    """Whether a statement of these documents says yes; without one IAM says no."""
    return any(_allows(statement, asked) for document in documents for statement in document["Statement"])


def _allows(statement: Mapping[str, Any], asked: Asked) -> bool:
    return (
        asked.action in _many(statement["Action"])
        and any(shape == "*" or fnmatchcase(asked.resource, shape) for shape in _many(statement["Resource"]))
        and all(
            _holds(operator, asked.context.get(key), _many(values))
            for operator, block in statement.get("Condition", {}).items()
            for key, values in block.items()
        )
    )


def _holds(operator: str, have: str | tuple[str, ...] | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (have is None) == (wanted == ["true"])
    if operator == "ForAllValues:StringEquals":
        return all(one in wanted for one in have or ())
    assert operator in ("StringEquals", "ArnEquals"), operator
    return have in wanted


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def documents(tell: Teller, spec: Path, *words: str, at: bool = False) -> list[dict[str, Any]]:
    """What `iam-policy` prints for a spec; ``at`` the sandbox where the spec builds on what is there."""
    told = tell("iam-policy", spec, *words, at=at)
    assert told.exit_code == 0, told.stderr
    printed = json.loads(told.stdout)
    return printed if isinstance(printed, list) else [printed]
