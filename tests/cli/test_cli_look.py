"""How nouns look, on a console of 100 columns without colour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cli_nouns import (
    BLOCKED_AS_WISHED,
    EMPTY,
    MATRIX,
    NOT_MET,
    PARTIAL,
    REACHABLE,
    REPORT,
    UNKNOWN,
    WEB,
    task,
    view,
)
from rich.console import Console

from fargate_net.cli.views import matrix, plan, tables, verdicts, words
from fargate_net.cli.views.sentences import sentence
from fargate_net.model.change import Change, FieldChange, Plan
from fargate_net.model.report import ContainerRow, EndpointRow, Report, ServiceRow, StoppedRow
from fargate_net.model.resource import Ref
from fargate_net.model.verdict import Answer, Blocker, Disposition, Hop, Open, Path, Question, ReachChange

Text = Callable[[], str]


def test_a_plan_shows_changes_fields_reach_and_cost(console: Console, text: Text) -> None:
    plan.show(console, view())
    assert text() == (
        "Plan for stack shop in eu-west-1\n"
        "  + create  VPC  vpc/main\n"
        "  + create  NAT gateway in eu-west-1a  nat_gateway/a\n"
        "  ~ change  Security group of web  security_group/web  sg-1\n"
        "      rules: (1 unchanged)\n"
        "        - tcp 22\n"
        "        - tcp 80\n"
        "        + tcp 8080\n"
        "      task: web:1 -> task_definition/web (known after up)\n"
        "      interrupts: none\n"
        "      A rule that somebody else added is left alone.\n"
        "  ± replace Target group of web  target_group/web  tg-1\n"
        "      port: 80 -> 81\n"
        "      interrupts: new connections wait\n"
        "  - delete  Listener old  listener/old  arn:old\n"
        "  o orphan  Log group of old  log_group/old  old\n"
        "      --prune deletes it.\n"
        "2 to create, 1 to change, 1 to replace, 1 to delete, 1 left alone.\n"
        "Reachability\n"
        "  + opens   internet -> web: tcp 8080\n"
        "  - closes  internet -> web: tcp 80\n"
        "Cost  USD 43.80 -> 76.65 a month (+32.85), traffic not included\n"
        "Note: shop.yaml:3:1: a warning"
    )


def test_an_empty_plan_says_so(console: Console, text: Text) -> None:
    plan.show(console, EMPTY)
    assert text() == ("No changes. The stack is as the spec says.\nCost  USD 43.80 a month, traffic not included")


def test_verbose_plans_list_new_properties(console: Console, text: Text) -> None:
    plan.show(console, view(), every_field=True)
    assert "      cidr: 10.0.0.0/16" in text()
    assert "      subnet: subnet/public-a (known after up)" in text()


def test_a_collection_in_another_order_is_told_as_such() -> None:
    field = FieldChange("command", ("a", "b", "c"), ("c", "b", "a"))
    assert list(plan.field_lines(field)) == ["command: (3 unchanged; another order)"]


@pytest.mark.parametrize(
    ("key", "region", "expected"),
    [
        ("nat_gateway/a", "eu-west-1", "NAT gateway in eu-west-1a"),
        ("nat_gateway/a", "", "NAT gateway in zone a"),
        ("subnet/private-b", "eu-west-1", "Private subnet in eu-west-1b"),
        ("route_table/public", "eu-west-1", "Public route table"),
        ("elastic_ip/nat-a", "eu-west-1", "Elastic IP of the NAT gateway in eu-west-1a"),
        ("elastic_ip/nlb.b", "eu-west-1", "Elastic IP of the Network Load Balancer in eu-west-1b"),
        ("role/web.execution", "", "Execution role of web"),
        ("role/network.flow-logs", "", "IAM role of the flow logs"),
        ("security_group/balancer.alb", "", "Security group of the Application Load Balancer"),
        ("security_group_rules/web", "", "Rules of the security group of web"),
        ("security_group/alb", "", "Security group of alb"),
        ("load_balancer/alb-admin.internal", "", "Internal Application Load Balancer admin"),
        ("listener/alb.443", "", "Listener on port 443 of the Application Load Balancer"),
        ("listener_rule/api.alb.443.d42d30", "", "Listener rule for api on port 443 of the Application Load Balancer"),
        (
            "target_group/api.alb.internal.80",
            "",
            "Target group of api on port 80 of the internal Application Load Balancer",
        ),
        ("record_set/www.app.io.A", "", "DNS record www.app.io (A)"),
        ("vpc/main", "", "VPC"),
        ("service/web", "", "ECS service web"),
        ("service/a", "eu-west-1", "ECS service a"),
        ("security_group/web", "", "Security group of web"),
        ("carrier_pigeon/x", "", "Carrier pigeon x"),
    ],
)
def test_a_key_is_a_sentence(key: str, region: str, expected: str) -> None:
    assert sentence(key, region) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Question("a", "web", "tcp", (80, 80)), "web:80/tcp"),
        (Question("a", "web", "udp", (5000, 5010)), "web:5000-5010/udp"),
        (Question("a", "web"), "web"),
        (Question("a", "web", "icmp"), "web/icmp"),
        (Question("a", "2001:db8::1", "tcp", (443, 443)), "[2001:db8::1]:443/tcp"),
        (Question("a", "2001:db8::1"), "2001:db8::1"),
    ],
)
def test_a_target_is_written_as_it_was_asked(question: Question, expected: str) -> None:
    assert words.endpoint(question) == expected


def test_open_sockets_say_what_narrows_them() -> None:
    assert words.sockets((WEB, Open("udp", ("53",)))) == "tcp 80; udp 53"
    narrow = Open("tcp", ("80",), ("32768-60999",), tasks=("t1",), clients=("203.0.113.0/24",))
    assert words.sockets((narrow,)) == ("tcp 80 (for tasks t1; from 203.0.113.0/24; for client ports 32768-60999 only)")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (REACHABLE, "✓ reachable internet -> web:80/tcp via alb  (as expected)"),
        (BLOCKED_AS_WISHED, "✓ blocked   internet -> api:8080/tcp  (as expected)"),
        (NOT_MET, "✗ blocked   web -> api:8080/tcp  (expected reachable: NOT MET)"),
        (UNKNOWN, "? unknown   web -> 10.9.0.1:5432/tcp  (expected blocked: NOT MET)"),
        (PARTIAL, "~ partial   internet -> web: tcp 80 (for tasks t1)"),
        (Answer(Question("a", "b", "tcp", (1, 1)), Disposition.BLOCKED), "✗ blocked   a -> b:1/tcp"),
    ],
)
def test_an_answer_is_one_line_in_words(answer: Answer, expected: str, console: Console, text: Text) -> None:
    verdicts.line(console, answer)
    assert text() == expected


def test_only_problems_are_explained_unless_asked(console: Console, text: Text) -> None:
    verdicts.show(console, {"expectations": (REACHABLE, NOT_MET), "start-up of web": (BLOCKED_AS_WISHED,)})
    assert text() == (
        "Expectations\n"
        "✓ reachable internet -> web:80/tcp via alb  (as expected)\n"
        "✗ blocked   web -> api:8080/tcp  (expected reachable: NOT MET)\n"
        "    ENI_SG_RULES_MISMATCH at sg-1, on the way there\n"
        "        rule: ingress\n"
        "        sg-1 has no rule for tcp 8080.\n"
        "        fix: Allow tcp 8080 in sg-1.\n"
        "Start-up of web\n"
        "✓ blocked   internet -> api:8080/tcp  (as expected)\n"
        "Assumed\n"
        "  the process listens on 0.0.0.0"
    )


def test_hops_of_request_and_reply(console: Console, text: Text) -> None:
    verdicts.details(console, REACHABLE)
    assert text() == (
        "    request:\n"
        "       1. internet gateway igw-1 translates 203.0.113.9 to 10.20.0.7\n"
        "       2. security group sg-1 allows (ingress tcp 80 from 0.0.0.0/0)\n"
        "    reply:\n"
        "       1. network ACL acl-1 allows (egress rule 100)"
    )


LONG = "the quick brown fox jumps over the lazy dog " * 5
CUTTABLE = Answer(
    Question("internet", "web", "tcp", (80, 80)),
    Disposition.BLOCKED,
    blockers=(Blocker("CODE", "return", "acl-1", "rule", LONG + "detail ends", LONG + "fix ends"),),
    paths=(Path((Hop("acl-1", "network_acl", LONG + "rule ends", "blocks"),)),),
    missing=(LONG + "fact ends",),
    assumptions=(LONG + "assumption ends",),
)


@pytest.mark.parametrize("is_file", [True, False])
def test_no_sentence_is_ever_cut(is_file: bool, console: Console, text: Text) -> None:
    console.soft_wrap = is_file
    verdicts.show(console, {"": (CUTTABLE,)})
    stopped = StoppedRow("t", LONG + "reason ends", "", "", LONG + "cure ends")
    row = ServiceRow("web", "shop", "ACTIVE", 0, 0, 0, (), (), (stopped,), (LONG + "event ends",))
    tables.show(console, Report((row,)))
    change = Change(
        "update", "role/web", "r", (FieldChange("policy", LONG, LONG + "field ends"),), note=LONG + "note ends"
    )
    plan.show(console, view(Plan("shop", (change,))))
    shown = " ".join(text().split())
    for word in ("detail", "fix", "rule", "fact", "assumption", "event", "field", "note", "reason", "cure"):
        assert f"{word} ends" in shown
    if is_file:
        assert any(line.endswith("detail ends") and len(line) > 200 for line in text().splitlines())
    else:
        assert max(len(line) for line in text().splitlines()) <= 100


def test_of_many_tasks_that_stopped_alike_a_few_are_named(console: Console, text: Text) -> None:
    stopped = tuple(StoppedRow(f"{number:08d}", "it ends", "", "", "") for number in range(7))
    tables.show(console, Report((ServiceRow("web", "shop", "ACTIVE", 0, 0, 0, (), (), stopped, ()),)))
    shown = text()
    assert "00000004" in shown
    assert "00000005" not in shown
    assert "2 more" in shown


def test_unknown_names_the_missing_fact(console: Console, text: Text) -> None:
    verdicts.show(console, {"": (UNKNOWN,)})
    assert "    not known: ec2:DescribeVpcPeeringConnections: access denied" in text()


def test_the_same_network_is_told(console: Console, text: Text) -> None:
    verdicts.changes(console, ())
    assert text() == "The reachability is the same as in the saved snapshot."


def test_changes_since_a_snapshot(console: Console, text: Text) -> None:
    verdicts.changes(console, (ReachChange("internet", "web", opened=(WEB,), note="health unknown"),))
    assert text() == (
        "Since the saved snapshot\n  + opens  internet -> web: tcp 80\n  ? internet -> web: health unknown"
    )


def test_the_matrix_lists_classes_and_open_pairs(console: Console, text: Text) -> None:
    matrix.show(console, MATRIX)
    assert "and 1 more" in text()
    assert "✓  internet  c1 (web)  tcp 443" in text()
    assert "?  c1 (web)  internet  unknown: tgw-1 is not ours" in text()
    assert text().endswith("Every other pair is closed.")


def test_describe_shows_all_a_client_needs(console: Console, text: Text) -> None:
    tables.show(console, REPORT)
    shown = text()
    for part in (
        "web  cluster shop  ACTIVE  1 of 2 tasks running, 1 pending",
        "https://www.app.io/", "shop-1.eu-west-1.elb.amazonaws.com",
        "5978e27f", "ap-southeast-1a", "10.20.129.109", "203.0.113.109", "80/tcp nginx", "healthy :80",
        "internet: via alb: 443",
        "eni-0123456789abcdef0", "subnet-0123456789abcdef0", "private, 4091 free", "10.20.128.0/20",
        "sg-0123456789abcdef0", "web.shop.local",
        "cause: no path to aws:ecr.api from subnet-3 (ENDPOINT_MISSING)", "fix: Add an endpoint for ecr.api in vpc-1.",
        "(service web) has reached a steady state.",
    ):  # fmt: skip
        assert part in shown, part
    assert shown.count("ResourceInitializationError") == 1, "tasks that stopped alike share a row"
    assert max(len(line) for line in shown.splitlines()) <= 100


def test_ids_are_never_cut_or_broken(console: Console, text: Text) -> None:
    tables.show(console, REPORT)
    lines = text().splitlines()
    assert any("eni-0123456789abcdef0" in line and "subnet-0123456789abcdef0" in line for line in lines)
    assert "…" not in text()


def test_an_ipv6_address_is_whole_beside_long_names(console: Console, text: Text) -> None:
    address = "2600:1f18:1234:5678:9abc:def0:1234:5678"
    boxes = (ContainerRow("a-container-with-a-long-name", ((8080, "tcp"),), "HEALTHY"),)
    reach = {"internet": "via an Application Load Balancer: 443"}
    row = ServiceRow("web", "shop", "ACTIVE", 1, 1, 0, (), (task(ipv6=address, containers=boxes, reach=reach),), (), ())
    tables.show(console, Report((row,)))
    assert address in text()


def test_a_stale_record_and_an_unknown_subnet_are_told(console: Console, text: Text) -> None:
    row = ServiceRow(
        "web", "shop", "ACTIVE", 1, 1, 0,
        (EndpointRow("dns", "", "direct.app.io", "", stale="points to 203.0.113.1, which no task has"),),
        (task(ipv6="2001:db8::1"),), (), (),
    )  # fmt: skip
    tables.show(console, Report((row,), missing=("elbv2:DescribeTargetHealth was denied",)))
    assert "stale: points to 203.0.113.1" in " ".join(text().split())
    assert "2001:db8::1" in text()
    assert "? not known: elbv2:DescribeTargetHealth was denied" in text()


def test_a_url_can_be_copied_whatever_its_length(console: Console, text: Text) -> None:
    url = f"http://{'x' * 90}.elb.amazonaws.com/"
    row = EndpointRow("service_connect", url, "other.app.io", "internet-facing")
    tables.show(console, Report((ServiceRow("web", "shop", "ACTIVE", 0, 0, 0, (row,), (), (), ()),)))
    assert f"  service connect internet-facing  {url}\n{' ' * 35}other.app.io" in text()


def test_no_service_is_a_sentence(console: Console, text: Text) -> None:
    tables.show(console, Report(()))
    assert text() == "There is no service."


def test_names_with_brackets_are_shown_as_they_are(console: Console, text: Text) -> None:
    plan.show(console, view(Plan("shop", (Change("create", "role/[red]x[/red]", note="see [bold]"),))))
    assert "role/[red]x[/red]" in text()
    assert "see [bold]" in text()


def test_values_in_words() -> None:
    assert words.value({"b": True, "a": None}) == "a=none, b=yes"
    assert words.value(frozenset({"z", "y"})) == "y, z"
    assert words.value(()) == "none"
    assert words.value(Ref("vpc/main")) == "vpc/main (known after up)"
    assert words.value(Open("tcp", ("80",))) == "(protocol=tcp, ports=80)"
    assert words.value(Disposition.BLOCKED) == "blocked"


@pytest.mark.parametrize(("given", "expected"), [(0.44, "0.4 s"), (72.4, "72 s"), (200, "3 min 20 s")])
def test_durations_in_words(given: float, expected: str) -> None:
    assert words.seconds(given) == expected
