"""One container of a task definition: its normal form, how it is read, and how it is written.

AWS fills in defaults and may answer lists in another order; both are taken out here, so that what we want and what AWS
answers compare with ``==``. Secrets are ARNs and never resolved. Never here: calls.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fargate_net.kinds.fields import Item
from fargate_net.model.resource import Id

_HEALTH_DEFAULTS = {"interval": 30, "timeout": 5, "retries": 3}
"""What ECS assumes for a container health check (API reference, HealthCheck)."""
_NOTHING = frozenset({"null", "false", "0", '""', "[]", "{}"})
_OWN_FIELDS = frozenset(
    {
        "name",
        "image",
        "portMappings",
        "essential",
        "environment",
        "secrets",
        "environmentFiles",
        "repositoryCredentials",
        "healthCheck",
        "logConfiguration",
    }
)
_LOG_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")


@dataclass(frozen=True, order=True)
class PortMapping:
    """A port a container listens on; on Fargate it is the same port on the task's interface."""

    port: int
    protocol: str = "tcp"
    name: str = ""
    app_protocol: str = ""
    to_port: int | None = None
    """The last port of a range; None for a single port."""


@dataclass(frozen=True)
class ContainerDefinition:
    """One container. ``environment`` and ``secrets`` pair (name, value or ARN); ``health`` is canonical JSON or ``""``.

    ``options`` holds everything else that is compared but means nothing to packets, as sorted (name, canonical JSON):
    the API's own field names, and ``logOptions`` for what awslogs was told beside group, region and prefix.
    ``log`` is (group, region, stream prefix), empty without awslogs.
    """

    name: str
    image: str
    ports: tuple[PortMapping, ...] = ()
    essential: bool = True
    environment: tuple[tuple[str, Id], ...] = ()
    secrets: tuple[tuple[str, Id], ...] = ()
    environment_files: tuple[str, ...] = ()
    repository_credentials: str = ""
    health: str = ""
    log: tuple[Id, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Unordered lists are sorted, defaults are stated, and options that say nothing are dropped."""
        stated = tuple(sorted((name, _canonical(text)) for name, text in self.options))
        object.__setattr__(self, "options", tuple(pair for pair in stated if pair[1] not in _NOTHING))
        object.__setattr__(self, "ports", tuple(sorted(self.ports, key=lambda p: (p.port, p.protocol, p.name))))
        object.__setattr__(self, "environment", tuple(sorted(self.environment, key=lambda pair: pair[0])))
        object.__setattr__(self, "secrets", tuple(sorted(self.secrets, key=lambda pair: pair[0])))
        object.__setattr__(self, "environment_files", tuple(sorted(self.environment_files)))
        if self.health:
            check = _HEALTH_DEFAULTS | {name: value for name, value in json.loads(self.health).items() if value}
            object.__setattr__(self, "health", _dump(check))


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def _canonical(text: str) -> str:
    return _dump(json.loads(text))


def read_container(item: Item) -> ContainerDefinition:
    """The normal form of one container definition as ECS answers it."""
    log = item.within("logConfiguration")
    options = {name: _dump(value) for name, value in item.raw.items() if name not in _OWN_FIELDS}
    stream: tuple[str, ...] = ()
    if log.text("logDriver", "") == "awslogs":
        told = log.within("options")
        stream = tuple(told.text(name, "") for name in _LOG_OPTIONS)
        options["logOptions"] = _dump({name: v for name, v in told.raw.items() if name not in _LOG_OPTIONS})
        options["logSecrets"] = _dump(log.raw.get("secretOptions"))
    elif log.raw:
        options["logConfiguration"] = _dump(log.raw)
    check = item.within("healthCheck").raw
    return ContainerDefinition(
        name=item.text("name"),
        image=item.text("image", ""),
        ports=tuple(_read_port(mapping) for mapping in item.many("portMappings")),
        essential=item.flag("essential", True),
        environment=tuple((pair.text("name", ""), pair.text("value", "")) for pair in item.many("environment")),
        secrets=tuple((pair.text("name", ""), pair.text("valueFrom", "")) for pair in item.many("secrets")),
        environment_files=tuple(entry.text("value", "") for entry in item.many("environmentFiles")),
        repository_credentials=item.within("repositoryCredentials").text("credentialsParameter", ""),
        health=_dump(check) if check else "",
        log=stream,
        options=tuple(options.items()),
    )


def _read_port(mapping: Item) -> PortMapping:
    first, _, final = mapping.text("containerPortRange", "").partition("-")
    ranged = first.isdecimal() and final.isdecimal()
    return PortMapping(
        port=int(first) if ranged else mapping.whole("containerPort"),
        protocol=mapping.text("protocol", "tcp"),
        name=mapping.text("name", ""),
        app_protocol=mapping.text("appProtocol", ""),
        to_port=int(final) if ranged else None,
    )


def written_container(container: ContainerDefinition) -> dict[str, Any]:
    """The container definition for RegisterTaskDefinition."""
    options = {name: json.loads(text) for name, text in container.options}
    log_options, log_secrets = options.pop("logOptions", {}), options.pop("logSecrets", None)
    definition: dict[str, Any] = {
        "name": container.name,
        "image": container.image,
        "essential": container.essential,
        "portMappings": [_written_port(port) for port in container.ports],
        "environment": [{"name": name, "value": value} for name, value in container.environment],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in container.secrets],
        **options,
    }
    if container.environment_files:
        definition["environmentFiles"] = [{"value": arn, "type": "s3"} for arn in container.environment_files]
    if container.repository_credentials:
        definition["repositoryCredentials"] = {"credentialsParameter": container.repository_credentials}
    if container.health:
        definition["healthCheck"] = json.loads(container.health)
    if container.log:
        told = {name: value for name, value in zip(_LOG_OPTIONS, container.log, strict=False) if value}
        definition["logConfiguration"] = {"logDriver": "awslogs", "options": told | log_options}
        if log_secrets:
            definition["logConfiguration"]["secretOptions"] = log_secrets
    return definition


def _written_port(port: PortMapping) -> dict[str, Any]:
    mapping: dict[str, Any] = {"protocol": port.protocol}
    if port.to_port is None:
        mapping["containerPort"] = port.port
    else:
        mapping["containerPortRange"] = f"{port.port}-{port.to_port}"
    if port.name:
        mapping["name"] = port.name
    if port.app_protocol:
        mapping["appProtocol"] = port.app_protocol
    return mapping
