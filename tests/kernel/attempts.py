"""Which connections are worth trying in a drawn network. Never here: what should become of them."""

from __future__ import annotations

import ipaddress
from random import Random

from tests.kernel.packets import SERVICES, Probe
from tests.kernel.places import OUTSIDE, OUTSIDE_6
from tests.reach.world import World

CLIENTS = (1024, 1025, 2000, 32767, 32768, 40000, 49151, 49152, 60999, 61000, 61001, 65535)
"""Client ports around the borders of the ranges that network ACLs usually open."""


def probes(drawn: World, seed: int, count: int = 90) -> list[Probe]:
    """Connections worth trying in it: between interfaces and hosts of the internet, to private and public addresses."""
    rng = Random(f"{seed} probes")
    nics = {key[1]: held.props for key, held in drawn.found.items() if key[0] == "network_interface"}
    openers = [key for key, nic in nics.items() if nic.type == "interface"]
    private = [address for nic in nics.values() for address in nic.private_ips]
    public = [outside for nic in nics.values() for _, outside in nic.public_ips]
    nobody = [
        str(ipaddress.ip_network(held.props.cidr)[200]) for key, held in drawn.found.items() if key[0] == "subnet"
    ]
    speak_6 = [key for key in openers if nics[key].ipv6_ips]
    six = [address for nic in nics.values() for address in nic.ipv6_ips]
    made: set[Probe] = set()
    for _ in range(count):
        port, client = rng.choice(SERVICES), rng.choice(CLIENTS)
        protocol = rng.choice(["tcp"] * 6 + ["udp"] * 3 + ["icmp"])
        if six and rng.random() < 0.4:
            inward = rng.random() < 0.25
            source = rng.choice(OUTSIDE_6) if inward else rng.choice(speak_6)
            target = rng.choice(six if inward or rng.random() < 0.7 else OUTSIDE_6)
        elif public and rng.random() < 0.2:
            source, target = rng.choice(OUTSIDE), rng.choice(public)
        else:
            kind = rng.random()
            where = private if kind < 0.55 else OUTSIDE if kind < 0.75 else nobody if kind < 0.78 else public or OUTSIDE
            source, target = rng.choice(openers), rng.choice(where)
        made.add(Probe(source, target, protocol, 0 if protocol == "icmp" else port, client))
    return sorted(made)
