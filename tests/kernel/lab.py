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
    "ipv6/conf/all/disable_ipv6": 0,
    "ipv6/conf/default/disable_ipv6": 0,
    "ipv6/conf/default/accept_ra": 0,
    "ipv6/conf/default/accept_dad": 0,
    "ipv6/conf/default/dad_transmits": 0,
}


class Lab:
    """A set of namespaces that can become any small network."""

    def __init__(self) -> None:
        """Build the wiring. Raises OSError or RuntimeError when the machine does not allow it."""
        self._made: list[Namespace] = []
        self._scripts: dict[str, list[str]] = {}
        self._six = False
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
        made.set("ipv6/conf/all/forwarding", int(forwards))
        return made

    def _build(self) -> None:
        self.internet = self._namespace("internet", forwards=True)
        self.routers = [self._namespace(f"router {v}", forwards=True) for v in range(VPCS)]
        self.gateways = [self._namespace(f"gateway {v}", forwards=True) for v in range(VPCS)]
        self.hosts = {
            (v, h): self._namespace(f"host {v}.{h}", forwards=True) for v in range(VPCS) for h in range(HOSTS)
        }
        self._scripts = {place.name: ["link set lo up"] for place in self._made}
        six = {place.name: [f"rule add pref 100 lookup {LOADED}"] for place in (self.internet, *self.gateways)}
        self._scripts["internet"] += six["internet"]
        for v, (router, gateway) in enumerate(zip(self.routers, self.gateways, strict=True)):
            self._cable(10 + v, router, "igw", gateway, "in")
            self._cable(40 + v, router, "eigw", gateway, "eigw")
            self._cable(20 + v, self.internet, f"vpc{v}", gateway, "out")
            self._scripts[gateway.name] += [
                *six[gateway.name],
                f"route add default via {routing.link_4(20 + v, 1)} dev out",
                f"route add ::/0 via {routing.link_6(20 + v, 1)} dev out",
            ]
            for h in range(HOSTS):
                self._scripts[router.name] += [
                    f"link add p{h} type veth peer name eth0 netns {self.hosts[v, h].path}",
                    f"link set p{h} up",
                ]
                self._scripts[self.hosts[v, h].name].append("link set eth0 up")
            self._scripts[router.name] += routing.rules_of_a_router()
            six[router.name] = routing.rules_of_a_router_6()
        self._cable(30, self.routers[0], "pcx", self.routers[1], "pcx")
        # The ends of cables must be there before their other side is configured, so routers go before gateways.
        for place in (*self.routers, self.internet, *self.gateways, *self.hosts.values()):
            run([(place, "\n".join([*self._scripts[place.name], ""]))])
        run([], [(place, "\n".join([*six[place.name], ""])) for place in self._made if place.name in six])
        for router in self.routers:
            # Frames between two interfaces of one subnet are switched; no rule of the router sees them.
            with contextlib.suppress(FileNotFoundError):
                router.set("bridge/bridge-nf-call-iptables", 0)
                router.set("bridge/bridge-nf-call-ip6tables", 0)
        self._settle()

    def _cable(self, network: int, here: Namespace, near: str, there: Namespace, far: str) -> None:
        """A link between two namespaces, with addresses of both families at each end."""
        self._scripts[here.name].append(f"link add {near} type veth peer name {far} netns {there.path}")
        for place, side, device in ((here, 1, near), (there, 2, far)):
            self._scripts[place.name] += [
                f"addr add {routing.link_4(network, side)}/30 dev {device}",
                f"addr add {routing.link_6(network, side)}/64 dev {device} nodad",
                f"link set {device} up",
            ]

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
        zone = self.loaded % 65535 + 1
        jobs = [(self.internet, routing.internet(places))]
        six = [(self.internet, routing.internet_6(places))]
        for v, (router, gateway) in enumerate(zip(self.routers, self.gateways, strict=True)):
            jobs += [(router, routing.router(places, v)), (gateway, routing.gateway(places, v))]
            six += [(router, routing.router_6(places, v)), (gateway, routing.gateway_6(places, v))]
            router.filter(rules.router(places, v))
            gateway.filter(rules.gateway(places, v, zone))
        for nic, slot in places.slot.items():
            jobs.append((self.hosts[slot], routing.host(places, nic)))
            self.hosts[slot].filter(rules.host(places, nic, zone))
        run(jobs, six if places.six or self._six else ())
        self._six = places.six
        return places

    def close(self) -> None:
        """Take everything away."""
        while self._made:
            self._made.pop().close()
