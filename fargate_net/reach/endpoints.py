"""Endpoints as people write them, and the interfaces or addresses they mean. Never here: DNS look-ups, verdicts.

``internet``, ``web``, ``web/nginx``, ``task/ID``, ``lb/NAME``, ``eni-…``, ``i-…``, addresses and ranges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from fargate_net.errors import UsageError
from fargate_net.kinds.instance import Instance
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import ContainerDefinition, TaskDefinition
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker
from fargate_net.reach import addresses, attached
from fargate_net.reach.addresses import INTERNET
from fargate_net.reach.interfaces import Nic, running
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.outside import EVERYWHERE as EVERYWHERE
from fargate_net.reach.outside import internet
from fargate_net.reach.sockets import parse_target as parse_target
from fargate_net.reach.spread import End, Holder, Hosts


@dataclass(frozen=True)
class Endpoint:
    """What an endpoint means in one network.

    ``ends`` are its interfaces or addresses, ``nics`` the ids of the former. ``containers`` are the definitions behind
    a service or task (``container`` names one). ``balancer`` is set for ``lb/NAME`` and names of balancers. ``closed``
    says why there is nothing to reach, ``missing`` which facts are not known.
    """

    text: str
    kind: str
    ends: tuple[End, ...] = ()
    container: str = ""
    containers: tuple[ContainerDefinition, ...] = ()
    balancer: Found[LoadBalancer] | None = None
    closed: tuple[Blocker, ...] = ()
    missing: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    nics: frozenset[str] = field(default=frozenset())

    @property
    def vpcs(self) -> tuple[str, ...]:
        """The VPCs of its interfaces."""
        return tuple(dict.fromkeys(end.nic.vpc for end in self.ends if isinstance(end, Holder)))

    @property
    def is_task(self) -> bool:
        """Whether containers answer here."""
        return self.kind in ("service", "task")


def resolve(network: Network, text: str, near: str = "") -> Endpoint | None:
    """Everything but names and AWS services. None when the text is none of these forms.

    ``near`` is the VPC of the other end: where two VPCs have the same range, its own addresses are meant.
    Raises UsageError when it is of one of these forms but names nothing, although the snapshot knows all of that kind.
    """
    if text == "internet":
        return Endpoint(text, "internet", (internet(network),))
    if text.startswith("lb/"):
        return _balancer(network, text)
    if text.startswith("task/"):
        return _task(network, text)
    if text in network.nics or re.match(r"eni-[0-9a-z]", text):
        return _interface(network, text)
    if text in network.snapshot.of(Instance) or re.fullmatch(r"i-[0-9a-f]+", text):
        return _instance(network, text)
    try:
        addresses.cidr(text)
    except ValueError:
        return _service(network, text)
    return _addresses(network, text, near)


def _interface(network: Network, text: str) -> Endpoint:
    nic = network.nics.get(text)
    if nic is None:
        return _absent(network, text, NetworkInterface.kind, "interface", network.nics)
    return _at(network, text, "interface", Holder(nic, nic.id))


def _at(network: Network, text: str, kind: str, holder: Holder) -> Endpoint:
    """One interface, and why nothing is behind it if that is so."""
    nic = holder.nic
    return Endpoint(text, kind, (holder,), closed=attached.at_rest(network, nic), nics=frozenset({nic.id}))


def _instance(network: Network, text: str) -> Endpoint:
    found = network.snapshot.get(Instance, text)
    named = attached.interfaces_of(network, text)
    if found is None and len(named) != 1:
        return _absent(network, text, Instance.kind, "instance", network.snapshot.of(Instance))
    held = [network.nics[eni] for eni in found.props.interfaces[:1] if eni in network.nics] if found else named
    if not held:
        lack = network.lack(NetworkInterface.kind, text, f"the interface of {text} is not in the snapshot")
        return Endpoint(text, "interface", missing=(lack.text,))
    return _at(network, text, "interface", Holder(held[0], text))


def _balancer(network: Network, text: str) -> Endpoint:
    name = text.removeprefix("lb/")
    balancers = network.snapshot.of(LoadBalancer)
    for found in balancers.values():
        if name in (found.props.name, found.id, (found.key or "").partition("/")[2]):
            return Endpoint(text, "balancer", balancer=found)
    return _absent(
        network, text, LoadBalancer.kind, "load balancer", (f"lb/{b.props.name}" for b in balancers.values())
    )


def _task(network: Network, text: str) -> Endpoint:
    wanted = text.removeprefix("task/")
    tasks = network.snapshot.of(Task)
    matching = [task for key, task in tasks.items() if key == wanted] or [
        task for key, task in tasks.items() if key.startswith(wanted) and wanted
    ]
    if len(matching) > 1:
        names = ", ".join(sorted(f"task/{task.id}" for task in matching)[:5])
        raise UsageError(f"{text} may be any of {names}.", hint="Give more of the id.")
    if not matching:
        return _absent(network, text, Task.kind, "task", (f"task/{key}" for key in tasks))
    return _of_tasks(network, text, "task", matching, "")


def _service(network: Network, text: str) -> Endpoint | None:
    services = network.snapshot.of(Service)
    name, _, container = (text, "", "") if text in services else text.partition("/")
    matching = [s for s in services.values() if name in (s.props.name, s.id, (s.key or "").removeprefix("service/"))]
    if not matching:
        return None
    if len(matching) > 1:
        clusters = ", ".join(sorted(str(s.props.cluster).rpartition("/")[2] for s in matching))
        raise UsageError(f"Service {name} exists in several clusters: {clusters}.", hint="Name one with --cluster.")
    found = matching[0]
    missing = network.snapshot.unknown(Task.kind, found.id)
    if missing is not None:
        return Endpoint(text, "service", missing=(f"{missing.call}: {missing.why}",))
    tasks = network.tasks_of(found.props.name, str(found.props.cluster))
    return _of_tasks(network, text, "service", tasks, container, found)


def _of_tasks(
    network: Network,
    text: str,
    kind: str,
    tasks: Iterable[Found[Task]],
    container: str,
    service: Found[Service] | None = None,
) -> Endpoint:
    mine = sorted((task for task in tasks if running(task)), key=lambda task: task.id)
    held = [(task, nic) for task in mine if (nic := network.nics.get(task.props.interface)) is not None]
    definitions = [t.props.definition for t in mine] or ([str(service.props.task_definition)] if service else [])
    known = [d for name in dict.fromkeys(definitions) if (d := network.snapshot.get(TaskDefinition, name))]
    containers = tuple(dict.fromkeys(c for definition in known for c in definition.props.containers))
    if container and known and container not in {c.name for c in containers}:
        names = [c.name for c in containers]
        raise UsageError(
            f"{text.partition('/')[0]} has no container {container}.", hint=_near(container, names, "It has ")
        )
    if container:
        containers = tuple(c for c in containers if c.name == container)
    ends = tuple(Holder(nic, task.id) for task, nic in held)
    unseen = network.unread(NetworkInterface.kind)
    missing = () if held or unseen is None else (f"{unseen.call}: {unseen.why}",)
    closed = () if held or missing else (_no_task(text, mine, service),)
    assumptions: tuple[str, ...] = ()
    if held and len(held) < len(mine):
        assumptions = (
            f"{len(mine) - len(held)} of {len(mine)} tasks of {text} have no interface yet and are left out",
        )
    return Endpoint(
        text,
        kind,
        ends,
        container,
        containers,
        closed=closed,
        missing=missing,
        assumptions=assumptions,
        nics=frozenset(nic.id for _, nic in held),
    )


def _no_task(text: str, tasks: list[Found[Task]], service: Found[Service] | None) -> Blocker:
    why = f"{text} has no running task"
    if tasks:
        why = f"no task of {text} has an interface"
    fix = f"Start a task of {text}; describe says why none runs."
    if service is not None and service.props.desired == 0:
        fix = f"Set the desired count of {text} to 1 or more."
    return Blocker("NO_RUNNING_TASK", "forward", service.id if service else text, "", why, fix)


def _addresses(network: Network, text: str, near: str) -> Endpoint:
    held = addresses.cidr(text)
    if held.length == 0:
        return Endpoint(text, "internet", (Hosts({held.family: INTERNET[held.family]}, text, {held.family: text}),))
    whole = Intervals([(held.low, held.high)])
    if held.low == held.high:
        owner = single(network, text, held.family, held.low, near)
        if owner is not None:
            return owner
    inside = [
        Holder(nic, nic.id, public, held.family, address)
        for nic in network.nics.values()
        for public in (False, True)[: 2 if held.family == 4 else 1]
        for address in (_public(nic) if public else nic.v4 if held.family == 4 else nic.v6)
        if held.low <= address <= held.high and (public or not _elsewhere(network, nic, near, held.family, address))
    ]
    outside = whole
    for vpc in network.ranges_of_vpcs(held.family):
        outside = outside - vpc
    awake = [end for end in inside if not attached.resting(network, end.nic.id)]
    closed = () if outside or awake else tuple(b for end in inside for b in attached.at_rest(network, end.nic))
    ends: tuple[End, ...] = tuple(awake or inside)
    if outside or not inside:
        left = outside or whole
        named = {held.family: text if "/" in text else f"{text}/{held.length}"}
        parts = (left & INTERNET[held.family], left - INTERNET[held.family])
        ends = (*awake, *(Hosts({held.family: part}, text, named) for part in parts if part))
    return Endpoint(text, "addresses", ends, closed=closed, nics=frozenset(h.nic.id for h in awake))


def _public(nic: Nic) -> tuple[int, ...]:
    return tuple(nic.public.values())


def _elsewhere(network: Network, nic: Nic, near: str, family: int, address: int) -> bool:
    """Whether an address of the VPC nearby means something else than this interface of another one."""
    return nic.vpc != near and network.inside(near, family, address)


def single(network: Network, text: str, family: int, address: int, near: str = "") -> Endpoint | None:
    """The interface behind one address, public or private; None when no known interface holds it."""
    if family == 4 and (owner := network.owner(4, address)) is not None:
        return _at(network, text, "addresses", Holder(owner, owner.id, True, 4, address))
    holders = [nic for nic in network.anywhere(family, address) if not _elsewhere(network, nic, near, family, address)]
    if len(holders) > 1:
        names = ", ".join(f"{nic.id} in {nic.vpc}" for nic in holders)
        raise UsageError(f"{text} belongs to several interfaces: {names}.", hint="Name the interface you mean.")
    if holders:
        return _at(network, text, "addresses", Holder(holders[0], holders[0].id, False, family, address))
    return None


def _absent(network: Network, text: str, kind: str, word: str, names: Iterable[str]) -> Endpoint:
    """Nothing of that name: a mistake when all of the kind are known, else a fact that is missing."""
    missing = next((m for m in network.snapshot.missing if m.kind == kind), None)
    if missing is not None:
        return Endpoint(text, kind, missing=(f"{missing.call}: {missing.why}",))
    raise UsageError(f"There is no {word} {text}.", hint=_near(text, list(names), "There is "))


def nothing(network: Network, text: str) -> Endpoint:
    """A bare word that names nothing known: unknown when services are, else a UsageError with near matches."""
    names = [service.props.name for service in network.snapshot.of(Service).values()]
    return _absent(network, text, Service.kind, "service or endpoint", names)


def _near(text: str, names: list[str], otherwise: str) -> str:
    from difflib import get_close_matches  # only who mistypes a name waits for it

    near = get_close_matches(text, names, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"{otherwise}{', '.join(sorted(names)[:8])}." if names else ""
