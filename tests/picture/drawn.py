"""Pictures for tests: every example as planned, one large stack, and one drawn by hand. Never here: an assertion."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fargate_net.app import Wire, graph
from fargate_net.model.picture import Chip, Connection, Gateway, Ground, Line, Picture, Row, SubnetBox, VpcBox
from fargate_net.model.verdict import Open

HERE = Path(__file__).parent
SPECS = [*sorted((HERE.parent.parent / "examples").glob("*.yaml")), HERE / "market.yaml"]


@cache
def planned(spec: Path) -> Picture:
    """The picture of a spec that nobody has brought up."""
    return graph([spec], Wire(), planned=True)


def by_hand() -> Picture:
    """Two VPCs, subnets of every ground, two private subnets in one zone, long names, more tasks than fit."""
    long = "a-name-that-nobody-would-give-to-a-service-but-somebody-always-does-in-the-end"
    public = "203.0.113.9, 2001:db8:1234:5678:9abc:def0:1234:5678"
    many = tuple(Chip("s-2", f"10.1.1.{number}", public, "eni-1\nsg-1 <&>") for number in range(9))
    one = VpcBox(
        "vpc-1",
        "VPC one 10.1.0.0/16",
        ("eu-west-1a", "eu-west-1b"),
        (
            SubnetBox("s-1", "public-a", "10.1.0.0/24", "eu-west-1a", Ground.PUBLIC),
            SubnetBox("s-2", long, "10.1.1.0/24", "eu-west-1a", Ground.PRIVATE),
            SubnetBox("s-3", "private-a2", "10.1.2.0/24", "eu-west-1a", Ground.PRIVATE),
            SubnetBox("s-4", "unknown-b", "10.1.3.0/24", "eu-west-1b", Ground.UNKNOWN),
        ),
        (
            Row("service/many", "service", long, f"a note about it, {long} and more words than fit", many),
            Row("service/two", "service", "two", "", (Chip("s-2", "10.1.1.99"), Chip("s-3", "10.1.2.9"))),
            Row("service/none", "service", "none", "0 of 2 tasks"),
            Row("service/odd", "service", "odd", "somewhere", (Chip("s-4", "10.1.3.9"),)),
        ),
        tuple(Gateway(f"pcx-{n}", f"peering with vpc-{n}", f"pcx-{n}") for n in range(9)),
    )  # fmt: skip
    two = VpcBox(
        "vpc-2",
        "VPC two",
        ("eu-west-1c",),
        (SubnetBox("s-9", "c", "10.2.0.0/24", "eu-west-1c", Ground.PRIVATE),),
        (Row("service/far", "service", "far", "1 of 1 task", (Chip("s-9", "10.2.0.9"),)),),
    )
    web = (Open("tcp", ("80", "8000-8010")), Open("udp", ("53",)))
    return Picture(
        'A "title" with <signs> & more',
        (one, two),
        (
            Connection("internet", "service/many", Line.OPEN, web, rules=("sg-1: ingress tcp 80 from 0.0.0.0/0",)),
            Connection("internet", "service/far", Line.BLOCKED, text="80/tcp blocked", rules=("acl-1: no <rule>",)),
            Connection("service/two", "service/far", Line.UNKNOWN, text="not known", rules=("another account",)),
            Connection("service/far", "service/many", Line.BROKEN, text="22/tcp is reachable: not as expected"),
            Connection("service/odd", "internet", Line.BLOCKED, text="every port blocked"),
            Connection("service/two", "service/none", Line.OPEN, web[:1]),
        ),
        ("not known: ec2:DescribeNetworkAcls: denied",),
    )
