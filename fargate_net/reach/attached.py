"""Whether anything runs behind an interface. Never here: packets, services and their tasks.

(EC2 User Guide, Elastic network interfaces: status; Instance lifecycle.)
"""

from __future__ import annotations

from fargate_net.kinds.instance import Instance
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.model.verdict import Blocker
from fargate_net.reach.interfaces import Nic
from fargate_net.reach.network import Network

DETACHED = frozenset({"available"})
"""AWS's word for an interface that is free to be attached."""
AT_REST = frozenset({"stopped", "stopping", "shutting-down"})
LOOSE = "attached to nothing"


def at_rest(network: Network, nic: Nic) -> tuple[Blocker, ...]:
    """Why nobody sends or answers there; empty when somebody may."""
    why = resting(network, nic.id)
    if not why:
        return ()
    if why == LOOSE:
        detail, fix = f"{nic.id} is {LOOSE}", f"Attach {nic.id} to what is to answer there."
        return (Blocker("BAD_STATE", "forward", nic.id, "", detail, fix),)
    machine = network.snapshot.of(NetworkInterface)[nic.id].props.instance
    return (Blocker("BAD_STATE", "forward", machine, "", f"the instance {why}", f"Start {machine}."),)


def resting(network: Network, id: str) -> str:
    """Why nobody sends or answers at an interface, in a few words; empty when somebody may."""
    found = network.snapshot.get(NetworkInterface, id)
    if found is None:
        return ""
    if found.props.state in DETACHED:
        return LOOSE
    machine = network.snapshot.get(Instance, found.props.instance) if found.props.instance else None
    if machine is not None and machine.props.state in AT_REST:
        return f"{machine.id} is {machine.props.state}"
    return ""


def interfaces_of(network: Network, instance: str) -> list[Nic]:
    """The interfaces that say they belong to an instance, also when nobody described the instance itself."""
    faces = network.snapshot.of(NetworkInterface).values()
    return [network.nics[face.id] for face in faces if face.props.instance == instance]
