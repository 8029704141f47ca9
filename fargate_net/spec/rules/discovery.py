"""How services find each other: names, records and ports.

Sources: ECS Developer Guide, Service discovery and Service Connect; Cloud Map API Reference, CreateService and
CreatePrivateDnsNamespace; ECS API Reference, ServiceConnectService.
Never here: who may connect (sources.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault, Path, shown
from fargate_net.spec.patterns import arn_region, is_domain
from fargate_net.spec.rules.expose import target

_ID = re.compile(r"^ns-[a-z0-9]{1,60}$")
_MAP_LABEL = r"(?:[a-zA-Z0-9_][a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
_MAP_NAME = re.compile(rf"^(?=.{{1,127}}$){_MAP_LABEL}(?:\.{_MAP_LABEL})*$")
_CONNECT_NAME = re.compile(r"^[a-z0-9_][a-z0-9_.-]{0,126}$")


def one_of_two(draft: Draft) -> Iterator[Fault]:
    """An entry is one way to be found, and ECS takes one of each sort in a service."""
    for _, service, path in draft.services():
        seen: set[str] = set()
        for index, item in enumerate(service.discovery):
            where = (*path, "discovery", index)
            given = [key for key in ("cloud_map", "service_connect") if getattr(item, key) is not None]
            if len(given) != 1 and draft.sound(*where):
                found = f"holds {' and '.join(given)}" if given else "holds neither cloud_map nor service_connect"
                yield Fault(where, f"The entry {found}.", "Begin each with a dash of its own.")
            for key in given:
                if key in seen:
                    yield Fault((*where, key), f"A service has one `{key}` entry.", "Remove one.", "key")
                seen.add(key)


def namespaces(draft: Draft) -> Iterator[Fault]:
    """A namespace is a DNS name to make, or an id or ARN to use."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.discovery):
            for key, entry in (("cloud_map", item.cloud_map), ("service_connect", item.service_connect)):
                if entry is None:
                    continue
                where, text = (*path, "discovery", index, key, "namespace"), entry.namespace
                if text.startswith("arn:"):
                    home = arn_region(text, "servicediscovery", r"namespace/ns-[a-z0-9]+$")
                    if home is None:
                        hint = "Write arn:aws:servicediscovery:REGION:ACCOUNT:namespace/ns-…"
                        yield Fault(where, f'"{text[:100]}" is not the ARN of a namespace.', hint)
                    elif draft.stack.region and home != draft.stack.region:
                        message = f"The namespace is in {home}, but the stack is in {draft.stack.region}."
                        yield Fault(where, message, "Use one of the stack's region.")
                elif key == "cloud_map" and _ID.match(text):
                    continue
                elif not is_domain(text):
                    hint = "Write it as in shop.local: letters, digits and hyphens, joined by dots."
                    yield Fault(where, f'"{text[:60]}" is not a name for a namespace.', hint)


def map_records(draft: Draft) -> Iterator[Fault]:
    """SRV records hold a port; AAAA records hold IPv6 addresses."""
    for _, service, path in draft.services():
        declared = sum(len(item.ports) for item in service.containers)
        for index, item in enumerate(service.discovery):
            entry, where = item.cloud_map, (*path, "discovery", index, "cloud_map")
            if entry is None:
                continue
            if len(set(entry.records)) < len(entry.records):
                yield Fault((*where, "records"), "A record type is given twice.", "Remove one.")
            network = draft.stack.network
            if "AAAA" in entry.records and not (network.ipv6 or network.is_existing) and draft.sound("network"):
                message = "AAAA records hold IPv6 addresses, but the network has none."
                yield Fault((*where, "records"), message, "Set `network.ipv6: true`, or leave AAAA out.")
            if entry.to is not None and "SRV" not in entry.records:
                message = "Only SRV records hold a port."
                yield Fault((*where, "to"), message, "Add SRV to `records`, or remove `to`.", "key")
            elif entry.to is not None:
                protocol = _protocol(draft, path, entry.to.container, entry.to.port)
                yield from target(draft, service, entry.to, (*where, "to"), path, protocol)
            elif "SRV" in entry.records and draft.sound(*where) and draft.sound(*path, "containers"):
                message = f"An SRV record holds one port, but the service declares {declared or 'none'}."
                yield Fault(where, message, 'Add `to: "container:port"`, or `records: [A]`.', "key")


def names(draft: Draft) -> Iterator[Fault]:
    """Names are legal, and unique in their namespace; Cloud Map does not tell upper from lower case."""
    owners: dict[tuple[str, str, str], Path] = {}
    for _, service, path in draft.services():
        for index, item in enumerate(service.discovery):
            where: Path = (*path, "discovery", index)
            if item.cloud_map is not None:
                key = ("cloud_map", item.cloud_map.namespace, item.cloud_map.name.casefold())
                legal = bool(_MAP_NAME.match(item.cloud_map.name))
            elif item.service_connect is not None and item.service_connect.port is not None:
                key = ("service_connect", item.service_connect.namespace, item.service_connect.name)
                legal = bool(_CONNECT_NAME.match(item.service_connect.name))
            else:
                continue
            where = (*where, key[0], "name")
            if not legal and draft.sound(*where):
                hint = "Use lower-case letters, digits, hyphens and dots; begin with a letter or digit."
                yield Fault(where, f'"{key[2][:60]}" is not a name that can be looked up.', hint)
            first = owners.setdefault(key, where)
            if first != where:
                message = f"`{shown(draft.written(first))}` has the same name in {key[1]}."
                yield Fault(where, message, "Give each service its own name.")


def connect_port(draft: Draft) -> Iterator[Fault]:
    """Service Connect carries TCP to a declared port."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.discovery):
            entry, where = item.service_connect, (*path, "discovery", index, "service_connect")
            if entry is None:
                continue
            if entry.port is not None:
                yield from target(draft, service, entry.port, (*where, "port"), path, "tcp")
            elif entry.listen is not None and draft.sound(*where, "port"):
                message = "`listen` is the port of what is offered, but nothing is: `port` is missing."
                yield Fault((*where, "listen"), message, "Add `port`, or remove `listen`.", "key")


def _protocol(draft: Draft, path: Path, container: str, port: int) -> str:
    """The protocol a declared port has; SRV records hold ports of either."""
    service = draft.stack.services[str(path[1])]
    for item in service.containers:
        for declared in item.ports:
            if (item.name, declared.port) == (container, port):
                return declared.protocol
    return "tcp"


RULES = (one_of_two, namespaces, map_records, names, connect_port)
