"""What would open a path, one sentence per cause, with the ids to act on. Never here: deciding whether it is closed."""

from __future__ import annotations

from fargate_net.reach.intervals import ALL_PORTS, Intervals, texts


def sockets(protocol: str, ports: Intervals) -> str:
    """``tcp 80``, ``tcp 80,443``, ``icmp echo``, ``all tcp ports``."""
    if protocol == "icmp":
        return "icmp echo"
    if ports == ALL_PORTS:
        return f"all {protocol} ports"
    return f"{protocol} {','.join(texts(ports))}"


def security_group(groups: str, direction: str, what: str, peer: str) -> str:
    """A rule is missing in the groups of an interface."""
    first = groups.partition(",")[0]
    return f"Add to {first} an {direction} rule that allows {what} {'from' if direction == 'ingress' else 'to'} {peer}."


def acl(id: str, egress: bool, what: str, peer: str, rule: str) -> str:
    """A network ACL refuses a request or a reply."""
    before = "" if rule.startswith("*") or not rule else f", with a number below {rule.partition(' ')[0]}"
    way = "an outbound rule that allows" if egress else "an inbound rule that allows"
    return f"Add to {id} {way} {what} {'to' if egress else 'from'} {peer}{before}."


def route(table: str, destination: str, target: str) -> str:
    """A table has no usable route."""
    return f"Add to {table} a route for {destination} to {target}."


def blackhole(table: str, rule: str) -> str:
    """A route points at something that is gone."""
    return f"Replace the route {rule} in {table}: its target no longer works."


def public_address(nic: str, task: bool) -> str:
    """An interface needs a public IPv4 address."""
    if task:
        return (
            f"Start the task of {nic} with assignPublicIp ENABLED in a subnet with a route to an internet gateway, "
            "or put a load balancer in front of it."
        )
    return f"Associate an Elastic IP with {nic}, or put a load balancer in front of it."


def public_egress(nic: str, table: str, task: bool) -> str:
    """An interface without public address sends to an internet gateway."""
    own = "start the task with assignPublicIp ENABLED" if task else f"associate an Elastic IP with {nic}"
    return f"Route 0.0.0.0/0 of {table} to a NAT gateway, or {own}."


def attach_gateway(vpc: str) -> str:
    """A VPC has no internet gateway."""
    return f"Attach an internet gateway to {vpc} and route 0.0.0.0/0 of the public subnets to it."


def block_public_access(mode: str, subject: str) -> str:
    """Block Public Access is on."""
    return f"Add a VPC Block Public Access exclusion for {subject}, or turn the account's mode {mode} off."
