"""What is asked of the tool for each example: the spec, a small change of it, and one that replaces things.

Never here: how a run is disturbed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SCENARIOS = ("up", "change", "replace", "down")

Spec = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One run to disturb: the spec that was there ``before`` (None: nothing), and the one that is asked for.

    A chain of cases starts each from where the one before it ended; ``before`` is for who wants to start in the middle.
    """

    example: str
    scenario: str
    before: Path | None
    after: Path
    down: bool = False
    prune: bool = False

    @property
    def stack(self) -> str:
        """The name of the stack."""
        return str(yaml.safe_load(self.after.read_text(encoding="utf-8"))["stack"])


def case(example: Path, scenario: str, folder: Path) -> Case:
    """The case; changed specs are written into ``folder``."""
    if scenario == "up":
        return Case(example.stem, scenario, None, example)
    if scenario == "down":
        return Case(example.stem, scenario, example, example, down=True)
    alter: Callable[[Spec], None] = changed if scenario == "change" else replaced
    spec = copy.deepcopy(yaml.safe_load(example.read_text(encoding="utf-8")))
    alter(spec)
    path = folder / f"{example.stem}-{scenario}.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    return Case(example.stem, scenario, example, path, prune=scenario == "replace")


def changed(spec: Spec) -> None:
    """New images, another number of tasks, a rule more: all of it possible in place."""
    for service in spec["services"].values():
        for container in service["containers"]:
            container["environment"] = {**container.get("environment", {}), "RELEASE": "next"}
        service["log"] = {"retention": 30}
        if "scaling" not in service:
            service["count"] = service.get("count", 2) + 1
        if any(container.get("ports") for container in service["containers"]):
            service.setdefault("allow_from", []).append("192.0.2.0/24")
    spec.pop("reach", None)


def replaced(spec: Spec) -> None:
    """What AWS cannot change: a flow log's traffic, a balancer's scheme, a target group's protocol version, a name."""
    network = spec.setdefault("network", {})
    network["flow_logs"] = "rejected" if network.get("flow_logs") == "all" else "all"
    for service in spec["services"].values():
        for way in service.get("expose", ()):
            if "alb" in way:
                way["alb"]["protocol_version"] = "http2"
                way["alb"]["internal"] = not way["alb"].get("internal", False)
                way["alb"].pop("dns", None)
            elif "nlb" in way:
                way["nlb"].update(internal=True, static_ips=False)
        for way in service.get("discovery", ()):
            if "cloud_map" in way:
                way["cloud_map"]["name"] = "renamed"
    spec.pop("reach", None)
