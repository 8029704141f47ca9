"""A saved answer with one value spoiled is a sentence or a Missing, never a traceback."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from scripted_aws import ScriptedAws
from test_ecs_read import definition, service, task
from test_elb_read import BALANCERS, GROUPS, LB, RULES, listeners, tags
from test_names_read import NAME, RECORDS, SPACE, ZONES, cloud_map, of_vpc

from fargate_net.errors import FargateNetError
from fargate_net.kinds.base import REGISTRY, Scope, load_all
from fargate_net.kinds.fields import Absent
from fargate_net.model.snapshot import Found, Missing

load_all()
KINDS = [
    *("load_balancer", "target_group", "listener", "listener_rule", "cluster", "service", "task", "task_definition"),
    *("namespace", "discovery_service", "hosted_zone", "record_set", "scaling_target"),
]
ANSWERS: dict[str, Any] = {
    "elbv2.describe_load_balancers": BALANCERS,
    "elbv2.describe_target_groups": GROUPS,
    "elbv2.describe_tags": tags([LB]),
    "elbv2.describe_load_balancer_attributes": {"Attributes": [{"Key": "a", "Value": "b"}]},
    "elbv2.describe_target_group_attributes": {"Attributes": [{"Key": "a", "Value": "b"}]},
    "elbv2.describe_target_health": {
        "TargetHealthDescriptions": [{"Target": {"Id": "10.0.1.9", "Port": 80}, "TargetHealth": {"State": "healthy"}}]
    },
    "elbv2.describe_listeners": listeners(LB),
    "elbv2.describe_rules": RULES,
    "ecs.describe_clusters": {
        "clusters": [{"clusterName": "shop", "settings": [{"name": "containerInsights", "value": "enabled"}]}]
    },
    "ecs.describe_services": {"services": [service()]},
    "ecs.describe_tasks": {"tasks": [task(containers=[{"name": "c", "exitCode": 1}])]},
    "ecs.describe_task_definition": definition(
        containerDefinitions=[
            {
                "name": "nginx",
                "image": "nginx:1",
                "portMappings": [{"containerPort": 80}, {"containerPortRange": "1-2"}],
                "environment": [{"name": "A", "value": "1"}],
                "healthCheck": {"command": ["true"], "interval": 5},
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "mode": "x"}},
                "repositoryCredentials": {"credentialsParameter": "arn"},
                "dependsOn": [{"containerName": "a", "condition": "START"}],
            }
        ]
    ),
    **{name: cloud_map().answers[name] for name in cloud_map().answers if name.startswith("servicediscovery.")},
    "servicediscovery.list_namespaces": {"Namespaces": [SPACE]},
    "servicediscovery.get_service": {"Service": NAME},
    "route53.get_hosted_zone": of_vpc("vpc-1"),
    "route53.list_hosted_zones": ZONES,
    "route53.list_resource_record_sets": {"ResourceRecordSets": RECORDS},
    "application-autoscaling.describe_scalable_targets": {
        "ScalableTargets": [
            {
                "ResourceId": "service/shop/web",
                "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 1,
                "MaxCapacity": 2,
            }
        ]
    },
    "application-autoscaling.describe_scaling_policies": {
        "ScalingPolicies": [
            {
                "ResourceId": "service/shop/web",
                "PolicyName": "p",
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 60.0,
                    "ScaleOutCooldown": 300,
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                },
            }
        ]
    },
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in inside for place in [(*path, key), *places(item, (*path, key))]]


PLACES = [(operation, *place) for operation, answer in ANSWERS.items() for place in places(answer)]
SPOILED = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", "é\u0000%7B", [], [1], [[]], ["x"], {}, {"x": 1}, [{}], [None]]
)


GOAL = ("ScalingPolicies", 0, "TargetTrackingScalingPolicyConfiguration", "TargetValue")


@settings(max_examples=300, deadline=None)
@example(("servicediscovery.get_instances_health_status", "Status"), "x")
@example(("application-autoscaling.describe_scaling_policies", *GOAL), "x")
@given(place=st.sampled_from(PLACES), spoiled=SPOILED)
def test_one_spoiled_value_is_no_traceback(place: tuple[Any, ...], spoiled: Any) -> None:
    answers = deepcopy(ANSWERS)
    inner: Any = answers
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = spoiled
    aws = ScriptedAws(answers, saved=True)
    for kind in KINDS:
        try:
            things = list(REGISTRY[kind].scan(aws, Scope()))
        except (FargateNetError, Absent):
            continue
        for thing in things:
            assert isinstance(thing, (Found, Missing))
            assert hash(thing.props if isinstance(thing, Found) else thing) is not None


def test_the_answers_are_sound_before_they_are_spoiled() -> None:

    for kind in KINDS:
        things = list(REGISTRY[kind].scan(ScriptedAws(deepcopy(ANSWERS), saved=True), Scope()))
        assert things, kind
        assert all(isinstance(thing, Found) for thing in things)
