"""Sets, shared results and pieces of ranges must say what one packet at a time would say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fargate_net.kinds.network_acl import AclEntry
from fargate_net.reach.addresses import parse
from fargate_net.reach.ask import ask, question
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.spread import Holder, Spread, point
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import Point
from tests.reach.core.flows import PARTIAL, REACHABLE
from tests.reach.world import ALL, OPEN, World, two_subnets

PEERS = ["sg-a", "sg-b", ALL, "10.0.1.0/24", "10.0.1.10/32", "10.0.2.0/24", "203.0.113.0/24", "203.0.113.7/32"]
ports = st.integers(78, 84)
rules = st.lists(st.tuples(st.sampled_from(["tcp", "udp", "-1"]), ports, ports, st.sampled_from(PEERS)), max_size=4)
acl_entries = st.lists(
    st.builds(
        AclEntry,
        egress=st.booleans(),
        number=st.integers(1, 90),
        allow=st.booleans(),
        protocol=st.sampled_from(["6", "-1"]),
        cidr=st.sampled_from([peer for peer in PEERS if "/" in peer]),
        from_port=ports,
        to_port=st.sampled_from([80, 84, 40000, 65535]),
    ),
    max_size=4,
)


def world_of(
    ingress: list[tuple[str, int, int, str]], egress: list[tuple[str, int, int, str]], entries: list[AclEntry]
) -> World:
    world = two_subnets(ingress)
    world.sg("sg-a", egress=[*egress, ("tcp", 79, 82, ALL)])
    world.acl("acl-b", entries=(*entries, *OPEN), subnets=["subnet-b"])
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.eni("eni-d", "subnet-a", "sg-a")
    world.eni("eni-p", "subnet-b", "sg-b", public="198.51.100.9")
    world.eni("eni-q", "subnet-b", "sg-b", public="198.51.100.10")
    return world


@settings(max_examples=60, deadline=None)
@given(rules, rules, acl_entries)
def test_the_open_set_agrees_with_each_port_asked_alone(ingress, egress, entries):
    network = world_of(ingress, egress, entries).network()
    one, two = network.nics["eni-a"], network.nics["eni-b"]
    source, target = Point(4, one.v4[0], one), Point(4, two.v4[0], two)
    whole = flow(network, source, target, "tcp")
    for port in range(77, 86):
        alone = flow(network, source, target, "tcp", asked=Intervals([(port, port)]), whole=False)
        reply = bool(whole.clients & whole.wanted)
        assert (alone.verdict in (REACHABLE, PARTIAL)) == (port in whole.ports and reply)
        assert bool(alone.blockers) == (alone.verdict != REACHABLE)


@settings(max_examples=60, deadline=None)
@given(rules, rules, acl_entries)
def test_shared_results_agree_with_each_pair_followed_alone(ingress, egress, entries):
    network = world_of(ingress, egress, entries).network()
    holders = [Holder(nic, nic.id) for nic in network.nics.values()]
    spread = Spread(network, "tcp", 4, (Intervals([(80, 81)]), False))
    by_name = {holder.label: point(holder, 4) for holder in holders}
    for pair in spread.pairs(holders, holders):
        source, target = by_name[pair.client[0]], by_name[pair.server[0]]
        assert source is not None
        assert target is not None
        alone = flow(network, source, target, "tcp", asked=Intervals([(80, 81)]), whole=False)
        assert (alone.verdict, alone.ports, alone.clients) == (
            pair.result.verdict,
            pair.result.ports,
            pair.result.clients,
        )


@settings(max_examples=60, deadline=None)
@given(rules, acl_entries, st.sampled_from(["203.0.113.7", "203.0.113.8", "9.9.9.9", "203.0.114.1"]))
def test_the_internet_in_pieces_agrees_with_single_clients(ingress, entries, client):
    network = world_of(ingress, [], entries).network()
    held = ask(network, question("internet", "eni-p:80/tcp"))
    alone = ask(network, question(client, "eni-p:80/tcp"))
    if held.verdict == REACHABLE:
        assert alone.verdict == REACHABLE
    if alone.verdict == REACHABLE:
        assert held.verdict in (REACHABLE, PARTIAL)
    address = parse(client)[1]
    nic = network.nics["eni-p"]
    result = flow(network, Point(4, address), Point(4, nic.v4[0], nic), "tcp", asked=Intervals([(80, 80)]), whole=False)
    assert result.verdict == alone.verdict
