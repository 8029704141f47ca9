"""What others put beside a stack's own things, where it decides about its packets: said with every plan, never changed.

Entries inside our groups and tables are compared by the plan itself. Never here: calls; what carries our tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fargate_net.kinds.listener import Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.finding import Finding, warning
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.reach.acls import entry_text

LAST = 32767
"""The number that AWS shows for the rule that denies what no other rule matched."""

_EVERYTHING = frozenset((egress, True, "-1", cidr) for egress in (False, True) for cidr in ("0.0.0.0/0", "::/0"))


def beside(live: Snapshot, stack: str) -> Iterator[Finding]:
    """Changed network ACLs of the stack's own VPC, and listeners and rules of others on its balancers."""
    yield from _acls(live, stack)
    yield from _listeners(live, stack)
    yield from _rules(live, stack)


def _acls(live: Snapshot, stack: str) -> Iterator[Finding]:
    """ACLs that do not let everything pass, as the one does that AWS makes with a VPC.

    Source: VPC User Guide, Default network ACL.
    """
    vpcs = {item.id for item in live.of(Vpc).values() if item.stack == stack}
    ours = {item.id for item in live.of(Subnet).values() if item.stack == stack}
    for acl in live.of(NetworkAcl).values():
        where = sorted(ours & {str(subnet) for subnet in acl.props.subnets})
        if acl.props.vpc not in vpcs or not where:
            continue
        own = [entry for entry in acl.props.entries if entry.number < LAST]
        added = [entry for entry in own if _shape(entry) not in _EVERYTHING]
        words = [_told(entry) for entry in added]
        open_to_all = {_shape(entry) for entry in own}
        words += [
            f"no rule allows all {'outbound' if egress else 'inbound'} traffic"
            for egress in (False, True)
            if (egress, True, "-1", "0.0.0.0/0") not in open_to_all
        ]
        if words:
            what = f"Somebody changed the network ACL {acl.id} of {', '.join(where)}: {'; '.join(words)}."
            yield warning("ACL_CHANGED", what, "It is left as it is; `reach-check` says what it blocks.")


def _shape(entry: AclEntry) -> tuple[bool, bool, str, str]:
    return entry.egress, entry.allow, entry.protocol, entry.cidr


def _told(entry: AclEntry) -> str:
    return f"{'outbound' if entry.egress else 'inbound'} rule {entry_text(entry)}"


def _listeners(live: Snapshot, stack: str) -> Iterator[Finding]:
    balancers = _ours(live.of(LoadBalancer).values(), stack)
    for listener in live.of(Listener).values():
        balancer = balancers.get(str(listener.props.load_balancer))
        if balancer is not None and listener.stack != stack:
            what = f"The listener on port {listener.props.port} of {balancer.props.name} is not ours ({listener.id})."
            yield warning("LISTENER_OF_OTHERS", what, "It is left alone, and goes with the balancer.")


def _rules(live: Snapshot, stack: str) -> Iterator[Finding]:
    listeners = _ours(live.of(Listener).values(), stack)
    for rule in live.of(ListenerRule).values():
        listener = listeners.get(str(rule.props.listener))
        if listener is not None and rule.stack != stack:
            what = f"The rule of priority {rule.props.priority} on our listener {listener.key} is not ours ({rule.id})."
            yield warning("RULE_OF_OTHERS", what, "It is left alone; it is tried before all rules of a higher number.")


def _ours(things: Iterable[Found[Any]], stack: str) -> dict[str, Found[Any]]:
    return {item.id: item for item in things if item.stack == stack}
