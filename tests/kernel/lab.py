"""The hardware: routers, gateways and hosts as namespaces, wired once and filled with one network after the other.

Never here: what AWS's rules mean in nftables and routes (``rules``, ``routing``), which packets are tried.

Each VPC has a router with a bridge for every subnet and a gateway to the internet; each host is one network interface
of AWS. Interfaces of one subnet talk over its bridge and never meet the router.
"""

from __future__ import annotations

import contextlib
from time import monotonic

from fargate_net.model.snapshot import Snapshot
from tests.kernel import routing, rules
from tests.kernel.namespaces import Namespace, run
from tests.kernel.places import HOSTS, LOADED, VPCS, Places

QUIET = {
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/conf/all/send_redirects": 0,
    "ipv4/conf/default/send_redirects": 0,
    "ipv6/conf/all/disable_ipv6": 1,
    "ipv6/conf/default/disable_ipv6": 1,
}


class Lab:
    """A set of namespaces that can become any small network."""

    def __init__(self) -> None:
        """Build the wiring. Raises OSError or RuntimeError when the machine does not allow it."""
        self._made: list[Namespace] = []
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        self.loaded = 0

    def _namespace(self, name: str, *, forwards: bool) -> Namespace:
        made = Namespace(name)
        self._made.append(made)
        for setting, value in QUIET.items():
            made.set(setting, value)
        made.set("ipv4/ip_forward", int(forwards))
        return made

    def _build(self) -> None:
        self.internet = self._namespace("internet", forwards=True)
        self.routers = [self._namespace(f"router {v}", forwards=True) for v in range(VPCS)]
        self.gateways = [self._namespace(f"gateway {v}", forwards=True) for v in range(VPCS)]
        self.hosts = {
            (v, h): self._namespace(f"host {v}.{h}", forwards=True) for v in range(VPCS) for h in range(HOSTS)
        }
        scripts = {place.name: ["link set lo up"] for place in self._made}
        scripts["internet"] += [f"rule add pref 100 lookup {LOADED}", f"route add blackhole 192.0.2.255 table {LOADED}"]
        for v, (router, gateway) in enumerate(zip(self.routers, self.gateways, strict=True)):
            lines = scripts[router.name]
            _cable(lines, "igw", routing.link(10 + v, 1), "in", routing.link(10 + v, 2), gateway, scripts)
            _cable(
                scripts["internet"],
                f"vpc{v}",
                routing.link(20 + v, 1),
                "out",
                routing.link(20 + v, 2),
                gateway,
                scripts,
            )
            scripts[gateway.name] += [
                f"rule add pref 100 lookup {LOADED}",
                f"route add blackhole 192.0.2.255 table {LOADED}",
                f"route add default via {routing.link(20 + v, 1)} dev out",
            ]
            for h in range(HOSTS):
                lines += [
                    f"link add p{h} type veth peer name eth0 netns {self.hosts[v, h].path}",
                    f"link set p{h} up",
                ]
                scripts[self.hosts[v, h].name].append("link set eth0 up")
            lines += routing.rules_of_a_router()
        _cable(scripts["router 0"], "pcx", routing.link(30, 1), "pcx", routing.link(30, 2), self.routers[1], scripts)
        # The ends of cables must be there before their other side is configured, so routers go before gateways.
        for place in (*self.routers, self.internet, *self.gateways, *self.hosts.values()):
            run([(place, "\n".join(scripts[place.name]) + "\n")])
        for router in self.routers:
            # Frames between two interfaces of one subnet are switched; no rule of the router sees them.
            with contextlib.suppress(FileNotFoundError):
                router.set("bridge/bridge-nf-call-iptables", 0)
        self._settle()

    def _settle(self) -> None:
        """Wait until every link carries: the kernel takes up to a second, and loses packets meanwhile.

        From then on no link goes down; networks change addresses, bridges and rules only.
        """
        end = monotonic() + 20
        waiting = [place for place in self._made if place.links_down()]
        while waiting:
            if monotonic() > end:
                raise RuntimeError(f"links stay down in {', '.join(place.name for place in waiting)}")
            waiting = [place for place in waiting if place.links_down()]

    def load(self, snapshot: Snapshot) -> Places:
        """Become this network; nothing of the one before remains."""
        places = Places(snapshot)
        self.loaded += 1
        jobs = [(self.internet, routing.internet(places))]
        for v in range(VPCS):
            jobs += [(self.routers[v], routing.router(places, v)), (self.gateways[v], routing.gateway(places, v))]
            self.routers[v].filter(rules.router(places, v))
            self.gateways[v].filter(rules.gateway(places, v))
        for nic, slot in places.slot.items():
            jobs.append((self.hosts[slot], routing.host(places, nic)))
            self.hosts[slot].filter(rules.host(places, nic, zone=self.loaded % 65535 + 1))
        run(jobs)
        return places

    def close(self) -> None:
        """Take everything away."""
        while self._made:
            self._made.pop().close()


def _cable(
    lines: list[str],
    near: str,
    near_address: str,
    far: str,
    far_address: str,
    there: Namespace,
    scripts: dict[str, list[str]],
) -> None:
    """A link between two namespaces, with an address at each end."""
    lines += [
        f"link add {near} type veth peer name {far} netns {there.path}",
        f"addr add {near_address}/30 dev {near}",
        f"link set {near} up",
    ]
    scripts[there.name] += [f"addr add {far_address}/30 dev {far}", f"link set {far} up"]
