"""Who holds which address: every interface, subnet and VPC of a snapshot, indexed. Never here: filters, routes.

A look-up answers with the thing, or with a :class:`Lack` that says which fact is missing; it never guesses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fargate_net.kinds.elastic_ip import ElasticIp
from fargate_net.kinds.instance import Instance
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.snapshot import Found, Missing, P, Snapshot
from fargate_net.reach import addresses
from fargate_net.reach.intervals import EPHEMERAL, LINUX_EPHEMERAL, WINDOWS_EPHEMERAL, Intervals

UNFILTERED = frozenset({"nat_gateway", "network_load_balancer", "gateway_load_balancer", "transit_gateway"})
"""Interface types that may carry no security group; on every other type none known means unknown."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A fact that is not known, as one sentence that names what would tell it."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Nic:
    """A network interface with its addresses parsed.

    ``public`` maps a private IPv4 address to the public one the internet gateway gives it. ``clients`` are the source
    ports connections from here use. ``type`` is AWS's interface type. ``assumed`` marks a node of a balancer whose
    interface the snapshot does not hold.
    """

    id: str
    vpc: str
    subnet: str
    zone: str
    groups: frozenset[str]
    v4: tuple[int, ...]
    v6: tuple[int, ...]
    public: Mapping[int, int]
    clients: Intervals
    type: str = "interface"
    source_dest_check: bool = True
    assumed: bool = False

    def address(self, family: int) -> int | None:
        """The first address of the family, or None."""
        held = self.v4 if family == 4 else self.v6
        return held[0] if held else None

    @property
    def unlabelled(self) -> bool:
        """Whether it must carry security groups, and none are known."""
        return not self.groups and self.type not in UNFILTERED

    def holds(self, family: int, address: int) -> bool:
        """Whether this is one of its own (private, or IPv6) addresses."""
        return address in (self.v4 if family == 4 else self.v6)

    @property
    def shape(self) -> tuple[object, ...]:
        """Interfaces of one shape differ, for packets, only in their addresses."""
        return (self.subnet, self.zone, self.groups, self.type, self.clients, bool(self.v6), bool(self.public))


