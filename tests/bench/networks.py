"""Networks of any size that look like accounts do: services behind groups, in zones, some with public addresses.

Never here: timing.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path

from fargate_net.model.snapshot import Snapshot
from tests.reach.statements.aws_json import ANY4, Account, route
from tests.reach.statements.aws_rules import tcp
from tests.reach.world import ALL, World, allow

ZONES = 3


def account(interfaces: int, services: int, vpcs: int = 1) -> Snapshot:
    """``interfaces`` in all. Each VPC has ``services`` groups that refer to each other.

    Each has three public and three private subnets, a NAT gateway and an internet gateway as well.
    """
    world = World()
    for vpc in range(vpcs):
        _vpc(world, vpc, services)
    for number in range(interfaces):
        vpc, place = number % vpcs, number // vpcs
        service, subnet = place % services, place // services % (2 * ZONES)
        public = f"54.{number >> 16}.{number >> 8 & 255}.{number & 255}" if subnet < ZONES else ""
        address = ipaddress.ip_address(f"10.{vpc}.{subnet * 32}.0") + 20 + place // (2 * ZONES)
        world.eni(f"eni-{number}", f"subnet-{vpc}-{subnet}", f"sg-{vpc}-{service}", ip=str(address), public=public)
    return world.snapshot()


def _vpc(world: World, number: int, services: int) -> None:
    vpc = world.vpc(f"vpc-{number}", f"10.{number}.0.0/16")
    gateway = world.igw(f"igw-{number}", vpc)
    public = world.table(f"rtb-public-{number}", vpc)
    world.route(public, ALL, gateway)
    for subnet in range(2 * ZONES):
        table = public if subnet < ZONES else ""
        world.subnet(
            f"subnet-{number}-{subnet}", f"10.{number}.{subnet * 32}.0/19", "abc"[subnet % ZONES], vpc, "", table
        )
    nat = world.nat(f"nat-{number}", f"subnet-{number}-0", f"198.51.100.{number}")
    world.route(f"rtb-main-{vpc}", ALL, nat)
    for service in range(services):
        callers = [f"sg-{number}-{(service + step) % services}" for step in (1, 2, 3)]
        rules = [allow("tcp 8080", caller) for caller in callers] + [allow("tcp 443", ALL)] * (service == 0)
        world.sg(f"sg-{number}-{service}", vpc, rules)


def folder(interfaces: int, place: Path) -> Path:
    """A folder of AWS responses with two groups in two subnets, for the command line."""
    made = Account()
    made.vpc("vpc-1", "10.0.0.0/16")
    made.table("rtb-1", "vpc-1", route(ANY4, "igw-1"))
    for letter in "ab":
        made.subnet(f"subnet-{letter}", "vpc-1", f"10.0.{ord(letter) - 97}.0/24", letter)
        made.group(f"sg-{letter}", "vpc-1", [tcp(80, "sg-a")])
    for number in range(interfaces):
        letter = "ab"[number % 2]
        made.interface(f"eni-{number}", f"subnet-{letter}", f"10.0.{number % 2}.{10 + number // 2}", f"sg-{letter}")
    return made.write(place)
