"""Whether tasks can start where they are put: images must be pulled and logs written before anything else.

Sources: ECS Developer Guide, Fargate task networking and Amazon ECS interface VPC endpoints; ECR User Guide,
Amazon ECR interface VPC endpoints (they do not serve ECR Public).
Never here: networks of someone else; their routes are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault, Path
from fargate_net.spec.models import Network, Service
from fargate_net.spec.needs import aws_services, endpoint_services, reaches_internet
from fargate_net.spec.patterns import ecr_region, registry
from fargate_net.spec.wording import quote


def images(draft: Draft) -> Iterator[Fault]:
    """Every image must be in reach of the task that runs it."""
    for service, path in _cut_off(draft):
        yield from _images(draft, service, path)


def start_up(draft: Draft) -> Iterator[Fault]:
    """Logs, secrets and ECS Exec need their services in reach, too."""
    network, endpoints = draft.stack.network, set(endpoint_services(draft.stack))
    for service, path in _cut_off(draft):
        lacking = sorted(set(aws_services(service)) - endpoints)
        # A task that cannot pull its image gets no further: one problem says enough.
        if lacking and not any(_images(draft, service, path)):
            message = f"Tasks cannot reach {', '.join(f'aws:{name}' for name in lacking)}: {_why(service, network)}."
            yield Fault((*path, "subnets"), message, f"Use `egress: endpoints`, or {_way_out(service, network)}")


def _cut_off(draft: Draft) -> Iterator[tuple[Service, Path]]:
    """Services whose tasks surely have no way to the internet."""
    for _, service, path in draft.services():
        if _placed(draft, path) and reaches_internet(service, draft.stack.network) is False:
            yield service, path


def _images(draft: Draft, service: Service, path: Path) -> Iterator[Fault]:
    network, region = draft.stack.network, draft.stack.region
    endpoints = set(endpoint_services(draft.stack))
    for index, item in enumerate(service.containers):
        where, home = (*path, "containers", index, "image"), ecr_region(item.image)
        if "://" in item.image:
            continue
        if home is None:
            why = f"{registry(item.image)} is on the internet, and {_why(service, network)}"
            hint = f"Copy the image to a private ECR registry, or {_way_out(service, network)}"
        elif region and home != region:
            why = f"it is in {home}, endpoints lead to {region} only, and {_why(service, network)}"
            hint = f"Replicate it to {region}, or {_way_out(service, network)}"
        elif not {"ecr.api", "ecr.dkr", "s3"} <= endpoints:
            why = f"{_why(service, network)}, and no endpoints lead to ECR"
            hint = f"Use `egress: endpoints`, or {_way_out(service, network)}"
        else:
            continue
        # Some public registries answer over IPv6, so with IPv6 this is likely but not certain.
        unsure = home is None and network.ipv6 and service.subnets == "private"
        yield Fault(where, f"{quote(item.image)} cannot be pulled: {why}.", hint, is_warning=unsure)


def public_addresses(draft: Draft) -> Iterator[Fault]:
    """A public address and a public subnet belong together."""
    network = draft.stack.network
    for _, service, path in draft.services():
        if not _placed(draft, path):
            continue
        if service.public_ip and service.subnets == "private":
            message = (
                "A public address in a private subnet is of no use: the subnet has no route to an internet gateway."
            )
            yield Fault((*path, "public_ip"), message, "Remove it, or set `subnets: public`.")
        if service.subnets == "public" and service.public_ip and not network.is_existing and network.egress == "none":
            message = (
                "`egress: none` leaves tasks no way out, but in a public subnet with a public address they have one."
            )
            yield Fault((*path, "subnets"), message, "Set `egress: public`, or `subnets: private`.")
        for index, item in enumerate(service.expose):
            if item.dns is None:
                continue
            where = (*path, "expose", index, "dns")
            if service.subnets != "public" or not service.public_ip:
                message = "The record would hold public addresses, but tasks of this service have none."
                yield Fault(where, message, "Set `subnets: public` and `public_ip: true`.", "key")


def _placed(draft: Draft, path: Path) -> bool:
    return draft.sound("network") and draft.sound(*path, "subnets") and draft.sound(*path, "public_ip")


def _why(service: Service, network: Network) -> str:
    if service.subnets == "public":
        return "tasks in a public subnet have no way out without a public address"
    return f"private subnets have no way to it with `egress: {network.egress}`"


def _way_out(service: Service, network: Network) -> str:
    if service.subnets == "public":
        return "set `public_ip: true`."
    if network.egress == "public":
        return "set `subnets: public` for the service, or `egress: nat`."
    return "set `egress: endpoints+nat`." if network.has_endpoints else "set `egress: nat`."


RULES = (images, start_up, public_addresses)
