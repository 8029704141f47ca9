"""What a task needs before it runs, as questions about its own interface.

Since platform version 1.4.0 the image pull, secrets and logs all leave through the task's interface, so its subnet's
routes, its security groups and the endpoints of its VPC decide whether it starts (Amazon ECS Developer Guide,
"Fargate task networking"). Never here: describe calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import ContainerDefinition, TaskDefinition
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Answer, Disposition, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.edits.tasks import IMAGINED, free_address
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import remedied

ECR_IMAGE = re.compile(r"^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)/")
"""A private registry of Amazon ECR and its Region."""

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+$")

OLD_PLATFORMS = frozenset({"1.0.0", "1.1.0", "1.2.0", "1.3.0"})
"""Linux platform versions before the one network interface for everything (Amazon ECS Developer Guide, Fargate Linux
platform versions). Windows counts its versions anew from 1.0.0."""


@dataclass(frozen=True, order=True)
class Need:
    """One place a task must reach on TCP 443 before it runs, and what for.

    ``endpoint`` is as in a question: ``aws:ecr.api``, ``internet``. ``purpose`` completes "needed to …".
    """

    endpoint: str
    purpose: str


@dataclass(frozen=True)
class NeedAnswer:
    """A need and the verdict on it."""

    need: Need
    answer: Answer


def needs(definition: TaskDefinition, service: Service | None = None, region: str = "") -> tuple[Need, ...]:
    """Everything the tasks of this definition must reach to start, each endpoint once, in the order ECS does it.

    What is in another Region than the tasks' own (``region``, empty when not known) is reached over the internet:
    endpoints serve their own Region (AWS PrivateLink Guide, AWS services that integrate with AWS PrivateLink).
    Sources: Amazon ECR User Guide, "Amazon ECR interface VPC endpoints"; Amazon ECS Developer Guide, "Amazon ECS
    interface VPC endpoints" (tasks on Fargate need none of the ``ecs`` endpoints) and "Monitor ECS with ECS Exec".
    """
    wanted = [need for container in definition.containers for need in _of_container(container, region)]
    if service is not None and service.exec:
        wanted.append(Need("aws:ssmmessages", "open ECS Exec sessions"))
    purposes: dict[str, list[str]] = {}
    for need in wanted:
        said = purposes.setdefault(need.endpoint, [])
        if need.purpose not in said:
            said.append(need.purpose)
    return tuple(Need(endpoint, " and ".join(said)) for endpoint, said in purposes.items())


def _of_container(container: ContainerDefinition, region: str) -> Iterator[Need]:
    if container.repository_credentials:
        yield _at("aws:secretsmanager", "read the registry's credentials", container.repository_credentials, region)
    registry = ECR_IMAGE.match(container.image)
    if registry and region in ("", registry[1]):
        yield Need("aws:ecr.api", "authenticate at the registry")
        yield Need("aws:ecr.dkr", "read image manifests")
        yield Need("aws:s3", "download image layers")
    else:
        yield Need("internet", f"pull the image {container.image}")
    for _, secret in container.secrets:
        if ":secretsmanager:" in str(secret):
            yield _at("aws:secretsmanager", "read secrets", str(secret), region)
        else:
            yield _at("aws:ssm", "read parameters", str(secret), region)
    if container.environment_files:
        yield Need("aws:s3", "read environment files")
    if container.log:
        yield _at("aws:logs", "create log streams", f"arn:aws:logs:{container.log[1]}:", region)


def _at(endpoint: str, purpose: str, arn: str, region: str) -> Need:
    """A need for what an ARN names; a bare name is of the tasks' own Region."""
    there = [*arn.split(":"), "", "", ""][3] if arn.startswith("arn:") else ""
    if region in ("", there) or not REGION.match(there):
        return Need(endpoint, purpose)
    return Need("internet", f"{purpose} in {there}")


def check(network: Network, service: Found[Service]) -> tuple[NeedAnswer, ...]:
    """The verdicts on every need of a service's tasks; of one imagined task a subnet when none runs.

    One unknown need stands for all when the task definition is not known.
    """
    definition = network.fact(TaskDefinition, str(service.props.task_definition))
    if isinstance(definition, Lack):
        whole = Question(service.props.name, "start-up needs", expect=Disposition.REACHABLE)
        return (NeedAnswer(Need("", "start"), Answer(whole, Disposition.UNKNOWN, missing=(definition.text,))),)
    wanted = needs(definition.props, service.props, network.snapshot.region)
    windows = definition.props.operating_system.upper().startswith("WINDOWS")
    if service.props.platform_version in OLD_PLATFORMS and not windows:
        return tuple(NeedAnswer(need, _unseen(service.props, need)) for need in wanted)
    return check_needs(network, service, wanted)


def _unseen(service: Service, need: Need) -> Answer:
    """On old platforms part of this traffic left through an interface of Fargate's own, which no call shows."""
    platform = service.platform_version
    lack = f"which interface a task of Linux platform version {platform} uses for {need.endpoint}: 1.4.0 uses its own"
    return _unsaid(service.name, need, lack)


