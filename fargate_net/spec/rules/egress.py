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
    network = draft.stack.network
    if not draft.sound("network"):
        return
    endpoints = set(endpoint_services(draft.stack))
    for _, service, path in draft.services():
        if reaches_internet(service, network) is not False or not _placed(draft, path):
            continue
        for index, item in enumerate(service.containers):
            where = (*path, "containers", index, "image")
            home, region = ecr_region(item.image), draft.stack.region
            if home is None:
                why = f"{registry(item.image)} is on the internet, and {_why(service, network)}"
                message = f"{quote(item.image)} cannot be pulled: {why}."
                hint = "Copy the image to a private ECR registry, or " + _way_out(service, network)
                # Some public registries answer over IPv6, so with IPv6 this is likely but not certain.
                yield Fault(where, message, hint, is_warning=network.ipv6 and service.subnets == "private")
            elif region and home != region:
                why = f"it is in {home}, endpoints lead to {region} only, and {_why(service, network)}"
                message = f"{quote(item.image)} cannot be pulled: {why}."
                yield Fault(where, message, f"Replicate it to {region}, or {_way_out(service, network)}")
            elif not {"ecr.api", "ecr.dkr", "s3"} <= endpoints:
                message = (
                    f"{quote(item.image)} cannot be pulled: {_why(service, network)}, and no endpoints lead to ECR."
                )
                yield Fault(where, message, f"Use `egress: endpoints`, or {_way_out(service, network)}")


def start_up(draft: Draft) -> Iterator[Fault]:
    """Logs, secrets and ECS Exec need their services in reach, too."""
    network = draft.stack.network
    if not draft.sound("network"):
        return
    endpoints = set(endpoint_services(draft.stack))
    for _, service, path in draft.services():
        if reaches_internet(service, network) is not False or not _placed(draft, path):
            continue
        lacking = sorted(set(aws_services(service)) - endpoints - {"ecr.api", "ecr.dkr", "s3"})
        if lacking:
            message = f"Tasks cannot reach {', '.join(f'aws:{name}' for name in lacking)}: {_why(service, network)}."
            yield Fault((*path, "subnets"), message, f"Use `egress: endpoints`, or {_way_out(service, network)}")


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
