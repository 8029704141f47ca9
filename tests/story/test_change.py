"""A change of every kind, while somebody looks at the services: no moment without tasks, a way out, or a target.

Where AWS cannot change a thing in place the plan says ``replace``, with field, before, after and what is interrupted.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.telling import Story, Told, example, story
from tests.chaos.watch import Watch, up_now


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as told:
        yield told


def built(tell: Story, name: str) -> dict[str, Any]:
    """The example, up; its spec without expectations, to be changed."""
    spec = example(name)
    spec.pop("reach")
    tell.write(spec)
    tell.up()
    tell.stage.clock.sleep(300)
    return spec


def changed(tell: Story, spec: dict[str, Any], *options: str) -> tuple[Told, Watch]:
    """The new spec, up; nothing is left to do afterwards."""
    tell.write(spec)
    told, watch = tell.watched(*options)
    again = tell("plan", "--check", "--output", "json")
    assert again.code == 0, again.out
    return told, watch


def planned(told: Told) -> dict[str, dict[str, Any]]:
    """The changes that were announced, by key."""
    return {change["key"]: change for change in told.events("plan")[0]["changes"]}


def before(told: Told, first: str, then: str) -> bool:
    """Whether one step was done before another one began: ``action key`` each."""
    done = {f"{e['action']} {e['key']}": e["at"] for e in told.events("done")}
    begun = {f"{e['action']} {e['key']}": e["at"] for e in told.events("started")}
    return bool(done[first] <= begun[then])


def test_the_watch_sees_what_is_lost(tell: Story) -> None:
    built(tell, "public")
    assert up_now() == {"blog": frozenset({"tasks", "way out", "target"})}
    watch, ec2 = Watch(), tell.client("ec2")
    table = next(t for t in ec2.describe_route_tables()["RouteTables"] if len(t["Routes"]) > 1)
    ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
    watch.look()
    assert ("blog", "way out") in watch.lost


def test_a_new_image_and_more_tasks_are_updates(tell: Story) -> None:
    spec = built(tell, "alb")
    spec["services"]["web"].update(count=3)
    spec["services"]["web"]["containers"][0]["image"] = "nginx:1.28"
    told, watch = changed(tell, spec)
    assert {key: change["action"] for key, change in planned(told).items()} == {
        "task_definition/web": "update",
        "service/web": "update",
    }
    assert not watch.lost


def test_a_health_check_changes_in_place(tell: Story) -> None:
    spec = built(tell, "alb")
    spec["services"]["web"]["expose"][0]["alb"]["health"] = {"path": "/healthy", "interval": 20}
    told, watch = changed(tell, spec)
    assert [(c["action"], c["key"].partition("/")[0]) for c in planned(told).values()] == [("update", "target_group")]
    assert not watch.lost
    assert not watch.silent


def test_a_protocol_replaces_the_target_group_and_every_request_finds_a_target(tell: Story) -> None:
    spec = built(tell, "alb")
    spec["services"]["web"]["expose"][0]["alb"]["protocol_version"] = "http2"
    told, watch = changed(tell, spec)
    assert not watch.lost
    assert not watch.silent
    key, group = next(item for item in planned(told).items() if item[0].startswith("target_group/"))
    assert group["action"] == "replace"
    assert group["interrupts"] == "none"
    assert "healthy in both" in group["note"]
    assert any(field["name"] == "protocol_version" and field["before"] != field["after"] for field in group["fields"])
    (listener,) = (key for key in planned(told) if key.startswith("listener"))
    assert told.order(key, listener, "service/web") == [
        f"replace {key}",
        f"update {listener}",  # leads to both, the new one gets nothing
        "update service/web",  # tasks in both
        f"update {listener}",  # leads to the new one
        "update service/web",
        f"delete {key}",
    ]
    assert up_now()["web"] == {"tasks", "way out", "target"}


def test_tasks_that_change_with_the_protocol_are_followed_as_soon_as_one_is_healthy(tell: Story) -> None:
    spec = built(tell, "alb")
    spec["services"]["web"]["expose"][0]["alb"]["target_protocol"] = "https"
    spec["services"]["web"]["expose"][0]["alb"]["health"] = {"protocol": "https"}
    spec["services"]["web"]["containers"][0]["image"] = "nginx:1.28"
    told, watch = changed(tell, spec)
    assert not watch.lost
    key, group = next(item for item in planned(told).items() if item[0].startswith("target_group/"))
    assert "for some seconds" in group["interrupts"], "neither the old nor the new tasks need be healthy in both"
    (listener,) = (key for key in planned(told) if key.startswith("listener"))
    assert told.order(key, listener, "service/web") == [
        f"replace {key}",
        f"update {listener}",
        "update service/web",  # as soon as a first task is healthy
        f"update {listener}",
        "wait service/web",  # for the others
        f"delete {key}",
    ]


def test_a_protocol_that_tasks_do_not_speak_stops_nobody_and_can_be_taken_back(tell: Story) -> None:
    good = built(tell, "alb")
    bad = copy.deepcopy(good)
    bad["services"]["web"]["expose"][0]["alb"].update(health={"port": 81}, protocol_version="http2")
    tell.write(bad)
    watch = Watch()
    tell.stage.sparse = False
    tell.stage.after_write = tell.stage.clock.after_sleep = watch.look
    told = tell("up", "--yes", "--output", "json")
    assert told.code == 1
    assert "service/web" in {event["key"] for event in told.events("failed")}
    tell.stage.clock.sleep(600)  # ECS takes the deployment back
    assert not watch.lost
    assert not watch.silent, "requests went to the old group all the time"
    _, watch = changed(tell, good)
    assert not watch.lost
    assert not watch.silent
    groups = tell.client("elbv2").describe_target_groups()["TargetGroups"]
    assert [group["ProtocolVersion"] for group in groups] == ["HTTP1"], "the group nobody wants any more is gone"


def test_another_protocol_behind_a_network_balancer_interrupts_and_the_plan_says_for_how_long(tell: Story) -> None:
    spec = example("nlb")
    spec.pop("reach")
    tell.write(spec)
    tell.up()
    way = spec["services"]["broker"]["expose"][0]["nlb"]
    way["protocol"] = "udp"
    spec["services"]["broker"]["containers"][0]["ports"] = [{"port": 1883, "protocol": "udp"}, 8883]
    way["health"] = {"protocol": "tcp", "port": 8883}
    told, _ = changed(tell, spec)
    plan = planned(told)
    group = next(change for key, change in plan.items() if key.startswith("target_group/"))
    assert (
        group["interrupts"] == "broker answers nothing behind its balancer for about 2 minutes, while new tasks start"
    )
    listener = next(change for key, change in plan.items() if key.startswith("listener/"))
    assert listener["interrupts"] == "clients on port 1883 have to speak UDP from then on"
    assert up_now()["broker"] == {"tasks", "way out", "target"}


def test_conditions_send_requests_to_the_rule_before_the_listener_lets_go(tell: Story) -> None:
    spec = built(tell, "alb")
    spec["services"]["web"]["expose"][0]["alb"]["paths"] = ["/shop*"]
    told, watch = changed(tell, spec)
    assert not watch.lost
    (rule,) = (key for key in planned(told) if key.startswith("listener_rule/"))
    assert before(told, f"create {rule}", "update listener/alb.80")


def test_a_name_leads_to_the_new_balancer_when_tasks_serve_there_and_the_old_one_serves_until_all_know(
    tell: Story,
) -> None:
    spec = example("alb")
    spec.pop("reach")
    tell.client("route53").create_hosted_zone(Name="app.io.", CallerReference="app")
    way = spec["services"]["web"]["expose"][0]["alb"] = {"dns": {"zone": "app.io", "name": "www"}}
    tell.write(spec)
    tell.up()
    way["name"] = "second"
    told, watch = changed(tell, spec, "--prune")
    assert not watch.lost
    done = [(f"{e['action']} {e['key']}", e["at"]) for e in told.events("done")]
    (record,) = (at for step, at in done if step == "update record_set/www.app.io.A")
    both, alone = (at for step, at in done if step == "update service/web")
    assert both <= record
    assert alone - record >= 60, "resolvers remember the old balancer for a minute"
    assert all(at >= alone for step, at in done if step.startswith("delete load_balancer"))


def test_the_scheme_exchanges_the_balancer_and_there_is_always_a_target(tell: Story) -> None:
    spec = built(tell, "alb")
    spec["services"]["web"]["expose"][0]["alb"]["internal"] = True
    told, watch = changed(tell, spec, "--prune")
    assert not watch.lost
    made = [c for key, c in planned(told).items() if key.startswith("load_balancer/") and c["action"] != "delete"]
    assert [change["action"] for change in made] == ["create"]
    assert before(told, "create listener/alb.internal.80", "update service/web")
    assert before(told, "update service/web", "delete load_balancer/alb")
    assert up_now()["web"] == {"tasks", "way out", "target"}
    balancers = tell.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert [balancer["Scheme"] for balancer in balancers] == ["internal"]


@pytest.mark.parametrize("way", [("nat", "endpoints"), ("endpoints", "nat")])
def test_the_way_out_is_exchanged_without_a_moment_without_one(tell: Story, way: tuple[str, str]) -> None:
    spec = example("endpoints")
    spec.pop("reach")
    spec["network"].update(egress=way[0])
    spec["network"].pop("endpoints")
    tell.write(spec)
    tell.up()
    spec["network"]["egress"] = way[1]
    told, watch = changed(tell, spec, "--prune")
    assert not watch.lost
    begun = {f"{e['action']} {e['key']}": e["at"] for e in told.events("started")}
    assert any(step.startswith(("delete nat_gateway", "delete vpc_endpoint")) for step in begun)
    new = "vpc_endpoint" if way[1] == "endpoints" else "nat_gateway"
    old = "nat_gateway" if way[1] == "endpoints" else "vpc_endpoint"
    ready = max(e["at"] for e in told.events("done") if e["action"] == "create" and e["key"].startswith(new))
    gone = [at for step, at in begun.items() if step.startswith(f"delete {old}") and "s3" not in step]
    assert gone
    assert ready <= min(gone), "the new way is ready before the old one goes"


def test_another_zone_is_added_beside_the_others(tell: Story) -> None:
    spec = built(tell, "public")
    spec["network"]["zones"] = 3
    told, watch = changed(tell, spec)
    actions = {change["action"] for change in planned(told).values()}
    assert actions <= {"create", "update"}
    assert "subnet/public-c" in planned(told)
    assert not watch.lost


def test_subnets_that_move_to_another_zone_are_never_all_gone(tell: Story) -> None:
    spec = example("public")
    spec.pop("reach")
    spec["network"]["zones"] = ["eu-west-1a", "eu-west-1b"]
    tell.write(spec)
    tell.up()
    spec["network"]["zones"] = ["eu-west-1b", "eu-west-1c"]
    told, watch = changed(tell, spec, "--prune")
    assert not watch.lost
    assert before(told, "update service/blog", "delete subnet/public-a")


def test_a_renamed_service_is_made_before_the_old_one_goes(tell: Story) -> None:
    spec = built(tell, "public")
    spec["services"] = {"journal": spec["services"]["blog"]}
    tell.write(spec)
    plan = {change["key"]: change["action"] for change in tell.plan()["changes"]}
    assert plan["service/blog"] == "orphan", "without --prune nothing is removed"
    assert plan["service/journal"] == "create"
    told, _ = changed(tell, spec, "--prune")
    assert set(up_now()) == {"journal"}
    assert up_now()["journal"] == {"tasks", "way out", "target"}
    ready = next(e["at"] for e in told.events("done") if e["key"] == "service/journal")
    assert all(e["at"] >= ready for e in told.events("started") if e["action"] == "delete")


def test_a_removed_service_leaves_the_others_alone(tell: Story) -> None:
    spec = built(tell, "article")
    spec["services"].pop("api")
    spec["services"]["web"].pop("allow_from")
    told, watch = changed(tell, spec, "--prune")
    assert set(up_now()) == {"web"}
    assert not {lost for lost in watch.lost if lost[0] == "web"}
    assert "delete service/api" in {f"{e['action']} {e['key']}" for e in told.events("done")}


def test_tags_of_the_spec_change_in_place(tell: Story) -> None:
    spec = built(tell, "static-dns")
    spec["tags"] = {"team": "net"}
    told, watch = changed(tell, spec)
    assert {change["action"] for change in planned(told).values()} == {"update"}
    assert not watch.lost
    tags = tell.client("ec2").describe_vpcs(Filters=[{"Name": "tag:team", "Values": ["net"]}])["Vpcs"]
    assert len(tags) == 1


def test_another_range_is_refused_by_the_plan_with_a_way_out(tell: Story) -> None:
    spec = built(tell, "public")
    spec["network"]["cidr"] = "10.99.0.0/16"
    tell.write(spec)
    was = up_now()
    (refused,) = (change for change in tell.plan()["changes"] if change["action"] == "refuse")
    assert refused["key"] == "vpc/main"
    assert "cannot become 10.99.0.0/16" in refused["note"]
    assert "Keep `network.cidr: 10.0.0.0/16`, or make a stack of another name" in refused["note"]
    told = tell("up", "--yes", "--output", "json")
    assert told.code == 4
    assert not told.events("started")
    assert up_now() == was


def test_endpoints_left_alone_are_said_to_answer_still(tell: Story) -> None:
    spec = example("endpoints")
    spec.pop("reach")
    tell.write(spec)
    tell.up()
    spec["network"].update(egress="nat")
    spec["network"].pop("endpoints", None)
    tell.write(spec)
    orphans = [change for change in tell.plan()["changes"] if change["key"].startswith("vpc_endpoint/")]
    assert {change["action"] for change in orphans} == {"orphan"}
    assert any("its private DNS leads the whole VPC to it for logs" in change["note"] for change in orphans)
    pruned = {change["key"]: change["action"] for change in tell.plan("--prune")["changes"]}
    assert {pruned[change["key"]] for change in orphans} == {"delete"}, "plan --prune shows what up --prune deletes"


def test_a_removed_service_that_others_still_let_in_is_refused_by_the_spec(tell: Story) -> None:
    spec = built(tell, "cloud-map")
    spec["services"].pop("worker")
    tell.write(spec)
    told = tell("plan")
    assert told.code == 2
    assert "worker" in told.err
    spec["services"]["store"].pop("allow_from")
    told, watch = changed(tell, spec, "--prune")
    assert set(up_now()) == {"store"}
    assert not {lost for lost in watch.lost if lost[0] == "store"}
    groups = {group["GroupName"] for group in tell.client("ec2").describe_security_groups()["SecurityGroups"]}
    assert "quotes-worker" not in groups


def test_down_ends_in_time_and_says_where_it_stands(tell: Story) -> None:
    built(tell, "alb")
    began = tell.stage.clock.now()
    told = tell("down", "--yes", "--timeout", "20s", "--output", "json")
    assert told.code == 1
    assert tell.stage.clock.now() - began < 30
    assert told.events("skipped")
    told = tell("down", "--yes", "--output", "json")
    assert told.code == 0
    waits = {event["reason"] for event in told.events("waiting")}
    assert any(words.startswith("waiting for ") and " to let go of " in words for words in waits), waits
    assert not told.events("retrying"), "that AWS needs a while is no fault"