class Interfaces:
    """Lazy indexes over the interfaces and address ranges of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def lack(self, kind: str, subject: str, otherwise: str) -> Lack:
        """Why a fact is not there: the call that failed, or the sentence given."""
        missing = self.snapshot.unknown(kind, subject)
        return Lack(f"{missing.call}: {missing.why}" if missing else otherwise)

    def fact(self, props: type[P], id: str) -> Found[P] | Lack:
        """The thing of that kind and id, or why it is not known.

        What something else refers to exists, else AWS would say so (a route turns ``blackhole``): when the snapshot
        does not hold it, it belongs to another account or was not asked for.
        """
        found = self.snapshot.get(props, id)
        if found is not None:
            return found
        return self.lack(props.kind, id, f"{id} is not in the snapshot")

    def unread(self, kind: str) -> Missing | None:
        """What of this kind is not known, be it one item that could not be read: it may be the one looked for."""
        return next((missing for missing in self.snapshot.missing if missing.kind == kind), None)

    def complete(self, kind: str) -> bool:
        """Whether everything of this kind is known, so that absence means absence."""
        return self.unread(kind) is None

    def vpc(self, id: str) -> Vpc | Lack:
        """The properties of a VPC."""
        found = self.fact(Vpc, id)
        return found if isinstance(found, Lack) else found.props

    def subnet(self, id: str) -> Subnet | Lack:
        """The properties of a subnet."""
        found = self.fact(Subnet, id)
        return found if isinstance(found, Lack) else found.props

    @cached_property
    def nics(self) -> dict[str, Nic]:
        """Every interface by id."""
        eips: dict[str, dict[int, int]] = defaultdict(dict)
        for eip in self.snapshot.of(ElasticIp).values():
            if eip.props.interface and eip.props.private_ip and eip.props.public_ip:
                eips[eip.props.interface][addresses.v4(eip.props.private_ip)] = addresses.v4(eip.props.public_ip)
        return {key: self._nic(found, eips) for key, found in self.snapshot.of(NetworkInterface).items()}

    def _nic(self, found: Found[NetworkInterface], eips: Mapping[str, dict[int, int]]) -> Nic:
        props = found.props
        public = dict(eips.get(found.id, ()))
        for private, outside in props.public_ips:
            public[addresses.v4(private)] = addresses.v4_or_stand_in(outside)
        return Nic(
            id=found.id,
            vpc=str(props.vpc),
            subnet=str(props.subnet),
            zone=props.zone,
            groups=frozenset(map(str, props.security_groups)),
            v4=tuple(map(addresses.v4, props.private_ips)),
            v6=tuple(map(addresses.v6, props.ipv6_ips)),
            public=public,
            clients=self._clients(found),
            type=props.type,
            source_dest_check=props.source_dest_check,
        )

    def _clients(self, found: Found[NetworkInterface]) -> Intervals:
        """The range its system chooses from (VPC User Guide, Ephemeral ports); the widest when nobody told which."""
        machine = self.snapshot.get(Instance, found.props.instance) if found.props.instance else None
        if machine is not None:
            return _system_clients(machine.props.system)
        task = self.task_of.get(found.id)
        if task is None:
            return LINUX_EPHEMERAL if found.props.description.startswith("arn:aws:ecs:") else EPHEMERAL
        definition = self.snapshot.get(TaskDefinition, task.props.definition)
        windows = definition is not None and definition.props.operating_system.upper().startswith("WINDOWS")
        return WINDOWS_EPHEMERAL if windows else LINUX_EPHEMERAL

    @cached_property
    def task_of(self) -> dict[str, Found[Task]]:
        """The running task behind an interface, by interface id."""
        return {t.props.interface: t for t in self.snapshot.of(Task).values() if t.props.interface and running(t)}

    @cached_property
    def _tasks(self) -> dict[tuple[str, str], list[Found[Task]]]:
        held: dict[tuple[str, str], list[Found[Task]]] = defaultdict(list)
        for task in self.snapshot.of(Task).values():
            held[task.props.service, task.props.cluster.rpartition("/")[2]].append(task)
        return held

    def tasks_of(self, service: str, cluster: str) -> list[Found[Task]]:
        """The tasks of a service by its name and its cluster's name (or ARN), whatever their state."""
        return self._tasks.get((service, cluster.rpartition("/")[2]), [])

    @cached_property
    def _by_private(self) -> dict[tuple[str, int], Nic]:
        return {(nic.vpc, address): nic for nic in self.nics.values() for address in nic.v4}

    @cached_property
    def _by_public(self) -> dict[int, Nic]:
        return {
            public: nic
            for nic in self.nics.values()
            for public in nic.public.values()
            if public != addresses.UNASSIGNED
        }

    @cached_property
    def _by_v6(self) -> dict[int, Nic]:
        return {address: nic for nic in self.nics.values() for address in nic.v6}

    def at(self, vpc: str, family: int, address: int) -> Nic | None:
        """The interface that holds a private (or IPv6) address in a VPC."""
        if family == 4:
            return self._by_private.get((vpc, address))
        nic = self._by_v6.get(address)
        return nic if nic is not None and nic.vpc == vpc else None

    def owner(self, family: int, address: int) -> Nic | None:
        """The interface behind a public IPv4 or an IPv6 address, in whatever VPC."""
        return (self._by_public if family == 4 else self._by_v6).get(address)

    @cached_property
    def _by_anywhere(self) -> dict[int, list[Nic]]:
        held: dict[int, list[Nic]] = defaultdict(list)
        for (_, address), nic in self._by_private.items():
            held[address].append(nic)
        return held

    def anywhere(self, family: int, address: int) -> list[Nic]:
        """Every interface that holds the address, in any VPC: private ranges of two VPCs may overlap."""
        if family == 4:
            return self._by_anywhere.get(address, [])
        nic = self._by_v6.get(address)
        return [nic] if nic else []

    @cached_property
    def members(self) -> dict[str, list[Nic]]:
        """The interfaces that carry a security group, by group id."""
        carried: dict[str, list[Nic]] = defaultdict(list)
        for nic in self.nics.values():
            for group in nic.groups:
                carried[group].append(nic)
        return carried

    def stand_in(self, subnet: str) -> int:
        """An address of the subnet for something that has none yet (the first AWS does not reserve)."""
        held = self._subnet_ranges.get(subnet)
        return held[4].first + 4 if held and held[4] else addresses.UNASSIGNED

    @cached_property
    def _vpc_ranges(self) -> dict[str, dict[int, Intervals]]:
        return {
            key: {4: addresses.span(*found.props.cidrs), 6: addresses.span(*found.props.ipv6_cidrs)}
            for key, found in self.snapshot.of(Vpc).items()
        }

    def inside(self, vpc: str, family: int, address: int) -> bool:
        """Whether the address is in a range of the VPC."""
        held = self._vpc_ranges.get(vpc)
        return held is not None and address in held[family]

    def ranges_of_vpcs(self, family: int) -> list[Intervals]:
        """The address ranges of every known VPC."""
        return [held[family] for held in self._vpc_ranges.values()]

    def vpcs_of(self, family: int, address: int) -> list[str]:
        """The known VPCs whose ranges hold the address."""
        return [vpc for vpc, held in self._vpc_ranges.items() if address in held[family]]

    @cached_property
    def _subnet_ranges(self) -> dict[str, dict[int, Intervals]]:
        return {
            key: {
                4: addresses.span(found.props.cidr) if found.props.cidr else Intervals(),
                6: addresses.span(found.props.ipv6_cidr) if found.props.ipv6_cidr else Intervals(),
            }
            for key, found in self.snapshot.of(Subnet).items()
        }

    def in_subnet(self, subnet: str, family: int, address: int) -> bool:
        """Whether the address is in the range of the subnet."""
        held = self._subnet_ranges.get(subnet)
        return held is not None and address in held[family]


def _system_clients(system: str) -> Intervals:
    if system.lower().startswith("windows"):
        return WINDOWS_EPHEMERAL
    return LINUX_EPHEMERAL if "Linux" in system or "Ubuntu" in system else EPHEMERAL


def running(task: Found[Any]) -> bool:
    """Whether a task holds its interface and takes connections, or soon will."""
    return task.props.state not in ("STOPPED", "STOPPING", "DEPROVISIONING", "DEACTIVATING", "DELETED")
