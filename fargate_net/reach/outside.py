"""Which addresses the internet means. Never here: what they can reach."""

from __future__ import annotations

from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.reach.addresses import INTERNET
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Hosts

EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}

GATEWAY_SERVICES = ("s3", "dynamodb")
"""The services of gateway endpoints, whose addresses AWS lists (AWS PrivateLink Guide, Gateway endpoints)."""


def internet(network: Network) -> Hosts:
    """Every public address but those of the known VPCs and those listed as Amazon S3's or DynamoDB's.

    The latter are ``aws:s3`` and ``aws:dynamodb``: they open no connections, and the route of a gateway endpoint leads
    to them and nowhere else.
    """
    own: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
    for key, found in network.snapshot.of(PrefixList).items():
        name = found.props.name
        if name.startswith("com.amazonaws.") and name.rpartition(".")[2] in GATEWAY_SERVICES:
            for held in network.ranges_of_lists[key] or ():
                own[held.family].append((held.low, held.high))
    for family in (4, 6):
        own[family].extend(span for vpc in network.ranges_of_vpcs(family) for span in vpc)
    return Hosts({family: INTERNET[family] - Intervals(own[family]) for family in (4, 6)}, "internet", EVERYWHERE)
