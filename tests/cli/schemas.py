"""JSON Schemas of what the program prints, written from the contract and not from the code."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


OPEN = closed(
    {"protocol": TEXT, "ports": TEXTS, "client_ports": TEXTS},
    tasks=TEXTS,
    zones=TEXTS,
    clients=TEXTS,
    addresses=TEXTS,
)
HOP = closed({"component": TEXT, "kind": TEXT, "action": TEXT}, rule=TEXT)
VERDICT = {"enum": ["reachable", "partial", "blocked", "unknown"]}
ANSWER = closed(
    {
        "from": TEXT,
        "to": TEXT,
        "expect": maybe({"enum": ["reachable", "partial", "blocked"]}),
        "met": maybe({"type": "boolean"}),
        "verdict": VERDICT,
        "open": many(OPEN),
        "blockers": many(
            closed(
                {
                    "code": TEXT,
                    "direction": {"enum": ["forward", "return"]},
                    "component": TEXT,
                    "rule": TEXT,
                    "detail": TEXT,
                    "fix": TEXT,
                }
            )
        ),
        "paths": many(closed({"forward": many(HOP), "return": many(HOP)})),
        "assumptions": TEXTS,
    },
    via=TEXT,
    missing=TEXTS,
    remedy=closed({"sentence": TEXT, "spec": TEXTS, "opens": TEXTS}, closes=TEXTS),
    probes=many(
        closed(
            {
                "address": TEXT,
                "port": COUNT,
                "behind": TEXT,
                "connected": {"type": "boolean"},
                "seconds": {"type": "number"},
                "error": maybe(TEXT),
            }
        )
    ),
    not_probed=TEXTS,
)
ANSWERS = closed({"version": {"const": 1}, "answers": many(ANSWER)})
MATRIX = closed(
    {
        "version": {"const": 1},
        "classes": many(
            closed(
                {"id": TEXT, "members": TEXTS, "subnet": TEXT, "security_groups": TEXTS, "services": TEXTS}, names=TEXTS
            )
        ),
        "matrix": many(closed({"from": TEXT, "to": TEXT, "open": many(OPEN)}, unknown=TEXT)),
    },
    assumptions=TEXTS,
    missing=TEXTS,
)
TASK = closed(
    {
        "id": TEXT,
        "status": TEXT,
        "zone": TEXT,
        "subnet": maybe(
            closed({"id": TEXT, "cidr": TEXT, "public": maybe({"type": "boolean"}), "free_ips": maybe(COUNT)})
        ),
        "eni": TEXT,
        "private_ip": TEXT,
        "public_ip": maybe(TEXT),
        "ipv6": maybe(TEXT),
        "security_groups": many(closed({"id": TEXT, "name": TEXT})),
        "containers": many(
            closed({"name": TEXT, "ports": many(closed({"port": COUNT, "protocol": TEXT})), "health": TEXT})
        ),
        "targets": many(closed({"target_group": TEXT, "port": COUNT, "state": TEXT, "reason": maybe(TEXT)})),
        "discovery": many(closed({"name": TEXT, "ip": TEXT, "port": maybe(COUNT)})),
        "reach": {"type": "object", "additionalProperties": TEXT},
    }
)
REPORT = closed(
    {
        "version": {"const": 1},
        "services": many(
            closed(
                {
                    "name": TEXT,
                    "cluster": TEXT,
                    "status": TEXT,
                    "desired": COUNT,
                    "running": COUNT,
                    "pending": COUNT,
                    "endpoints": many(
                        closed({"type": TEXT, "url": TEXT, "dns_name": TEXT, "scheme": TEXT}, stale=TEXT)
                    ),
                    "tasks": many(TASK),
                    "stopped": many(closed({"id": TEXT, "reason": TEXT, "cause": TEXT, "code": TEXT, "fix": TEXT})),
                    "events": TEXTS,
                }
            )
        ),
    },
    missing=TEXTS,
)
