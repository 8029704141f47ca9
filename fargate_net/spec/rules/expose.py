"""One way in at a time: an `alb`, `nlb` or `dns` entry by itself.

Sources: ELB API Reference, CreateListener and CreateRule; Application Load Balancer guide, Condition types for
listener rules; Network Load Balancer guide, Listeners.
Never here: entries against each other (balancers.py), health checks (target_health.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault, Path
from fargate_net.spec.models import AlbExpose, DnsExpose, DnsName, NlbExpose, Service, To
from fargate_net.spec.patterns import arn_region, is_domain, is_security_group, looks_like_cidr
from fargate_net.spec.wording import nearest

_HOST = re.compile(r"^[A-Za-z0-9.*?_-]{1,128}$")
_PATH = re.compile(r"^[/*][A-Za-z0-9_\-.$/~\"'@:+&*?]{0,127}$")
_LISTENER = r"listener/app/[A-Za-z0-9-]{1,32}/[0-9a-f]+/[0-9a-f]+$"
_ONLY_OWN = (
    "listen", "certificate", "tls_policy", "redirect", "internal", "name", "sources", "dns", "idle_timeout",
    "access_logs",
)  # fmt: skip


def one_of_three(draft: Draft) -> Iterator[Fault]:
    """An entry is one way in."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            given = [key for key in ("alb", "nlb", "dns") if getattr(item, key) is not None]
            where = (*path, "expose", index)
            if len(given) != 1 and draft.sound(*where):
                found = f"holds {' and '.join(given)}" if given else "holds neither alb nor nlb nor dns"
                yield Fault(where, f"The entry {found}.", "Begin each way in with a dash of its own.")
        ways = sum(1 for item in service.expose if item.alb or item.nlb)
        if ways > 5:
            message = f"The service has {ways} ways in through balancers; ECS takes five target groups."
            yield Fault((*path, "expose"), message, "Remove some, or split the service.", "key")


