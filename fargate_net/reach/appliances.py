"""Appliances: machines that routes lead through, of subnets and of gateways.

What one does with traffic is never known; that it can do nothing may be. Never here: load balancers, what gateways
themselves do. (VPC User Guide, Middlebox routing wizard; Gateway route tables; Security group rules.)
"""

from __future__ import annotations

from fargate_net.kinds.instance import Instance
from fargate_net.reach import attached, ways
from fargate_net.reach.crossing import pass_interface, refuse_all
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.network import Network
from fargate_net.reach.places import Place
from fargate_net.reach.routes import Entry, kind_of
from fargate_net.reach.walk import Packet, Walk


def leave(walk: Walk, packet: Packet, entry: Entry, place: Place) -> None:
    """Into the appliance a route names, and no further: what comes out of it is not known.

    Known all the same is what keeps it from working, and what its far side refuses whoever sends: security groups that
    admit members of groups only never see those behind an appliance (VPC Peering Guide, Update your security groups).
    """
    target = entry.target
    face = _interface(walk.network, target)
    if isinstance(face, Lack):
        walk.lack(face.text)
        return
    walk.meet(target, kind_of(target), "", "receives as an appliance")
    nic = walk.network.nics.get(face)
    if why := attached.resting(walk.network, face):
        detail = f"{place.table} sends {walk.label(packet.to)} along {entry.text}, and {why}"
        walk.block("BAD_STATE_ROUTE", place.table, entry.text, detail, awake(place.table, entry.text, why))
        return
    if nic is not None and nic.source_dest_check:
        walk.block(
            "ENI_SOURCE_DEST_CHECK_RESTRICTION",
            nic.id,
            "",
            f"{nic.id} drops what is not addressed to it: its source/destination check is on",
            f"Turn off the source/destination check of {nic.id}, or route elsewhere.",
        )
        return
    if nic is not None:
        pass_interface(walk, nic, packet)
    packet.forget()
    walk.lack(f"what the appliance {target} does with traffic")
    receiver = packet.target.nic
    if nic is not None and receiver is not None and receiver is not nic:
        refuse_all(walk, receiver, packet, nic.groups)


def redirect(walk: Walk, packet: Packet, gateway: str, nic: Nic) -> None:
    """A gateway route table may send what comes in to an appliance first (VPC User Guide, Gateway route tables)."""
    redirected = _redirected(walk, gateway, packet.to)
    if redirected is None:
        return
    table, entry = redirected
    appliance = walk.network.nics.get(entry.target)
    if appliance is not None and not appliance.public and walk.family == 4:
        walk.block(
            "INGRESS_RTB_NO_PUBLIC_IP",
            appliance.id,
            entry.text,
            f"{table} redirects what comes in for {nic.id} to {appliance.id}, which has no public IPv4 address",
            ways.public_address(walk.network, appliance),
        )
    else:
        walk.lack(f"what the appliance {entry.target} does with redirected traffic ({entry.text} in {table})")


def redirect_reply(walk: Walk, gateway: str, inside: int) -> None:
    """Replies come in through the gateway like anything else, so its route table redirects them too."""
    redirected = _redirected(walk, gateway, inside)
    if redirected is not None:
        table, entry = redirected
        walk.lack(f"what the appliance {entry.target} does with redirected replies ({entry.text} in {table})")


def _redirected(walk: Walk, gateway: str, inside: int) -> tuple[str, Entry] | None:
    """The table of the gateway and its route to an appliance that runs; None when packets go straight on."""
    held = walk.network.edge_tables.get(gateway)
    if held is None:
        return None
    table = walk.network.table_by_id(held)
    if isinstance(table, Lack):
        walk.lack(table.text)
        return None
    walk.compare(inside, table.cuts[walk.family])
    entry = table.lookup(walk.family, inside)
    if entry is None or entry.target == "local":
        return None
    walk.meet(table.id, "route_table", entry.text, "redirects")
    if entry.state != "active":
        detail = f"{entry.text} of the gateway table {table.id} is a blackhole"
        walk.block("BAD_STATE_ROUTE", table.id, entry.text, detail, f"Replace {entry.text} in {table.id}.")
    elif why := attached.resting(walk.network, entry.target):
        detail = f"{table.id} redirects to {entry.target}, and {why}"
        walk.block("BAD_STATE_ROUTE", table.id, entry.text, detail, awake(table.id, entry.text, why))
    else:
        return table.id, entry
    return None


def awake(table: str, route: str, why: str) -> str:
    """What makes a route work that leads to an interface where nothing runs; ``why`` says why nothing does."""
    machine = why.split(" ", 1)[0]
    start = f"Start {machine}" if machine.startswith("i-") else "Attach the interface to a machine"
    return f"{start}, or replace {route} in {table}."


def _interface(network: Network, target: str) -> str | Lack:
    """The id of the interface a route target means: its own, or the first of an instance."""
    if kind_of(target) != "instance":
        return target
    instance = network.fact(Instance, target)
    if isinstance(instance, Lack) or not instance.props.interfaces:
        return Lack(f"what the appliance {target} does with traffic")
    return instance.props.interfaces[0]
