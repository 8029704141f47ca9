"""Listeners, rules and target groups: what may be joined, what exists already, what is in use.

Authority: API reference, CreateListener, CreateTargetGroup; Elastic Load Balancing User Guides, "Listeners
for your Network Load Balancers", "Quotas" (one load balancer per target group).

Never here: targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import FakeAction, FakeTargetGroup, elbv2_backends

from .calls import AwsError, Call, Proceed, repair, result_of
from .ec2_calls import page
from .stores import elb

#: Listener protocol -> target group protocols that it can forward to.
_COMPATIBLE = {
    "HTTP": {"HTTP", "HTTPS"},
    "HTTPS": {"HTTP", "HTTPS"},
    "TCP": {"TCP", "TCP_UDP"},
    "TLS": {"TCP", "TLS"},
    "UDP": {"UDP", "TCP_UDP"},
    "TCP_UDP": {"TCP_UDP"},
}


def forwarded_groups(actions: list[Any]) -> Iterator[str]:
    """The target group ARNs that actions forward to."""
    for action in actions:
        data = action if isinstance(action, dict) else action.data
        if "TargetGroupArn" in data:
            yield data["TargetGroupArn"]
        for group in data.get("ForwardConfig", {}).get("TargetGroups", []):
            yield group["TargetGroupArn"]


def listeners_for(backend: Any, target_group_arn: str) -> list[tuple[Any, Any]]:
    """The (balancer, listener) pairs whose default action or rules forward to a target group."""
    return [
        (balancer, listener)
        for balancer in backend.load_balancers.values()
        for listener in balancer.listeners.values()
        if any(
            target_group_arn in forwarded_groups(actions)
            for actions in (listener.default_actions, *(rule.actions for rule in listener.rules.values()))
        )
    ]


def balancers_for(backend: Any, target_group_arn: str) -> list[Any]:
    """The load balancers that forward to a target group; AWS allows one."""
    found = {balancer.arn: balancer for balancer, _ in listeners_for(backend, target_group_arn)}
    return list(found.values())


def _check_forward(call: Call, balancer: Any, protocol: str, actions: list[Any]) -> None:
    backend = elb(call.account, call.region)
    for arn in forwarded_groups(actions):
        group = backend.target_groups.get(arn)
        if group is None:
            raise AwsError("TargetGroupNotFound", f"Target groups '{arn}' not found")
        if group.protocol not in _COMPATIBLE.get(protocol, {group.protocol}):
            raise AwsError(
                "IncompatibleProtocols",
                f"The target group '{arn}' with protocol {group.protocol} cannot be used by a listener with "
                f"protocol {protocol}",
            )
        if any(other.arn != balancer.arn for other in balancers_for(backend, arn)):
            raise AwsError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {arn}",
            )
        if group.vpc_id != balancer.vpc_id:
            raise AwsError(
                "InvalidConfigurationRequest", f"The target group '{arn}' is not in the VPC of the load balancer"
            )


@repair("elbv2", "CreateListener")
def create_listener(call: Call, proceed: Proceed) -> Any:
    """One listener a port; the protocols of listener and target group must fit."""
    params = call.params
    balancer = elb(call.account, call.region).load_balancers.get(params["LoadBalancerArn"])
    if balancer is None:
        raise AwsError("LoadBalancerNotFound", f"Load balancer '{params['LoadBalancerArn']}' not found")
    for listener in balancer.listeners.values():
        if int(listener.port) == int(params.get("Port", 0)):
            if getattr(listener, "sandbox_asked", None) == _asked(params):
                return {"Listeners": [listener]}
            raise AwsError("DuplicateListener", "A listener already exists on this port for this load balancer")
    protocol = params.get("Protocol", "")
    if protocol in ("HTTPS", "TLS") and len(params.get("Certificates", [])) != 1:
        raise AwsError("ValidationError", "A certificate must be specified for HTTPS listeners")
    _check_forward(call, balancer, protocol, params.get("DefaultActions", []))
    created = result_of(proceed())["Listeners"][0]
    created.sandbox_asked = _asked(params)
    if protocol not in ("HTTPS", "TLS"):
        created.ssl_policy = None
    return {"Listeners": [created]}


@repair("elbv2", "ModifyListener")
def modify_listener(call: Call, proceed: Proceed) -> Any:
    """What is given replaces what was there, for every protocol; moto knows HTTP, HTTPS and TCP."""
    backend, params = elb(call.account, call.region), call.params
    arn = params["ListenerArn"]
    balancer = next((one for one in backend.load_balancers.values() if arn in one.listeners), None)
    if balancer is None:
        raise AwsError("ListenerNotFound", f"Listener '{arn}' not found")
    listener = balancer.listeners[arn]
    port = int(params.get("Port", listener.port))
    if any(int(other.port) == port for other in balancer.listeners.values() if other is not listener):
        raise AwsError("DuplicateListener", "A listener already exists on this port for this load balancer")
    protocol = params.get("Protocol", listener.protocol)
    if protocol in ("HTTPS", "TLS") and not (params.get("Certificates") or listener.certificates):
        raise AwsError("ValidationError", "A certificate must be specified for HTTPS listeners")
    actions = params.get("DefaultActions")
    _check_forward(call, balancer, protocol, actions or listener.default_actions)
    listener.port, listener.protocol = port, protocol
    if actions:
        listener.default_actions = [FakeAction(action) for action in actions]
        listener._default_rule[0].actions = listener.default_actions
    if params.get("Certificates"):
        listener.certificates = [certificate["CertificateArn"] for certificate in params["Certificates"]]
        listener.certificate = listener.certificates[0]
    if protocol not in ("HTTPS", "TLS"):
        listener.certificates, listener.certificate = [], None
    listener.ssl_policy = params.get("SslPolicy", listener.ssl_policy) if protocol in ("HTTPS", "TLS") else None
    if "AlpnPolicy" in params:
        listener.alpn_policy = params["AlpnPolicy"]
    return {"Listeners": [listener]}


def _asked(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "Tags"}


@repair("elbv2", "CreateRule")
def create_rule(call: Call, proceed: Proceed) -> Any:
    """A rule forwards under the same conditions as its listener."""
    for balancer in elb(call.account, call.region).load_balancers.values():
        listener = balancer.listeners.get(call.params["ListenerArn"])
        if listener is not None:
            _check_forward(call, balancer, listener.protocol, call.params.get("Actions", []))
    return proceed()


@repair("elbv2", "CreateTargetGroup")
def create_target_group(call: Call, proceed: Proceed) -> Any:
    """The same request again returns the same group; another one of the same name is refused."""
    for group in elb(call.account, call.region).target_groups.values():
        if group.name == call.params["Name"]:
            if getattr(group, "sandbox_asked", None) == _asked(call.params):
                return {"TargetGroups": [group]}
            raise AwsError(
                "DuplicateTargetGroupName",
                f"A target group with the same name '{group.name}' exists, but with different settings",
            )
    interval, timeout = call.params.get("HealthCheckIntervalSeconds"), call.params.get("HealthCheckTimeoutSeconds")
    if interval is not None and not 5 <= int(interval) <= 300:
        raise AwsError("ValidationError", f"Health check interval '{interval}' must be between 5 and 300 seconds")
    if timeout is not None and not 2 <= int(timeout) <= 120:
        raise AwsError("ValidationError", f"Health check timeout '{timeout}' must be between 2 and 120 seconds")
    asked = _asked(call.params)
    group = result_of(proceed())["TargetGroups"][0]
    group.sandbox_asked = asked
    if group.protocol in ("TCP", "UDP", "TCP_UDP", "TLS"):
        kept_client = not (group.target_type == "ip" and group.protocol in ("TCP", "TLS"))
        group.attributes |= {
            "preserve_client_ip.enabled": str(kept_client).lower(),
            "proxy_protocol_v2.enabled": "false",
            "deregistration_delay.connection_termination.enabled": "false",
        }
    return {"TargetGroups": [group]}


@repair("elbv2", "DescribeTargetGroups")
def describe_target_groups(call: Call, proceed: Proceed) -> Any:
    """Pages, and an empty answer for a balancer without target groups."""
    backend = elb(call.account, call.region)
    arn = call.params.get("LoadBalancerArn")
    if arn:
        if arn not in backend.load_balancers:
            raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
        found = [group for group in backend.target_groups.values() if arn in group.load_balancer_arns]
    else:
        found = list(result_of(proceed())["TargetGroups"])
    shown, following = page(found, call.params.get("PageSize"), call.params.get("Marker"), default=400)
    return {"TargetGroups": shown, "NextMarker": following}


def _load_balancer_arns(self: Any) -> list[str]:
    return [balancer.arn for balancer in balancers_for(elbv2_backends[self.account_id][self.region_name], self.arn)]


def install() -> None:
    """A target group belongs to the balancers that forward to it now, not to those that once did."""
    FakeTargetGroup.load_balancer_arns = property(  # type: ignore[assignment]
        _load_balancer_arns, lambda self, value: None
    )