def targets(draft: Draft) -> Iterator[Fault]:
    """Traffic goes to a port that a container declares, in the protocol that it declares."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            if item.alb is not None:
                yield from target(draft, service, item.alb.to, (*path, "expose", index, "alb", "to"), path, "tcp")
            if item.nlb is not None:
                wanted = "udp" if item.nlb.protocol == "udp" else "tcp"
                yield from target(draft, service, item.nlb.to, (*path, "expose", index, "nlb", "to"), path, wanted)


def target(draft: Draft, service: Service, to: To, where: Path, path: Path, protocol: str) -> Iterator[Fault]:
    """Faults of one ``to`` at ``where`` in the service at ``path``."""
    containers = {item.name: item for item in service.containers}
    if to.container not in containers:
        if draft.sound(*path, "containers"):
            hint = nearest(to.container, containers) or f"Containers: {', '.join(containers)}."
            yield Fault(where, f"The service has no container `{to.container[:60]}`.", hint)
        return
    index = [item.name for item in service.containers].index(to.container)
    declared = {port.port: port.protocol for port in containers[to.container].ports}
    if to.port not in declared:
        if draft.sound(*path, "containers", index, "ports"):
            listed = ", ".join(map(str, declared)) or "none"
            hint = f"Declared ports: {listed}. Add {to.port} to its `ports`, or use one of these."
            yield Fault(where, f"Container `{to.container}` does not declare port {to.port}.", hint)
    elif declared[to.port] != protocol:
        message = f"Port {to.port} of `{to.container}` is {declared[to.port]}, but here it is asked for {protocol}."
        yield Fault(where, message, "Change the protocol in one of the two places.")


def certificates(draft: Draft) -> Iterator[Fault]:
    """A certificate of ACM, in the region of the balancer, exactly where TLS ends."""
    region = draft.stack.region
    for entry, where in _balanced(draft):
        policy = entry.tls_policy
        if not policy.startswith("ELBSecurityPolicy-"):
            message = f'"{policy[:60]}" is not a security policy of a balancer.'
            yield Fault((*where, "tls_policy"), message, "Their names begin with ELBSecurityPolicy-.")
        if isinstance(entry, NlbExpose) and draft.sound(*where, "certificate") and draft.sound(*where, "protocol"):
            if entry.protocol == "tls" and entry.certificate is None:
                yield Fault((*where, "protocol"), "A tls listener needs a certificate.", "Add `certificate: <ARN>`.")
            elif entry.protocol != "tls" and entry.certificate is not None:
                message = f"A {entry.protocol} listener takes no certificate."
                yield Fault((*where, "certificate"), message, "Set `protocol: tls`, or remove it.", "key")
        if entry.certificate is None:
            continue
        home = arn_region(entry.certificate, "acm", r"certificate/[A-Za-z0-9-]+$")
        if home is None and arn_region(entry.certificate, "iam", r"server-certificate/.+$") is None:
            message = f'"{entry.certificate[:100]}" is not the ARN of a certificate.'
            hint = "Write arn:aws:acm:REGION:ACCOUNT:certificate/ID."
            yield Fault((*where, "certificate"), message, hint)
        elif home and region and home != region:
            message = f"The certificate is in {home}, but the balancer will be in {region}."
            yield Fault((*where, "certificate"), message, f"Request one in {region}.")


def conditions(draft: Draft) -> Iterator[Fault]:
    """Hosts and paths as a listener rule takes them: five values, 128 characters each."""
    for entry, where in _balanced(draft):
        if not isinstance(entry, AlbExpose):
            continue
        if len(entry.hosts) + len(entry.paths) > 5:
            message = f"A rule takes five conditions; here are {len(entry.hosts)} hosts and {len(entry.paths)} paths."
            yield Fault(where, message, "Split the entry in two.", "key")
        for number, host in enumerate(entry.hosts):
            at = (*where, "hosts", number)
            if "://" in host or "/" in host or ":" in host:
                yield Fault(at, f'"{host[:60]}" is more than a host name.', "Leave out scheme, port and path.")
            elif not _HOST.match(host) or "." not in host:
                hint = "Use letters, digits, hyphens, dots, * and ?, at most 128, with a dot, as in *.app.io."
                yield Fault(at, f'"{host[:60]}" is not a host name.', hint)
            elif host.casefold() in [other.casefold() for other in entry.hosts[:number]]:
                yield Fault(at, f'"{host}" is given twice.', "Remove one.")
        for number, text in enumerate(entry.paths):
            at = (*where, "paths", number)
            if not _PATH.match(text):
                hint = "Begin with /; at most 128 letters, digits and _ - . $ / ~ \" ' @ : + & * ?; no query."
                yield Fault(at, f'"{text[:60]}" is not a path.', hint)
            elif text in entry.paths[:number]:
                yield Fault(at, f'"{text}" is given twice.', "Remove one.")


def combinations(draft: Draft) -> Iterator[Fault]:
    """Settings that contradict each other."""
    for entry, where in _balanced(draft):
        given = entry.model_fields_set
        if isinstance(entry, AlbExpose):
            secure = entry.certificate is not None or entry.listener is not None
            if entry.protocol_version == "grpc" and not secure and draft.sound(*where, "certificate"):
                message = "gRPC through an `alb` needs an HTTPS listener."
                yield Fault((*where, "protocol_version"), message, "Add `certificate: <ARN>`.")
            if "redirect" in given and entry.redirect and not entry.certificate and draft.sound(*where, "certificate"):
                message = "There is no HTTPS listener to redirect to."
                yield Fault((*where, "redirect"), message, "Add `certificate: <ARN>`, or remove it.", "key")
            continue
        if entry.static_ips and entry.internal:
            message = "Elastic IPs are public addresses; an internal balancer has none."
            yield Fault((*where, "static_ips"), message, "Remove `static_ips` or `internal`.", "key")
        if entry.protocol == "udp" and not entry.preserve_client_ip:
            message = "Behind a udp listener targets always see the client's address."
            yield Fault((*where, "preserve_client_ip"), message, "Remove it.", "key")
        if "idle_timeout" in given and entry.protocol != "tcp":
            fixed = 350 if entry.protocol == "tls" else 120
            message = f"The idle timeout of a {entry.protocol} listener is always {fixed} seconds."
            yield Fault((*where, "idle_timeout"), message, "Remove it.", "key")


def existing_listener(draft: Draft) -> Iterator[Fault]:
    """A rule on someone else's listener: the place in its order, and whom the tasks let in, cannot be computed."""
    region = draft.stack.region
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            if item.alb is None:
                continue
            entry, where = item.alb, (*path, "expose", index, "alb")
            if entry.listener is None:
                if entry.priority is not None and draft.sound(*where, "listener"):
                    message = "Priorities of the stack's own listeners are computed."
                    yield Fault((*where, "priority"), message, "Remove it.", "key")
                continue
            home = arn_region(entry.listener, "elasticloadbalancing", _LISTENER)
            if home is None:
                message = f'"{entry.listener[:100]}" is not the ARN of a listener of an Application Load Balancer.'
                hint = "Write arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID."
                yield Fault((*where, "listener"), message, hint)
            elif region and home != region:
                message = f"The listener is in {home}, but the stack is in {region}."
                yield Fault((*where, "listener"), message, "Use one of the stack's region.")
            for key in _ONLY_OWN:
                if key in entry.model_fields_set:
                    message = f"`{key}` belongs to the balancer or listener, which exists already."
                    yield Fault((*where, key), message, "Remove it.", "key")
            if entry.priority is None and draft.sound(*where, "priority"):
                message = "A rule on an existing listener needs a `priority`."
                yield Fault(
                    (*where, "listener"), message, "Choose one that is free there, as in `priority: 100`.", "key"
                )
            if not entry.hosts and not entry.paths and draft.sound(*where):
                message = "A rule on an existing listener needs `hosts` or `paths`."
                yield Fault((*where, "listener"), message, "Add one of them.", "key")
            let_in = any(is_security_group(who.source) or looks_like_cidr(who.source) for who in service.allow_from)
            if not let_in and draft.sound(*path, "allow_from"):
                message = "The tasks must let the existing balancer in, and only you know its security group."
                yield Fault((*where, "listener"), message, "Add that group to `allow_from`.", "key")


