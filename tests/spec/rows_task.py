"""Rows about tasks and containers: a marked spec, and what the message and the hint must say."""

from __future__ import annotations

from tests.spec.marked import ECR, stack


def pair(first: str, second: str, service: str = "") -> str:
    """A service with two containers."""
    return (
        "stack: shop\nregion: eu-west-1\nnetwork: {egress: endpoints}\nservices:\n  web:\n    containers:\n"
        f'      - {{name: app, image: "{ECR}", {first}}}\n'
        f'      - {{name: php, image: "{ECR}", {second}}}\n' + (f"    {service}\n" if service else "")
    )


def health(text: str) -> str:
    return stack(container=f"health: {text}")


def env(text: str, more: str = "") -> str:
    return stack(container=f"environment: {text}\n{more}")


SIZES = [
    (stack(service="cpu: »300"), "no tasks with 300 CPU units", "cpu: 512, memory: 1024"),
    (stack(service="cpu: 256\nmemory: »4096"), "Fargate offers 512, 1024 or 2048", "cpu: 512, memory: 4096"),
    (
        stack(service="cpu: 1024\nmemory: »1024"),
        "2048, 3072, 4096, 5120, 6144, 7168 or 8192",
        "cpu: 1024, memory: 2048",
    ),
    (stack(service="cpu: 8192\nmemory: »20000"), "16384 to 61440 in steps of 4096", "memory: 20480"),
    (stack(service="cpu: 32768\nmemory: »65536"), "61440, 122880 or 249856", "memory: 122880"),
    (stack(service='cpu: »"1.5 vCPU"'), "no tasks with 1536 CPU units", "cpu: 2048, memory: 4096"),
    (stack(service="cpu: »0.25"), "0.25 is not a whole number", ""),
    (stack(service="cpu: »256.0"), "not a whole number", "Write 256."),
    (stack(service="cpu: »0256"), "not a whole number", "Leave out the zero in front: 256."),
    (stack(service="memory: »1_024"), "not a whole number", "Write 1024"),
    (stack(service="ephemeral_storage: »10"), "`ephemeral_storage` is 10, outside 20 to 200", ""),
    (stack(service="ephemeral_storage: »201"), "outside 20 to 200", ""),
    (
        pair("memory: 300", "memory: 300").replace("    containers", "    »containers"),
        "granted 600 MiB",
        "Raise `memory`",
    ),
    (pair("cpu: 200", "cpu: 200").replace("    containers", "    »containers"), "granted 400 CPU units", "Raise `cpu`"),
    (stack(container="memory: 128\nmemory_reservation: »256"), "more than the limit of 128", "Lower it"),
    (
        stack(container="memory: 512", service="discovery: [service_connect: {namespace: a.local}]").replace(
            "    containers", "    »containers"
        ),
        "proxy needs 64",
        "Raise `memory`",
    ),
]

CONTAINERS = [
    (pair("ports: [80]", "ports: [»80]"), "already used by container `app`", "another port"),
    (stack(container="ports: [53, »53/udp]"), "declared for tcp and udp", "one protocol"),
    (stack(container="ports: [80, »80]"), "declared twice", "Remove one"),
    (stack(container="ports: [»0]"), "`port` is 0, outside 1 to 65535", ""),
    (stack(container="ports: [»65536]"), "outside 1 to 65535", ""),
    (stack(container='ports: [»"8080:80"]'), "maps a host port", "write the container port alone"),
    (stack(container="ports: [»22:22]"), '"22:22" maps a host port', "write the container port alone"),
    (stack(container="ports: [»8000-8010]"), "is a range of ports", "List each port"),
    (stack(container="ports: [»080]"), "begins with a zero", "Write 80."),
    (stack(container="ports: [»80.5]"), "80.5 is not a port", 'Write 80, "53/udp"'),
    (stack(container="ports: [»true]"), "true is not a port", ""),
    (stack(container="ports: »80"), "`ports` takes a list, not 80", "Write ["),
    (stack(container="ports: [{port: 80, »host_port: 80}]"), "`host_port` is not a key of a port", "no host port"),
    (stack(container="ports: [{port: 80, protocol: »TCP}]"), "not one of tcp, udp", "Did you mean `tcp`?"),
    (stack(container="ports: [{port: 53, protocol: udp, app_protocol: »http}]"), "does not run over UDP", ""),
    (stack(container="ports: [{port: 80, name: »-web}]"), "not a name for a port", "lower-case"),
    (stack(container="ports: [{port: 80, name: a}, {port: 81, name: »a}]"), "Two ports of the task", ""),
    (pair("ports: [1]", "ports: [2]").replace("name: php", "name: »app"), "Two containers", "its own name"),
    (
        pair("essential: false", "essential: false").replace("    containers", "    »containers"),
        "No container",
        "Remove",
    ),
    (pair("depends_on: [»db]", "ports: [2]"), "no container `db`", ""),
    (pair("depends_on: {php: »HEALTHY}", "ports: [2]"), "never becomes healthy", "health:"),
    (pair("depends_on: {php: »COMPLETE}", "ports: [2]"), "the whole task stops", "essential: false"),
    (
        pair("depends_on: [php]", "depends_on: [app]").replace("    containers", "    »containers"),
        "in a circle",
        "Remove one",
    ),
    (stack(container="read_only_root: »true", service="exec: true"), "`exec` does not work", "Remove"),
    (stack(container="image: »https://nginx.org/x"), "has no scheme", ""),
    (stack(container="stop_timeout: »121"), "outside 2 to 120", ""),
    (stack(container="»privileged: true"), "not a key of a container", "does not run privileged"),
    (stack(container="»imagee: x"), "`imagee` is not a key", "Did you mean `image`?"),
    (stack(container="»env: {}"), "`env` is not a key", "Did you mean `environment`?"),
    (stack(service="»os: windows"), "`os` is not a key of a service", "Only Linux"),
    (stack(service="»networkMode: host"), "not a key of a service", "network mode awsvpc"),
    (stack(service="»desired-count: 1"), "not a key of a service", "Did you mean `count`?"),
    (stack(service="architecture: »amd64"), "not one of x86_64, arm64", "Did you mean `x86_64`?"),
    (stack(service="platform_version: »1.3.0"), "not one of LATEST, 1.4.0", "retired"),
    (
        health("{command: [»curl, localhost]}").replace("»curl", "curl").replace("[curl", "»[curl"),
        "CMD or CMD-SHELL",
        "",
    ),
    (health('{command: »[CMD-SHELL, "curl", "x"]}'), "takes one shell line, not 2", "Join"),
    (health("{command: a b, interval: »4}"), "`interval` is 4, outside 5 to 300", ""),
    (health("{command: a b, retries: »11}"), "outside 1 to 10", ""),
    (stack(container="»health: {command: a b, interval: 5, timeout: 30}"), "above the interval of 5 s", ""),
]

