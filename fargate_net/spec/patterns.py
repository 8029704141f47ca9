"""What ids, ARNs, names and CIDRs look like: small predicates for the rules.

Never here: faults, models.
"""

from __future__ import annotations

import ipaddress
import re

_ARN = re.compile(
    r"^arn:(aws|aws-cn|aws-us-gov|aws-iso[a-z-]*|aws-eusc):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws)?:(.+)$"
)
_GROUP = re.compile(r"^sg-[0-9a-f]{3,32}$")
_PREFIX_LIST = re.compile(r"^pl-[0-9a-f]{3,32}$")
_SUBNET = re.compile(r"^subnet-[0-9a-f]{3,32}$")
_DOMAIN = re.compile(
    r"^(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$"
)
_ECR = re.compile(
    r"^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/."
)


_LONGEST_CIDR = 50


def arn_region(text: str, service: str, resource: str) -> str | None:
    """Region of an ARN of that service whose resource part matches the expression; None when it is another thing.

    The region is empty for services that have none, such as IAM.
    """
    match = _ARN.match(text)
    if match and match[2] == service and re.match(resource, match[5]):
        return match[3]
    return None


def is_security_group(text: str) -> bool:
    """True for the id of a security group."""
    return bool(_GROUP.match(text))


def is_prefix_list(text: str) -> bool:
    """True for the id of a prefix list."""
    return bool(_PREFIX_LIST.match(text))


def is_subnet(text: str) -> bool:
    """True for the id of a subnet."""
    return bool(_SUBNET.match(text))


def is_domain(text: str) -> bool:
    """True for a DNS name without a dot at the end."""
    return bool(_DOMAIN.match(text))


def looks_like_cidr(text: str) -> bool:
    """True for what was meant as an address or a range, right or wrong."""
    return bool(re.match(r"^[0-9]+(\.[0-9]+){1,4}(/.*)?$", text)) or (
        ":" in text and bool(re.match(r"^[0-9a-fA-F:./]+$", text))
    )


def cidr_fault(text: str) -> tuple[str, str] | None:
    """Why a text is no CIDR block, and the way out; None when it is one."""
    if len(text) > _LONGEST_CIDR:
        return f'"{text[:40]}…" is not a CIDR block.', "Write it as in 10.0.0.0/16."
    if "/" not in text:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return f'"{text}" is not a CIDR block.', "Write it as in 10.0.0.0/16."
        return f'"{text}" is one address, not a range.', f"Write {text}/{address.max_prefixlen}."
    try:
        ipaddress.ip_network(text)
    except ValueError:
        pass
    else:
        return None
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return f'"{text}" is not a CIDR block.', "Write it as in 10.0.0.0/16."
    return f'"{text}" has bits set behind the prefix.', f"The range that holds it is {network}."


def ecr_region(image: str) -> str | None:
    """Region of an image in a private ECR registry; None for every other registry."""
    match = _ECR.match(image)
    return match[1] if match else None


def registry(image: str) -> str:
    """Host that an image is pulled from; a name without one means Docker Hub."""
    head, slash, _ = image.partition("/")
    return head if slash and ("." in head or ":" in head or head == "localhost") else "docker.io"
