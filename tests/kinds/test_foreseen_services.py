"""What is foreseen beside a balancer and a service is what AWS makes, up to ids, addresses and who asked for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

from cases_other import balancer, discovery, service, service_behind
from staging import STACK, Stage, kind_of

from fargate_net.kinds.base import Scope
from fargate_net.kinds.cluster import Cluster
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service, ServiceRegistry, ServiceTarget
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.target_group import TargetGroup, TargetHealthCheck, TargetState
from fargate_net.kinds.task import Task
from fargate_net.model.snapshot import Found, Snapshot

KINDS = ("subnet", "network_interface", "target_group", "discovery_service", "task_definition", "task", "service")


def world(stage: Stage) -> Snapshot:
    vpcs = frozenset(found.id for found in stage.scan("vpc") if isinstance(found, Found))
    scope = Scope(stack=STACK, vpcs=vpcs)
    return Snapshot(found for kind in KINDS for found in stage.scan(kind, scope) if isinstance(found, Found))


def planned(props: Any, key: str) -> Found[Any]:
    return Found(f"planned:{key}", props, stack=STACK, key=key, planned=True)


def faces(found: Iterable[Found[Any]]) -> list[NetworkInterface]:
    """Interfaces without what cannot be foreseen; whether there is a public address stays."""
    plain = [
        replace(
            face.props,
            private_ips=("inside",) * len(face.props.private_ips),
            public_ips=(("inside", "outside"),) * len(face.props.public_ips),
            description="",
            requester="",
            owner="",
        )
        for face in found
        if isinstance(face.props, NetworkInterface)
    ]
    return sorted(plain, key=str)


def test_the_interfaces_of_a_balancer(stage: Stage) -> None:
    base = balancer(stage)
    for family in ("application", "network"):
        want = replace(base, type=family, name=f"shop-{family}")
        foreseen = list(kind_of("load_balancer").implied(planned(want, f"load_balancer/{family}"), world(stage)))
        stage.put(family, want)
        live = stage.mine("load_balancer", family)
        assert live is not None
        made = list(kind_of("load_balancer").made(live, world(stage)))
        assert len(made) == 2
        assert faces(foreseen) == faces(made)
        assert all(ip_address(face.props.public_ips[0][1]).is_private for face in foreseen), "a documentation address"


def test_an_internal_balancer_gets_no_public_address(stage: Stage) -> None:
    want = replace(balancer(stage), scheme="internal")
    foreseen = kind_of("load_balancer").implied(planned(want, "load_balancer/web"), world(stage))
    assert [face.props.public_ips for face in foreseen] == [(), ()]


def test_the_tasks_of_a_service_with_their_targets(stage: Stage) -> None:
    want = replace(service_behind(stage, service(stage)), desired=3)
    before = world(stage)
    kind = kind_of("service")
    foreseen = list(kind.implied(planned(want, "service/web"), before))
    stage.put("web", want)
    stage.later()
    after = world(stage)
    live = stage.mine("service", "web")
    assert live is not None
    made = list(kind.made(live, after))
    assert faces(foreseen) == faces(made)

    def tasks(found: Iterable[Found[Any]]) -> list[Task]:
        plain = [replace(t.props, interface="", private_ip="") for t in found if isinstance(t.props, Task)]
        return sorted(plain, key=str)

    assert [(t.subnet, t.zone, t.service, t.definition) for t in tasks(foreseen)] == [
        (t.subnet, t.zone, t.service, t.definition) for t in tasks(made)
    ]
    assert tasks(foreseen)[0].containers[0].name == tasks(made)[0].containers[0].name

    def targets(found: Iterable[Found[Any]]) -> list[TargetState]:
        (group,) = [item.props for item in found if isinstance(item.props, TargetGroup)]
        assert group.targets is not None
        return sorted((replace(state, id="", description="", reason="") for state in group.targets), key=str)

    assert targets(foreseen) == targets(after.of(TargetGroup).values())
    assert len(targets(foreseen)) == 3


def test_the_names_of_a_service(stage: Stage) -> None:
    name = stage.put("web", discovery(stage))
    want = replace(service(stage), registries=frozenset({ServiceRegistry(name)}))
    foreseen = kind_of("service").implied(planned(want, "service/web"), world(stage))
    (seen,) = [found for found in foreseen if found.kind == "discovery_service"]
    stage.put("web", want)
    stage.later()
    live = world(stage).kind("discovery_service")[name]
    assert seen.id == name
    assert len(seen.props.instances) == len(live.props.instances) == 1
    assert seen.props.instances[0].port == live.props.instances[0].port
    assert seen.props.instances[0].healthy == live.props.instances[0].healthy


def test_foreseen_tasks_take_free_addresses_of_their_subnets_and_unused_public_ones() -> None:
    subnet = Found(
        "subnet-1", Subnet("vpc-1", "10.0.0.0/28", "eu-west-1a", ipv6_cidr="2001:db8::/64", assign_ipv6=True)
    )
    taken = NetworkInterface("vpc-1", "subnet-1", "eu-west-1a", ("10.0.0.4",), frozenset())
    there = Snapshot([subnet, Found("eni-1", taken), Found("shop", Cluster("shop"))])
    want = Service("web", "shop", "td", 20, ("subnet-1",), frozenset({"sg-1"}), public_ip=True)
    made = list(kind_of("service").implied(planned(want, "service/web"), there))
    tasks = [f for f in made if isinstance(f.props, Task)]
    addresses = [f.props.private_ip for f in tasks]
    assert addresses == [f"10.0.0.{n}" for n in range(5, 15)], "the subnet is full after ten"
    outside = [f.props.public_ips[0][1] for f in made if isinstance(f.props, NetworkInterface)]
    assert len(set(outside)) == 10
    assert all(ip_address(address) in ip_network("203.0.113.0/24") for address in outside)
    assert all(len(f.props.ipv6_ips) == 1 for f in made if isinstance(f.props, NetworkInterface))
    assert [f.id for f in tasks][:2] == ["planned:task/service/web/0", "planned:task/service/web/1"]


def test_what_a_service_registers_replaces_its_own_and_leaves_the_rest() -> None:
    def face(id: str, ip: str) -> Found[Any]:
        return Found(id, NetworkInterface("vpc-1", "subnet-1", "a", (ip,), frozenset()))

    states = tuple(TargetState(ip, 80) for ip in ("10.0.0.5", "10.0.0.6", "10.0.0.9"))
    group = Found("tg", TargetGroup("g", "HTTP", 80, "vpc-1", TargetHealthCheck("HTTP"), targets=states))
    old = Found("t1", Task("shop", "web", "td", "eni-5", "subnet-1", "10.0.0.5"))
    subnet = Found("subnet-1", Subnet("vpc-1", "10.0.0.0/28", "a"))
    there = Snapshot([group, old, subnet, face("eni-5", "10.0.0.5"), face("eni-6", "10.0.0.6")])
    want = Service(
        "web", "shop", "td2", 1, ("subnet-1",), frozenset(), targets=frozenset({ServiceTarget("tg", "c", 8080)})
    )
    live = Found("arn:service", want, key="service/web")
    made = list(kind_of("service").implied(live, there))
    (after,) = [f.props.targets for f in made if isinstance(f.props, TargetGroup)]
    assert [(state.id, state.port) for state in after] == [("10.0.0.6", 80), ("10.0.0.4", 8080)]
    assert {f.id for f in kind_of("service").made(live, there)} == {"t1", "eni-5"}
