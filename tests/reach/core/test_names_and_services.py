"""DNS names and AWS services, as a sender in some VPC sees them."""

from __future__ import annotations

import json

import pytest

from fargate_net.kinds.discovery_service import DiscoveryService
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.reach.policies import allows
from tests.reach.core.flows import BLOCKED, REACHABLE, UNKNOWN
from tests.reach.core.questions import answer, codes, shop
from tests.reach.world import ALL, World, allow


def named() -> World:
    world = shop()
    world.cloud_map("shop.local", "api", world.ip("eni-api"))
    return world


def test_a_cloud_map_name_is_the_private_addresses_of_its_tasks():
    assert answer(named(), "web", "api.shop.local:8080").verdict == REACHABLE
    assert answer(named(), "web", "API.shop.local.:8080").verdict == REACHABLE


def test_a_private_name_resolves_in_its_vpc_only():
    assert codes(answer(named(), "internet", "api.shop.local:8080")) == ["NO_SUCH_NAME"]


@pytest.mark.parametrize(
    ("change", "verdict", "expected"),
    [
        (lambda w: w.change(Vpc, "vpc-1", dns_hostnames=False), BLOCKED, ["VPC_DNS_ATTRIBUTE_OFF"]),
        (lambda w: w.change(Vpc, "vpc-1", dns_support=None), UNKNOWN, []),
        (lambda w: w.change(DiscoveryService, "srv-api", instances=()), BLOCKED, ["NO_SUCH_NAME"]),
        (lambda w: w.change(DiscoveryService, "srv-api", instances=None), UNKNOWN, []),
    ],
)
def test_what_a_name_needs(change, verdict, expected):
    world = named()
    change(world)
    held = answer(world, "web", "api.shop.local:8080")
    assert held.verdict == verdict
    assert codes(held) == expected


def test_records_aliases_and_hidden_public_zones():
    world = shop()
    world.zone("Z1", "app.io")
    world.record("Z1", "www.app.io", alias="dualstack.front.eu-west-1.elb.amazonaws.com.")
    world.record("Z1", "old.app.io", "www.app.io", type="CNAME")
    world.record("Z1", "*.any.app.io", "203.0.113.77")
    assert answer(world, "internet", "www.app.io:80").verdict == REACHABLE
    assert answer(world, "internet", "old.app.io:80").verdict == REACHABLE
    assert codes(answer(world, "web", "x.any.app.io:443")) == ["NO_ROUTE_TO_DESTINATION"]
    assert codes(answer(world, "internet", "none.app.io:80")) == ["NO_SUCH_NAME"]
    world.zone("Z2", "app.io", "vpc-1")
    world.record("Z2", "www.app.io", world.ip("eni-api"))
    assert answer(world, "web", "www.app.io:8080").verdict == REACHABLE
    assert answer(world, "internet", "www.app.io:80").verdict == REACHABLE
    assert codes(answer(world, "web", "old.app.io:80")) == ["NO_SUCH_NAME"]


def test_an_alias_of_itself_ends():
    world = shop()
    world.zone("Z1", "app.io")
    world.record("Z1", "a.app.io", alias="b.app.io")
    world.record("Z1", "b.app.io", alias="a.app.io")
    assert codes(answer(world, "internet", "a.app.io:80")) == ["NO_SUCH_NAME"]


def test_names_that_could_not_be_read_are_unknown():
    world = shop()
    world.missing("hosted_zone")
    assert answer(world, "web", "db.example:5432").verdict == UNKNOWN


def test_an_instance_name_is_private_inside_and_public_outside():
    world = shop()
    world.sg("sg-pub", ingress=[allow("tcp 22", "sg-web"), allow("tcp 23", "203.0.113.0/24")])
    world.eni("eni-pub", "public-a", "sg-pub", public="198.51.100.77")
    name = "ec2-198-51-100-77.eu-west-1.compute.amazonaws.com"
    assert answer(world, "web", f"{name}:22").verdict == REACHABLE
    assert answer(world, "203.0.113.9", f"{name}:23").verdict == REACHABLE


# ---- AWS services


def private_endpoint(service: str = "ecr.api", **more: object) -> World:
    world = shop()
    world.sg("sg-vpce", ingress=[allow("tcp 443", "sg-web")])
    world.interface_endpoint("vpce-1", service, ["private-a", "private-b"], "sg-vpce", **more)  # type: ignore[arg-type]
    return world


def test_an_interface_endpoint_answers_for_its_service():
    held = answer(private_endpoint(), "web", "aws:ecr.api")
    assert held.verdict == REACHABLE
    assert held.open[0].ports == ("443",)
    assert answer(private_endpoint(), "api", "aws:ecr.api").verdict == BLOCKED


