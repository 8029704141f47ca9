"""Other things of somebody else that the spec names: cluster, security groups, listeners, namespaces.

Never here: the VPC and its subnets (ground.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.preflight.case import Case
from fargate_net.errors import NotFound
from fargate_net.kinds.cluster import Cluster
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.listener import Listener
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.model.finding import Finding, error, warning
from fargate_net.spec.models import CloudMapDiscovery, ServiceConnectDiscovery


def cluster(case: Case) -> Iterator[Finding]:
    """It is there and active, and tasks may use Fargate in it.

    A service asks for Fargate as a capacity provider, which must be associated with the cluster first (Amazon ECS
    Developer Guide, Fargate clusters).
    """
    name = case.stack.cluster.existing
    if name is None:
        return
    found = case.live.get(Cluster, name)
    if found is None or found.status.get("status") == "INACTIVE":
        if (missing := case.live.unknown("cluster", name)) is not None:
            yield warning("NOT_CHECKED", f"Could not check the cluster {name}: {missing.why}")
            return
        what = f"There is no ECS cluster {name} in {case.live.region}."
        hint = "Correct `cluster`, or leave it out to have one made."
        yield error("CLUSTER_NOT_FOUND", what, hint)
        return
    wanted = {"FARGATE_SPOT" if service.spot else "FARGATE" for service in case.stack.services.values()}
    if lacking := sorted(wanted - found.props.providers):
        what = f"The cluster {name} does not have the capacity provider {' and '.join(lacking)}."
        providers = " ".join(sorted({*found.props.providers, *lacking}))
        hint = (
            f"Add it: aws ecs put-cluster-capacity-providers --cluster {name} --capacity-providers {providers} "
            "--default-capacity-provider-strategy [] (that states the whole list and the default strategy)."
        )
        yield error("CLUSTER_WITHOUT_FARGATE", what, hint)


def groups(case: Case) -> Iterator[Finding]:
    """Groups that tasks wear are in the VPC; groups that rules name exist."""
    worn = {group for service in case.stack.services.values() for group in service.security_groups}
    named = {peer for peer in _peers(case) if peer.startswith("sg-")}
    wanted = sorted(worn | named)
    vpcs = {item.id: str(item.props.vpc) for item in case.live.of(SecurityGroup).values()}
    unseen = [group for group in wanted if group not in vpcs]
    if unseen:
        asked = [{"Name": "group-id", "Values": unseen}]
        answer = case.read(f"the security groups {', '.join(unseen)}", "ec2.describe_security_groups", Filters=asked)
        if answer is None:
            return
        vpcs |= {item.text("GroupId"): item.text("VpcId", "") for item in items(answer, "SecurityGroups", "GroupId")}
    for group in wanted:
        if group not in vpcs:
            what = f"There is no security group {group} in {case.live.region}."
            yield error("SECURITY_GROUP_NOT_FOUND", what, "Correct the spec.")
        elif group in worn and vpcs[group] != case.vpc:
            ours = case.vpc or "the VPC that this plan makes"
            what = f"The security group {group} is in {vpcs[group]}; tasks in {ours} cannot wear it."
            yield error("SECURITY_GROUP_ELSEWHERE", what, "Name groups of the VPC in `security_groups`.")


def _peers(case: Case) -> Iterator[str]:
    for service in case.stack.services.values():
        yield from (allowed.source for allowed in service.allow_from)
        for expose in service.expose:
            for exposed in (expose.alb, expose.nlb):
                if exposed is not None:
                    yield from exposed.sources


def listeners(case: Case) -> Iterator[Finding]:
    """A listener that gets a rule is there, in our VPC. The spec's rules see in its ARN that its balancer is an ALB."""
    for name, service in case.stack.services.items():
        for expose in service.expose:
            arn = expose.alb.listener if expose.alb else None
            if arn is None:
                continue
            found = case.live.get(Listener, arn)
            if found is None and (missing := case.live.unknown("listener", arn)) is not None:
                yield warning("NOT_CHECKED", f"Could not check the listener {arn}: {missing.why}")
            elif found is None:
                where = f"behind a balancer of {case.vpc}" if case.vpc else "in the VPC that this plan makes"
                what = f"There is no listener {arn} {where}, which service {name} wants a rule in."
                hint = "A balancer sends only to targets of its own VPC: correct `listener`, or `network.vpc`."
                yield error("LISTENER_NOT_FOUND", what, hint)


def namespaces(case: Case) -> Iterator[Finding]:
    """A namespace given by id or ARN is there, of a type that serves, and answers in our VPC."""
    seen: set[tuple[str, bool]] = set()
    for name, service in case.stack.services.items():
        for way in service.discovery:
            for found in (way.cloud_map, way.service_connect):
                if found is None or not found.is_existing:
                    continue
                asked = (found.namespace.rpartition("/")[2], isinstance(found, CloudMapDiscovery))
                if asked not in seen:
                    seen.add(asked)
                    yield from _namespace(case, name, found, asked[0])


def _namespace(
    case: Case, service: str, found: CloudMapDiscovery | ServiceConnectDiscovery, id: str
) -> Iterator[Finding]:
    known = case.live.get(Namespace, id)
    if known is not None:
        kind, vpc = known.props.type, known.props.vpc
    else:
        try:
            answer = case.read(f"the namespace {id}", "servicediscovery.get_namespace", Id=id)
        except NotFound:
            what = f"There is no Cloud Map namespace {id} in {case.live.region}, which service {service} names."
            yield error("NAMESPACE_NOT_FOUND", what, "Correct `namespace`, or give a name to have one made.")
            return
        if answer is None:
            return
        kind, vpc = Item(answer, "the response").within("Namespace").text("Type", ""), None
    if not isinstance(found, CloudMapDiscovery):
        return
    if kind == "HTTP":
        what = f"The namespace {id} is of type HTTP and holds no DNS records, which service {service} wants."
        yield error("NAMESPACE_WITHOUT_DNS", what, "Name a private DNS namespace, or use `service_connect`.")
    elif kind == "DNS_PRIVATE" and (vpc != case.vpc or vpc is None):
        where = f"in {vpc}" if vpc else "in another VPC"
        what = f"The names of namespace {id} are answered {where}, not where service {service} runs."
        yield warning("NAMESPACE_ELSEWHERE", what, "Associate its hosted zone with the VPC.")