def _unsaid(source: str, need: Need, *missing: str) -> Answer:
    question = Question(source, need.endpoint, "tcp", (443, 443), expect=Disposition.REACHABLE)
    return Answer(question, Disposition.UNKNOWN, missing=missing)


def check_needs(network: Network, service: Found[Service], wanted: tuple[Need, ...]) -> tuple[NeedAnswer, ...]:
    """The verdicts on these needs for one service: of its tasks, and of one imagined in each subnet without any.

    AWS may put the next task into any of the service's subnets, so one that runs elsewhere proves nothing about it.
    """
    source = service.props.name
    taken = _subnets_with_tasks(network.snapshot, service)
    vacant = tuple(str(subnet) for subnet in service.props.subnets if str(subnet) not in taken)
    lacks = [held for subnet in vacant if isinstance(held := network.subnet(subnet), Lack)]
    if lacks:
        missing = tuple(dict.fromkeys(lack.text for lack in lacks))
        return tuple(NeedAnswer(need, _unsaid(source, need, *missing)) for need in wanted)
    if not vacant:
        return tuple(NeedAnswer(need, _judge(network, source, need)) for need in wanted)
    stage = Network(imagine(network.snapshot, service, vacant))
    note = (
        f"no task of {source} runs in {', '.join(vacant)}; judged by one task in each"
        if taken
        else f"no task of {source} runs; judged by one task in each subnet of the service"
    )
    return tuple(NeedAnswer(need, _judge(stage, source, need, note)) for need in wanted)


def check_in(network: Network, service: Found[Service], subnet: str, wanted: tuple[Need, ...]) -> Iterator[NeedAnswer]:
    """The verdicts on these needs for one more task of a service in this subnet, one after the other."""
    if network.snapshot.get(Subnet, subnet) is None:
        yield from check_needs(network, service, wanted)
        return
    stage = Network(imagine(network.snapshot, service, (subnet,)))
    note = f"no task of {service.props.name} runs; judged by one task in each subnet of the service"
    for need in wanted:
        yield NeedAnswer(need, _judge(stage, imagined_interface(service.props.name, subnet), need, note))


def _judge(network: Network, source: str, need: Need, *assumed: str) -> Answer:
    question = Question(
        source=source,
        target=need.endpoint,
        protocol="tcp",
        ports=(443, 443),
        expect=Disposition.REACHABLE,
    )
    answer = remedied(network, ask(network, question))
    return replace(answer, assumptions=(*answer.assumptions, *assumed))


def _subnets_with_tasks(snapshot: Snapshot, service: Found[Service]) -> frozenset[str]:
    interfaces = snapshot.of(NetworkInterface)
    return frozenset(
        str(interfaces[task.props.interface].props.subnet)
        for task in snapshot.of(Task).values()
        if task.props.state != "STOPPED"
        and task.props.service == service.props.name
        and bare(task.props.cluster) == bare(service.props.cluster)
        and task.props.interface in interfaces
    )


def bare(cluster: Id) -> str:
    """The name of a cluster, whether it is spelled as a name, an ARN or a planned id."""
    return str(cluster).rsplit("/", 1)[-1]


def imagined_interface(service: str, subnet: str) -> str:
    """How to call the interface of a task that does not run."""
    return f"{IMAGINED}{service} in {subnet}"


def imagine(snapshot: Snapshot, service: Found[Service], subnets: tuple[str, ...]) -> Snapshot:
    """The snapshot with one more task of the service in each of these subnets, where AWS would put it.

    Used where none runs: the tasks that keep failing are the ones the question is about. Subnets that are not in the
    snapshot are left out.
    """
    props = service.props
    made: list[Found[NetworkInterface] | Found[Task]] = []
    for number, subnet_id in enumerate(subnets):
        subnet = snapshot.get(Subnet, subnet_id)
        if subnet is None:
            continue
        address = free_address(snapshot, subnet_id, subnet.props.cidr)
        eni = imagined_interface(props.name, subnet_id)
        made.append(
            Found(
                id=eni,
                props=NetworkInterface(
                    vpc=subnet.props.vpc,
                    subnet=subnet_id,
                    zone=subnet.props.zone,
                    private_ips=(address,),
                    security_groups=props.security_groups,
                    public_ips=((address, f"203.0.113.{number + 4}"),) if props.public_ip else (),
                ),
                planned=True,
            )
        )
        made.append(
            Found(
                id=f"imagined:task/{props.name}/{number}",
                props=Task(
                    cluster=bare(service.props.cluster),
                    service=props.name,
                    definition=str(props.task_definition),
                    interface=eni,
                    subnet=subnet_id,
                    private_ip=address,
                    zone=subnet.props.zone,
                    group=f"service:{props.name}",
                ),
                planned=True,
            )
        )
    return snapshot.with_(made)
