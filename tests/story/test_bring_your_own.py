"""Stacks in other people's networks: used as they are, and as they were when the stack is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fargate_net.app.wire import connect
from fargate_net.cli.options import Door
from fargate_net.sandbox import process
from tests.story import landlord
from tests.story.conftest import Teller
from tests.story.guard import Guard, documents
from tests.story.landlord import Estate

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"


def spec(folder: Path, services: Mapping[str, Any], **rest: Any) -> Path:
    """A file with a stack of that name in the landlord's Region."""
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump({"stack": "tenant", "region": landlord.REGION, "services": dict(services), **rest}))
    return path


def service(**more: Any) -> dict[str, Any]:
    """A service of one container on port 80, in private subnets."""
    return {"count": 2, "containers": [{"name": "app", "image": IMAGE, "ports": [80]}], **more}


def network(estate: Estate, *, tags: bool = False) -> dict[str, Any]:
    """The landlord's VPC, its subnets by id or by tag."""
    if tags:
        return {"vpc": estate.vpc, "subnets": {"public": {"tag": "tier=public"}, "private": {"tag": "tier=private"}}}
    return {"vpc": estate.vpc, "subnets": {"public": list(estate.public), "private": list(estate.private)}}


def subnets_by_id(tell: Teller, folder: Path) -> Path:
    estate = landlord.estate(tell)
    reach = [{"from": "internet", "to": "web:80", "via": "alb"}, {"from": "web", "to": "internet:443"}]
    web = service(expose=[{"alb": {"to": "app:80"}}])
    return spec(folder, {"web": web}, network=network(estate), reach=reach)


def everything_borrowed(tell: Teller, folder: Path) -> Path:
    """Subnets by tag, a cluster, a namespace, groups to wear and to admit; the balancer is ours."""
    estate = landlord.estate(tell)
    where = landlord.namespace(tell, "corp.internal", estate.vpc)
    shared, callers = landlord.group(tell, estate.vpc, "monitoring"), landlord.group(tell, estate.vpc, "callers", 9999)
    web = service(
        expose=[{"nlb": {"to": "app:80", "listen": 80, "static_ips": True}}],
        discovery=[{"cloud_map": {"namespace": where, "name": "shop"}}],
        security_groups=[shared],
        allow_from=[callers],
    )
    reach = [{"from": "internet", "to": "web:80", "via": "nlb"}]
    ours = {"network": network(estate, tags=True), "cluster": landlord.cluster(tell, "shared"), "reach": reach}
    return spec(folder, {"web": web}, **ours)


def existing_listener(tell: Teller, folder: Path) -> Path:
    """Only a rule and a target group are ours; tasks run in public subnets."""
    estate = landlord.estate(tell)
    group = landlord.group(tell, estate.vpc, "landlord-alb")
    arn = landlord.listener(tell, estate, group)
    entry = {"to": "app:80", "listener": arn, "priority": 10, "paths": ["/shop/*"]}
    web = service(subnets="public", expose=[{"alb": entry}], allow_from=[group, "0.0.0.0/0"])
    return spec(folder, {"web": web}, network=network(estate), reach=[{"from": "internet", "to": "web:80"}])


def own_network(tell: Teller, folder: Path) -> Path:
    """The VPC is ours; the cluster and the Service Connect namespace are not."""
    landlord.namespace(tell, "mesh", None)
    listed = tell.client("servicediscovery").list_namespaces()["Namespaces"]
    arn = next(item["Arn"] for item in listed if item["Name"] == "mesh")
    web = service(discovery=[{"service_connect": {"namespace": arn, "port": "app:80"}}])
    return spec(folder, {"web": web}, cluster=landlord.cluster(tell, "shared"), network={"cidr": "10.9.0.0/16"})


