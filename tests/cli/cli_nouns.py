"""Nouns made by hand, as ``app`` would return them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from fargate_net.model.change import Change, FieldChange, Plan
from fargate_net.model.event import Done, Event, Failed, Finished, Notice, Retrying, Skipped, Started, Waiting
from fargate_net.model.probe import Probed
from fargate_net.model.report import (
    ContainerRow,
    DiscoveryRow,
    EndpointRow,
    Report,
    ServiceRow,
    StoppedRow,
    SubnetRow,
    TargetRow,
    TaskRow,
)
from fargate_net.model.resource import Ref
from fargate_net.model.verdict import (
    Answer,
    Blocker,
    Cell,
    Disposition,
    Hop,
    InterfaceClass,
    Matrix,
    Open,
    Path,
    Question,
    ReachChange,
)

WEB = Open("tcp", ("80",), ("1024-65535",))

REACHABLE = Answer(
    Question("internet", "web", "tcp", (80, 80), via="alb", expect=Disposition.REACHABLE),
    Disposition.REACHABLE,
    open=(WEB,),
    paths=(
        Path(
            (
                Hop("igw-1", "internet_gateway", "", "translates 203.0.113.9 to 10.20.0.7"),
                Hop("sg-1", "security_group", "ingress tcp 80 from 0.0.0.0/0", "allows"),
            ),
            (Hop("acl-1", "network_acl", "egress rule 100", "allows"),),
        ),
    ),
    assumptions=("the process listens on 0.0.0.0",),
)
BLOCKER = Blocker(
    "ENI_SG_RULES_MISMATCH", "forward", "sg-1", "ingress", "sg-1 has no rule for tcp 8080.", "Allow tcp 8080 in sg-1."
)
BLOCKED_AS_WISHED = Answer(
    Question("internet", "api", "tcp", (8080, 8080), expect=Disposition.BLOCKED),
    Disposition.BLOCKED,
    blockers=(BLOCKER,),
)
NOT_MET = Answer(
    Question("web", "api", "tcp", (8080, 8080), expect=Disposition.REACHABLE), Disposition.BLOCKED, blockers=(BLOCKER,)
)
UNKNOWN = Answer(
    Question("web", "10.9.0.1", "tcp", (5432, 5432), expect=Disposition.BLOCKED),
    Disposition.UNKNOWN,
    missing=("ec2:DescribeVpcPeeringConnections: access denied",),
)
PARTIAL = Answer(
    Question("internet", "web"), Disposition.PARTIAL, open=(Open("tcp", ("80",), ("1024-65535",), tasks=("t1",)),)
)

PLAN = Plan(
    "shop",
    (
        Change("create", "vpc/main", fields=(FieldChange("cidr", None, "10.0.0.0/16"),)),
        Change("create", "nat_gateway/a", fields=(FieldChange("subnet", None, Ref("subnet/public-a")),)),
        Change(
            "update",
            "security_group/web",
            "sg-1",
            (
                FieldChange("rules", frozenset({"tcp 80", "udp 53", "tcp 22"}), frozenset({"tcp 8080", "udp 53"})),
                FieldChange("task", "web:1", Ref("task_definition/web")),
            ),
            note="A rule that somebody else added is left alone.",
        ),
        Change(
            "replace", "target_group/web", "tg-1", (FieldChange("port", 80, 81),), interrupts="new connections wait"
        ),
        Change("delete", "listener/old", "arn:old"),
        Change("orphan", "log_group/old", "old", note="--prune deletes it."),
    ),
)


def view(plan: Plan = PLAN, **more: Any) -> Any:
    """A PlanView by shape."""
    given: dict[str, Any] = {
        "stack": SimpleNamespace(region="eu-west-1", stack=plan.stack),
        "plan": plan,
        "opens": (ReachChange("internet", "web", opened=(Open("tcp", ("8080",), ("1024-65535",)),)),),
        "closes": (ReachChange("internet", "web", closed=(WEB,)),),
        "cost_before": 43.8,
        "cost_after": 76.65,
        "notes": ("shop.yaml:3:1: a warning",),
        "findings": (),
        "answers": (),
    }
    return SimpleNamespace(**(given | more))


EMPTY = view(Plan("shop"), opens=(), closes=(), cost_before=43.8, cost_after=43.8, notes=())

EVENTS: tuple[Event, ...] = (
    Started(0.0, "vpc/main", "create"),
    Done(0.5, "vpc/main", "create", "vpc-1", 0.5),
    Started(0.6, "nat_gateway/a", "create"),
    Waiting(1.0, "nat_gateway/a", "pending", 0.4, 100.0),
    Waiting(2.0, "nat_gateway/a", "pending", 1.4, 100.0),
    Waiting(40.0, "nat_gateway/a", "pending", 39.4, 100.0),
    Retrying(41.0, "service/web", "the role is not usable yet", 2.0),
    Notice(42.0, "The lock of bob@host was stale and is taken over.", "Ask bob."),
    Failed(50.0, "nat_gateway/a", "create", "The limit is reached.", "Raise the limit."),
    Skipped(50.0, "route_table/private-a", "nat_gateway/a"),
    Finished(51.0, {"done": 1, "failed": 1, "skipped": 1}),
)


def task(id: str = "5978e27f0123456789abcdef01234567", **more: Any) -> TaskRow:
    given: dict[str, Any] = {
        "id": id,
        "status": "RUNNING",
        "zone": "ap-southeast-1a",
        "subnet": SubnetRow("subnet-0123456789abcdef0", "10.20.128.0/20", False, 4091),
        "eni": "eni-0123456789abcdef0",
        "private_ip": "10.20.129.109",
        "public_ip": "203.0.113.109",
        "ipv6": None,
        "security_groups": (("sg-0123456789abcdef0", "shop-web"),),
        "containers": (
            ContainerRow("nginx", ((80, "tcp"),), "HEALTHY"),
            ContainerRow("php-fpm", ((9000, "tcp"),), "UNKNOWN"),
        ),
        "targets": (TargetRow("shop-web", 80, "healthy", None),),
        "discovery": (DiscoveryRow("web.shop.local", "10.20.129.109", 80),),
        "reach": {"internet": "via alb: 443"},
    }
    return TaskRow(**(given | more))


STOPPED = StoppedRow(
    "0aaaaaaabbbb", "ResourceInitializationError: unable to pull", "no path to aws:ecr.api from subnet-3",
    "ENDPOINT_MISSING", "Add an endpoint for ecr.api in vpc-1.",
)  # fmt: skip
SERVICE = ServiceRow(
    "web", "shop", "ACTIVE", 2, 1, 1,
    (EndpointRow("alb", "https://www.app.io/", "shop-1.eu-west-1.elb.amazonaws.com", "internet-facing"),),
    (task(), task("6978e27f0123456789abcdef01234567", public_ip=None, subnet=None, targets=(), discovery=(), reach={})),
    (STOPPED, StoppedRow("0ccccccc", STOPPED.reason, STOPPED.cause, STOPPED.code, STOPPED.fix)),
    ("(service web) has reached a steady state.",),
)  # fmt: skip
REPORT = Report((SERVICE,))

MATRIX = Matrix(
    (
        InterfaceClass("internet", ()),
        InterfaceClass("c1", ("eni-1", "eni-2", "eni-3", "eni-4"), "subnet-1", ("sg-1",), ("web",)),
    ),
    (
        Cell("internet", "c1", (Open("tcp", ("443",), ("1024-65535",)),)),
        Cell("c1", "internet", unknown="tgw-1 is not ours"),
    ),
)


@dataclass
class FakeRun:
    """A Run that plays the events it is given."""

    plan_view: Any = field(default_factory=view)
    played: tuple[Event, ...] = (Finished(1.0, {"done": 3}),)
    ok: bool = True
    judged: tuple[Answer, ...] = (REACHABLE,)

    def events(self) -> Iterator[Event]:
        yield from self.played

    def report(self) -> Report:
        return REPORT

    def answers(self) -> tuple[Answer, ...]:
        return self.judged


@dataclass
class FakeChecked:
    """What reach-check found."""

    groups: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    matrix: Matrix | None = None
    changes: tuple[ReachChange, ...] | None = None
    missing: tuple[str, ...] = ()
    probed: Mapping[Question, Probed] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(answer for group in self.groups.values() for answer in group)

    @property
    def met(self) -> bool:
        return all(a.met if a.met is not None else a.verdict == Disposition.REACHABLE for a in self.answers)


def returning(value: Any, calls: list[Any] | None = None) -> Callable[..., Any]:
    """A use case that answers this, or raises it, and remembers its arguments."""

    def use_case(*args: Any, **kwargs: Any) -> Any:
        if calls is not None:
            calls.append((args, kwargs))
        if isinstance(value, BaseException):
            raise value
        return value

    return use_case
