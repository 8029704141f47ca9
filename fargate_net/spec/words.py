"""The vocabulary of messages about shape: what things are called, what was likely meant, why something is not offered.

Never here: code.
"""

from __future__ import annotations

THINGS = {
    "Stack": "the spec",
    "Cluster": "`cluster`",
    "Network": "`network`",
    "Zones": "`zones`",
    "ExistingSubnets": "`subnets`",
    "SubnetChoice": "a choice of subnets",
    "Service": "a service",
    "Container": "a container",
    "Port": "a port",
    "Health": "a container health check",
    "TargetHealth": "a target health check",
    "DependsOn": "`depends_on`",
    "Expose": "an `expose` entry",
    "AlbExpose": "`alb`",
    "NlbExpose": "`nlb`",
    "DnsExpose": "`dns`",
    "DnsName": "`dns`",
    "AccessLogs": "`access_logs`",
    "To": "`to`",
    "Discovery": "a `discovery` entry",
    "CloudMapDiscovery": "`cloud_map`",
    "ServiceConnectDiscovery": "`service_connect`",
    "AllowFrom": "an `allow_from` entry",
    "Scaling": "`scaling`",
    "Deployment": "`deployment`",
    "Log": "`log`",
    "Expectation": "a `reach` entry",
}
"""What a model is called in a sentence."""

WANTED = {
    "Stack": "a spec: the file must hold a mapping of keys to values",
    "Port": "a port",
    "To": "a declared port of a container",
    "Zones": "a number of zones or a list of zone names",
    "SubnetChoice": "a list of subnet ids or {tag: key=value}",
    "AllowFrom": "the name of a service, a CIDR, a sg- or pl- id, or {from: …, ports: […]}",
    "Expose": "a mapping with alb, nlb or dns",
    "Discovery": "a mapping with cloud_map or service_connect",
    "Expectation": "a mapping with from and to",
}
"""What a model can be written as, where that is more than a mapping."""

HOST_PORT = (
    "A Fargate task has a network interface of its own, so there is no host port: write the container port alone."
)

WANTED_HINTS = {
    "Stack": "Begin with `stack:` and `services:`, or with `reach:`.",
    "Port": 'Write 80, "53/udp" or {port: 53, protocol: udp}.',
    "To": 'Write "container:port", as in "nginx:80".',
    "Expose": "Write - alb: {…}, - nlb: {…} or - dns: {…}.",
    "Discovery": "Write - cloud_map: {…} or - service_connect: {…}.",
    "Expectation": 'Write - {from: internet, to: "web:80"}.',
}
"""The way out for each."""

_AWSVPC = "Every Fargate task has its own network interface (network mode awsvpc): remove the key."
_LINUX = "Only Linux containers are supported, which is the default: remove the key."

FOREIGN_KEYS = {
    "hostport": HOST_PORT,
    "networkmode": _AWSVPC,
    "links": "Containers of a task reach each other on localhost: remove the key.",
    "launchtype": "Services always run on Fargate; use `spot: true` for Fargate Spot.",
    "os": _LINUX,
    "operatingsystem": _LINUX,
    "operatingsystemfamily": _LINUX,
    "privileged": "Fargate does not run privileged containers: remove the key.",
    "gpu": "Fargate has no GPUs: remove the key.",
    "volumes": "Volumes are not part of the spec.",
    "envfile": "Files of variables are not read: write them under `environment`.",
    "environmentfiles": "Files of variables are not read: write them under `environment`.",
    "ingress": "Write `expose:` for balancers, `allow_from:` for other services.",
    "loadbalancers": "Write `expose:` with alb or nlb.",
    "desiredcount": "Did you mean `count`?",
    "replicas": "Did you mean `count`?",
    "env": "Did you mean `environment`?",
    "healthcheck": "Did you mean `health`?",
    "containerport": "Did you mean `port`, in a list under `ports`?",
    "assignpublicip": "Did you mean `public_ip`?",
    "entrypoint": "Did you mean `entry_point`?",
    "image": "The image belongs to a container: write it under `containers`.",
    "loadbalancer": "An existing balancer is named by its listener: write `listener: <ARN>`.",
    "expect": "Write `expect` beside `from` and `to`.",
}
"""Keys that other tools have, without case, hyphens and underscores."""

_BALANCER_NAME = (
    "is not a name for a balancer",
    "Use lower-case letters, digits and hyphens, at most 20; begin with a letter.",
)

PATTERNS = {
    ("Stack", "stack"): (
        "is not a name for a stack",
        "Use lower-case letters, digits and hyphens; begin with a letter.",
    ),
    ("Stack", "region"): ("is not the name of an AWS region", "Write it as in eu-west-1."),
    ("Network", "vpc"): ("is not the id of a VPC", "Write it as in vpc-0abc123."),
    ("Network", "endpoints"): ("is not the short name of an AWS service", "Write it as in sqs or ecr.api."),
    ("Container", "name"): (
        "is not a name for a container",
        "Use letters, digits, hyphens and underscores; at most 255.",
    ),
    ("Port", "name"): (
        "is not a name for a port",
        "Use lower-case letters, digits, hyphens and underscores, at most 64; do not begin with a hyphen.",
    ),
    ("TargetHealth", "path"): ("is not a path", "Begin with / and use no spaces."),
    ("TargetHealth", "codes"): ("is not a list of answer codes", "Write it as in 200, 200-299 or 200,301."),
    ("Cluster", "existing"): (
        "is not the name of a cluster",
        "Use letters, digits, hyphens and underscores; at most 255.",
    ),
    ("AlbExpose", "name"): _BALANCER_NAME,
    ("NlbExpose", "name"): _BALANCER_NAME,
}
"""Model and field of a pattern: the rule, and the way out."""

NO_PATTERN = ("has not the right form", "")
"""For a pattern without words of its own."""

NOT_CHOICES = {
    ("protocol", "tcp_udp"): (
        "A container cannot declare one port for both TCP and UDP on Fargate, so nothing could stand behind it: "
        "use two entries on two ports."
    ),
    ("protocol", "quic"): "QUIC listeners cannot have a security group: use udp.",
    ("protocol", "http"): "HTTP on a listener is for an `alb`; behind an `nlb` use tcp.",
    ("protocol", "https"): "HTTPS on a listener is for an `alb` with `certificate`; behind an `nlb` use tls.",
    ("egress", "internet"): "For an internet gateway and public addresses write public; for private subnets nat.",
    ("records", "cname"): "ECS registers addresses: use A, AAAA or SRV.",
    ("architecture", "amd64"): "Did you mean `x86_64`?",
    ("architecture", "aarch64"): "Did you mean `arm64`?",
    ("platform_version", "1.3.0"): "AWS has retired it: use LATEST.",
    ("expect", "allowed"): "Did you mean `reachable`?",
    ("expect", "open"): "Did you mean `reachable`?",
    ("expect", "denied"): "Did you mean `blocked`?",
    ("expect", "closed"): "Did you mean `blocked`?",
    ("expect", "unreachable"): "Did you mean `blocked`?",
    ("expect", "unknown"): "`unknown` is never something to expect: it means that a fact is missing.",
}
"""A field and a word it does not take: the way out."""
