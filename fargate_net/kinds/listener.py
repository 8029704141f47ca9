"""A listener of a balancer: a port, and what is done with what arrives. Never here: the rules of an application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.asking import ask, elb_tags, listed, refuse_foreign, whole
from fargate_net.kinds.base import STACK_TAG, Aws, Kind, Scope, Way, found, register
from fargate_net.kinds.elb_actions import Action, led_to, read_actions, with_heirs, written_actions
from fargate_net.kinds.elb_calls import LISTENER, set_attributes
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.load_balancer import balancers_in, read_attributes
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing

__all__ = ["Action", "Listener"]

_LISTENERS = "elbv2.describe_listeners"


@dataclass(frozen=True)
class Listener:
    """``protocol`` is HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, …; ``certificate`` the default one, ``""`` for none.

    ``attributes`` (``tcp.idle_timeout.seconds``) are read for listeners of ours alone, and of what we want only those
    stated are compared; None when they could not be read.
    """

    kind: ClassVar[str] = "listener"
    load_balancer: Id
    port: int
    protocol: str
    actions: tuple[Action, ...]
    certificate: str = ""
    policy: str = ""
    attributes: frozenset[tuple[str, str]] | None = frozenset()


def listeners_in(aws: Aws, scope: Scope, kind: str) -> Iterable[tuple[Item, str] | Missing]:
    """The listeners of the balancers in scope, each with its balancer's type; Missing per balancer that kept silent.

    DescribeListeners wants a balancer, so it is one call for each (Elastic Load Balancing API reference).
    """
    for balancer, _ in balancers_in(aws, scope):
        arn = balancer.text("LoadBalancerArn")
        answer = ask(aws, kind, arn, _LISTENERS, LoadBalancerArn=arn)
        if isinstance(answer, Missing):
            yield answer
            continue
        for item in items(answer, "Listeners", "ListenerArn"):
            if item.text("LoadBalancerArn", arn) == arn:
                yield item, balancer.text("Type", "")


@register
class ListenerKind(Kind):
    """Listeners of the balancers in scope. A listener cannot move to another balancer."""

    name = "listener"
    props = Listener
    immutable = frozenset({"load_balancer"})
    exclusive = frozenset({"load_balancer", "port"})
    handover = "leads"
    write_side = True

    def leads_to(self, props: Any) -> frozenset[str]:
        """Its target groups with a weight."""
        return led_to(props.actions)

    def between(self, have: Any, want: Any, heirs: Mapping[str, Id]) -> Any | None:
        """Led to the old group, with the new one beside it; not with another protocol, which may fit one group only."""
        if have.protocol != want.protocol:
            return None
        sticky = have.protocol in ("HTTP", "HTTPS")
        return replace(have, actions=with_heirs(have.actions, heirs, sticky=sticky))

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """Clients notice another protocol; a listener whose port is taken has to go before its successor comes."""
        if way == "first":
            return f"nobody answers on port {want.port} for some seconds, while the listener is made anew"
        if way == "gone":
            return f"nobody answers on port {want.port} any more"
        if "protocol" in fields:
            return f"clients on port {want.port} have to speak {want.protocol} from then on"
        return ""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One call a balancer, tags by twenty, attributes for our own TCP listeners."""
        listeners: list[tuple[Item, str]] = []
        for entry in listeners_in(aws, scope, self.name):
            if isinstance(entry, Missing):
                yield entry
            else:
                listeners.append(entry)
        tags = elb_tags(aws, [item.text("ListenerArn") for item, _ in listeners])
        for item, family in listeners:
            arn = item.text("ListenerArn")
            own = tags.get(arn, {})
            attributes: frozenset[tuple[str, str]] | None = frozenset()
            ours = scope.stack is not None and own.get(STACK_TAG) == scope.stack
            if ours and family == "network" and item.text("Protocol", "") == "TCP":
                answer = ask(aws, self.name, arn, "elbv2.describe_listener_attributes", ListenerArn=arn)
                if isinstance(answer, Missing):
                    yield answer
                attributes = None if isinstance(answer, Missing) else read_attributes(answer)
            yield whole(
                self.name,
                arn,
                _LISTENERS,
                partial(_read, item, attributes, own),
            )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """A balancer has one listener a port, which makes a repeat safe."""
        have = _by_port(aws, props, tags)
        if have is None:
            try:
                answer = aws.write(
                    "elbv2.create_listener",
                    LoadBalancerArn=props.load_balancer,
                    Tags=listed(tags),
                    **_shape(props),
                )
                have = next(items(answer, "Listeners", "ListenerArn")).text("ListenerArn")
            except AlreadyExists:
                have = _by_port(aws, props, tags)
                if have is None:
                    raise
        if props.attributes:
            set_attributes(aws, LISTENER, have, props.attributes)
        return have

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """One call states the whole listener anew."""
        if fields - {"attributes"}:
            aws.write("elbv2.modify_listener", ListenerArn=have.id, **_shape(want))
        if "attributes" in fields and want.attributes:
            set_attributes(aws, LISTENER, have.id, want.attributes)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Its rules go with it."""
        try:
            aws.write("elbv2.delete_listener", ListenerArn=have.id)
        except NotFound:
            return


def _read(item: Item, attributes: frozenset[tuple[str, str]] | None, tags: Mapping[str, str]) -> Found[Listener]:
    certificates = [certificate.text("CertificateArn", "") for certificate in item.many("Certificates")]
    props = Listener(
        load_balancer=item.text("LoadBalancerArn"),
        port=item.whole("Port", 0),
        protocol=item.text("Protocol", ""),
        actions=read_actions(item, "DefaultActions"),
        certificate=certificates[0] if certificates else "",
        policy=item.text("SslPolicy", ""),
        attributes=attributes,
    )
    return found(item.text("ListenerArn"), props, tags, arn=item.text("ListenerArn"))


def _shape(props: Listener) -> dict[str, Any]:
    params: dict[str, Any] = {
        "Protocol": props.protocol,
        "Port": props.port,
        "DefaultActions": written_actions(props.actions),
    }
    if props.certificate:
        params["Certificates"] = [{"CertificateArn": props.certificate}]
    if props.policy:
        params["SslPolicy"] = props.policy
    return params


def _by_port(aws: Aws, props: Listener, tags: Mapping[str, str]) -> str | None:
    """The ARN of our listener on that port, None when the port is free; Refused when it is not ours."""
    try:
        answer = aws.read(_LISTENERS, LoadBalancerArn=props.load_balancer)
    except NotFound:
        return None
    for item in items(answer, "Listeners", "ListenerArn"):
        if item.whole("Port", 0) == props.port:
            arn = item.text("ListenerArn")
            refuse_foreign(f"A listener on port {props.port}", elb_tags(aws, [arn]).get(arn, {}), tags)
            return arn
    return None