SECRETS = [
    (env("{»DB_PASSWORD: hunter2}"), "DB_PASSWORD looks like a secret", "secrets: {DB_PASSWORD: <ARN>}"),
    (env("{»apiKey: hunter2}"), "looks like a secret", "plain_environment: [apiKey]"),
    (env("{»STRIPE_SECRET_KEY: hunter2}"), "looks like a secret", ""),
    (env("{»X: AKIAHUNTER2HUNTER222}"), "looks like an AWS access key", ""),
    (env('{»X: "-----BEGIN RSA PRIVATE KEY-----hunter2"}'), "looks like a private key", ""),
    (env("{»DB: postgres://me:hunter2@db/x}"), "looks like a URL with a password", ""),
    (env("{A: b}", "plain_environment: [»B]"), "no variable B", "Remove"),
    (env("{A: b}", "secrets: {»A: /shop/a}"), "under `environment` and under `secrets`", "Keep one"),
    (stack(container="secrets: {A: »arn:aws:s3:::bucket}"), "an ARN of something else", "secretsmanager"),
    (stack(container="secrets: {A: »hunter2!!}"), "neither an ARN nor", "secretsmanager"),
    (
        stack(container="secrets: {A: »arn:aws:ssm:us-east-1:123456789012:parameter/a}"),
        "is in us-east-1, but the stack is in eu-west-1",
        "own region",
    ),
    (stack(container="registry_credentials: »/x"), "not the ARN of a secret", ""),
    (stack(service="task_role: »admin"), "not the ARN of an IAM role", "role/NAME"),
    (stack(service="policies: [»ReadOnly]"), "not the ARN of a managed policy", ""),
    (
        stack(service="task_role: arn:aws:iam::123456789012:role/a\n»policies: [arn:aws:iam::aws:policy/x]"),
        "for the task role that the stack makes",
        "Keep one",
    ),
    (stack(service="security_groups: [»web]"), "not the id of a security group", "sg-0abc123"),
]

COUNTS = [
    (
        stack(service="count: 1\n»deployment: {max_percent: 150}"),
        "neither start a task (at most 1)",
        "Raise max_percent",
    ),
    (
        stack(service="»deployment: {max_percent: 100}"),
        "neither start a task (at most 2) nor stop one (at least 2)",
        "",
    ),
    (stack(service="deployment: {max_percent: »99}"), "outside 100 to 200", ""),
    (stack(service="scaling: {min: »5, max: 2}"), "`min` is 5 and `max` is 2", ""),
    (stack(service="count: »9\nscaling: {min: 1, max: 4}"), "outside the bounds of scaling, 1 to 4", "Leave it out"),
    (stack(service="scaling: {min: 1, max: 4, requests: »100}"), "requests through an `alb`", "exactly one"),
    (stack(service="count: »-1"), "`count` is -1, outside 0 to 5000", ""),
    (stack(service="log: {retention: »8}"), "`retention` is 8, not one of 1, 3, 5, 7, 14", ""),
    (
        stack(network="cidr: 10.0.0.0/16", service="count: »600\ndiscovery: [cloud_map: {namespace: a.local}]"),
        "1200 tasks, but a Cloud Map service holds 1000",
        "",
    ),
]

ROWS = [*SIZES, *CONTAINERS, *SECRETS, *COUNTS]