def records(draft: Draft) -> Iterator[Fault]:
    """Names of zones and records."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            entry = item.alb or item.nlb
            dns_name: DnsExpose | DnsName | None = item.dns
            where = (*path, "expose", index, "dns")
            if dns_name is None and entry is not None:
                dns_name, where = entry.dns, (*path, "expose", index, "alb" if item.alb else "nlb", "dns")
            if dns_name is None:
                continue
            if not is_domain(dns_name.zone) or "." not in dns_name.zone:
                message = f'"{dns_name.zone[:60]}" is not the name of a hosted zone.'
                yield Fault((*where, "zone"), message, "Write it as in app.io, without a dot at the end.")
            elif dns_name.name and (dns_name.name == dns_name.zone or dns_name.name.endswith(f".{dns_name.zone}")):
                message = f'"{dns_name.name[:60]}" repeats the zone.'
                hint = f'Write "{dns_name.name[: -len(dns_name.zone)].rstrip(".")}".'
                yield Fault((*where, "name"), message, hint)
            elif not _is_record(dns_name.name) or len(dns_name.fqdn) > 253:
                message = f'"{dns_name.name[:60]}" is not a name in a zone.'
                yield Fault((*where, "name"), message, "Use letters, digits, hyphens and dots.")


def _is_record(name: str) -> bool:
    """True for a name inside a zone: none at all, a wildcard, or labels with or without one in front."""
    return name in ("", "*") or is_domain(name.removeprefix("*."))


def _balanced(draft: Draft) -> Iterator[tuple[AlbExpose | NlbExpose, Path]]:
    for _, service, path in draft.services():
        for index, item in enumerate(service.expose):
            if item.alb is not None:
                yield item.alb, (*path, "expose", index, "alb")
            if item.nlb is not None:
                yield item.nlb, (*path, "expose", index, "nlb")


RULES = (one_of_three, targets, certificates, conditions, combinations, existing_listener, records)