def test_a_closed_endpoint_breaks_subnets_that_have_nat_too():
    world = private_endpoint()
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    world.sg("sg-vpce", ingress=())
    assert codes(answer(world, "web", "aws:ecr.api")) == ["SG_HAS_NO_RULES"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda w: w.change(VpcEndpoint, "vpce-1", private_dns=False),
            ["ENDPOINT_PRIVATE_DNS_OFF", "NO_ROUTE_TO_DESTINATION"],
        ),
        (lambda w: w.change(Vpc, "vpc-1", dns_hostnames=False), ["VPC_DNS_ATTRIBUTE_OFF", "NO_ROUTE_TO_DESTINATION"]),
        (lambda w: w.drop(VpcEndpoint, "vpce-1"), ["ENDPOINT_MISSING", "NO_ROUTE_TO_DESTINATION"]),
        (lambda w: w.change(VpcEndpoint, "vpce-1", state="pending"), ["BAD_STATE"]),
        (lambda w: w.change(VpcEndpoint, "vpce-1", policy=json.dumps({"Statement": []})), ["ENDPOINT_POLICY_DENIES"]),
    ],
)
def test_what_closes_an_interface_endpoint(change, expected):
    world = private_endpoint()
    change(world)
    assert codes(answer(world, "web", "aws:ecr.api")) == expected


def test_dns_attributes_that_are_not_known_make_it_unknown():
    world = private_endpoint()
    world.change(Vpc, "vpc-1", dns_support=None)
    assert answer(world, "web", "aws:ecr.api").verdict == UNKNOWN
    world = shop()
    world.missing("vpc_endpoint")
    assert answer(world, "web", "aws:ecr.api").verdict == UNKNOWN


def test_without_dns_support_no_name_resolves():
    world = shop()
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    world.change(Vpc, "vpc-1", dns_support=False)
    assert codes(answer(world, "web", "aws:s3")) == ["VPC_DNS_ATTRIBUTE_OFF"]
    world.dhcp("dopt-1", "10.0.0.53")
    assert answer(world, "web", "aws:s3").verdict == REACHABLE


def test_an_endpoint_of_another_region_does_not_serve_this_one():
    world = private_endpoint()
    world.change(VpcEndpoint, "vpce-1", service="com.amazonaws.us-east-1.ecr.api")
    assert codes(answer(world, "web", "aws:ecr.api"))[0] == "ENDPOINT_MISSING"


def test_own_dns_servers_are_an_assumption():
    world = private_endpoint()
    world.dhcp("dopt-1", "10.0.0.53")
    assert (
        "the DNS servers 10.0.0.53 of vpc-1 forward to the VPC's resolver"
        in answer(world, "web", "aws:ecr.api").assumptions
    )


def test_with_nat_a_service_needs_no_endpoint():
    world = shop()
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    assert answer(world, "web", "aws:ecr.api").verdict == REACHABLE
    world.sg("sg-web", egress=[allow("tcp 443", "52.0.0.0/8")])
    held = answer(world, "web", "aws:ecr.api")
    assert held.verdict == UNKNOWN
    assert held.missing == ("the public addresses of aws:ecr.api are not known",)
    world.sg("sg-web", egress=())
    assert codes(answer(world, "web", "aws:ecr.api")) == ["SG_HAS_NO_RULES"]


def test_s3_goes_through_the_gateway_endpoint_of_the_senders_table():
    world = shop()
    world.prefix_list("pl-s3", "52.218.0.0/17", "3.5.64.0/21", name="com.amazonaws.eu-west-1.s3")
    world.gateway_endpoint("vpce-s3", "s3", "pl-s3", "rtb-private")
    assert answer(world, "web", "aws:s3").verdict == REACHABLE
    world.eni("eni-main", "public-a", "sg-web")
    assert codes(answer(world, "eni-main", "aws:s3"))[0] == "ENDPOINT_NOT_ON_ROUTE_TABLE"


def test_s3_without_known_ranges_goes_by_its_prefix_list():
    world = shop()
    world.prefix_list("pl-s3", name="com.amazonaws.eu-west-1.s3", known=False)
    world.gateway_endpoint("vpce-s3", "s3", "pl-s3", "rtb-private")
    held = answer(world, "web", "aws:s3")
    assert held.verdict == REACHABLE
    assert held.paths[0].forward[-1].component == "vpce-s3"
    world.sg("sg-web", egress=[allow("tcp 443", "pl-s3")])
    assert answer(world, "web", "aws:s3").verdict == REACHABLE
    world.sg("sg-web", egress=[allow("tcp 443", "52.0.0.0/8")])
    assert answer(world, "web", "aws:s3").verdict == UNKNOWN


LAYERS = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": [LAYERS]}], True),
        ([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:Get*", "Resource": LAYERS}], True),
        (
            [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": LAYERS.replace("eu", "us")}],
            False,
        ),
        ([{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}], False),
        ([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::mine/*"}], False),
        ([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"x": {}}}], None),
        ([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "*", "Resource": "*"}], None),
        ([{"Effect": "Allow", "Principal": "*", "NotAction": "s3:Put*", "Resource": "*"}], None),
        (
            [
                {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
            ],
            False,
        ),
        (
            [
                {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"x": {}}},
            ],
            None,
        ),
        ([], False),
    ],
)
def test_policies_are_decided_only_when_certain(statements, verdict):
    assert allows(json.dumps({"Statement": statements}), "s3", "eu-west-1") is verdict


def test_the_default_policy_allows_and_broken_json_is_not_decided():
    assert allows("", "s3", "eu-west-1") is True
    assert allows("{", "s3", "eu-west-1") is None