def foreign_namespace(tell: Teller, folder: Path) -> Path:
    """Names in a namespace of another VPC: found again by its id alone."""
    landlord_vpc = landlord.estate(tell).vpc
    where = landlord.namespace(tell, "corp.internal", landlord_vpc)
    web = service(discovery=[{"cloud_map": {"namespace": where, "name": "shop"}}])
    return spec(folder, {"web": web}, network={"cidr": "10.9.0.0/16"})


VARIANTS: dict[Callable[[Teller, Path], Path], list[str]] = {
    subnets_by_id: [],
    everything_borrowed: [],
    existing_listener: [],
    own_network: [],
    foreign_namespace: ["NAMESPACE_ELSEWHERE"],
}
"""How to build each, and what the look ahead says about it."""


@pytest.mark.parametrize("build", VARIANTS, ids=lambda build: build.__name__)
def test_story(
    tell: Teller, tmp_path: Path, build: Callable[[Teller, Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard().watch(monkeypatch)
    path = build(tell, tmp_path)
    before = landlord.inventory(tell)
    assert tell("validate", path, at=False).exit_code == 0
    planned = tell.data("plan", path)
    assert [finding["code"] for finding in planned["findings"]] == VARIANTS[build]
    assert not [change for change in planned["changes"] if change["action"] != "create"]
    foreseen = tell("reach-check", path, "--planned")
    assert foreseen.exit_code == 0, foreseen.stdout

    up = tell("up", path, "--yes")
    assert up.exit_code == 0, up.stderr
    tell.forget_calls()
    assert tell("up", path, "--yes").exit_code == 0
    assert not tell.writes()
    assert tell("plan", path, "--check").exit_code == 0
    running = [task["status"] for service in tell.data("describe", path)["services"] for task in service["tasks"]]
    assert running == ["RUNNING", "RUNNING"]
    live = tell("reach-check", path)
    assert live.exit_code == 0, live.stdout

    down = tell("down", path, "--yes")
    assert down.exit_code == 0, down.stderr
    after = landlord.inventory(tell)
    assert {thing: after.get(thing) for thing in before} == before
    assert not [thing for thing in after.keys() - before.keys() if thing[0] not in HISTORY], sorted(after)
    refused = guard.refused(documents(tell, path, at=True))
    assert not refused, "\n".join(["called, and not allowed by the policy that iam-policy prints:", *refused])


HISTORY = {"task", "task_definition", "service", "nat_gateway"}
"""Kinds of which AWS keeps showing what was: stopped tasks, inactive services and revisions, deleted gateways."""


def test_a_template_for_a_borrowed_network_names_what_is_there(tell: Teller, tmp_path: Path) -> None:
    estate = landlord.estate(tell)
    web = service(expose=[{"alb": {"to": "app:80"}}])
    template = tell.data("export", "cloudformation", spec(tmp_path, {"web": web}, network=network(estate, tags=True)))
    made = {entry["Type"]: entry.get("Properties", {}) for entry in template["Resources"].values()}
    assert set(made["AWS::ElasticLoadBalancingV2::LoadBalancer"]["Subnets"]) == set(estate.public)
    assert made["AWS::ElasticLoadBalancingV2::TargetGroup"]["VpcId"] == estate.vpc
    assert not [kind for kind in made if kind in ("AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable")]


def test_the_sandbox_is_looked_at_where_something_was_built(
    tell: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names no Region anywhere means the one that the sandbox was last told to build in."""
    landlord.cluster(tell, "elsewhere")
    region = tell.served.control.status()["region"]
    found = process.Running(tell.served.endpoint, 1, "2026-01-01T00:00:00+00:00", {}, region)
    monkeypatch.setattr(process, "status", lambda: found)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    wire = Door(sandbox=True).wire()
    assert connect(wire).region == landlord.REGION
    assert connect(wire, "eu-north-1").region == "eu-north-1"
    assert connect(Door(sandbox=True, region="us-west-2").wire()).region == "us-west-2"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ca-central-1")
    assert connect(wire).region == "ca-central-1"
