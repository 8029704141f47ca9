"""The whole repaired world: puts every repair in its place, once per process, and resets it.

Never here: a repair itself.
"""

from __future__ import annotations

import importlib

from .quick import load_moto

_installed = False

#: moto's account, whatever the credentials.
ACCOUNT = "123456789012"

#: The modules that register repairs when they are imported.
REPAIRING = (
    "faults",
    "ec2_calls",
    "interfaces",
    "ec2_filters",
    "ec2_gateways",
    "ec2_endpoints",
    "ec2_answers",
    "ec2_public_access",
    "ec2_firewalls",
    "ec2_refusals",
    "elb_balancers",
    "elb_listeners",
    "elb_targets",
    "iam",
    "dns",
    "cloud_map",
    "cloud_map_instances",
    "ecs_clusters",
    "ecs_services",
    "ecs_lists",
    "ecs_runs",
    "scaling",
    "tagging",
    "seed",
)


def install() -> None:
    """Load moto and put all repairs in place. Works for a server and for `moto.mock_aws` in this process."""
    global _installed
    if _installed:
        return
    load_moto()
    from moto.moto_api import state_manager

    from . import calls

    # moto would let a task die by being described; our scheduler alone moves tasks.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    for name in REPAIRING:
        module = importlib.import_module(f"{__package__}.{name}")
        if hasattr(module, "install"):
            module.install()
    calls.add_missing_operations(_response_classes())
    calls.hook()
    _installed = True


def _response_classes() -> dict[str, type]:
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
    from moto.ec2.responses import EC2Response
    from moto.ecs.responses import EC2ContainerServiceResponse
    from moto.elbv2.responses import ELBV2Response
    from moto.iam.responses import IamResponse
    from moto.route53.responses import Route53
    from moto.servicediscovery.responses import ServiceDiscoveryResponse
    from moto.ssm.responses import SimpleSystemManagerResponse

    return {
        "application-autoscaling": ApplicationAutoScalingResponse,
        "ec2": EC2Response,
        "ecs": EC2ContainerServiceResponse,
        "elbv2": ELBV2Response,
        "iam": IamResponse,
        "route53": Route53,
        "servicediscovery": ServiceDiscoveryResponse,
        "ssm": SimpleSystemManagerResponse,
    }


def warm_up() -> None:
    """Make the backends that every stack needs, so that the first call is as quick as the next."""
    from moto.ec2.models import ec2_backends
    from moto.ecs.models import ecs_backends

    from . import seed

    for backends in (ec2_backends, ecs_backends):
        backends[ACCOUNT]["us-east-1"]
    seed.domains(ACCOUNT)


def reset() -> None:
    """Forget every resource, call and setting."""
    from moto.core.base_backend import BackendDict

    from . import calls, faults, seed, throttling
    from .clock import CLOCK

    BackendDict.reset()
    seed.domains(ACCOUNT)
    calls.LEDGER.clear()
    calls.LEDGER.region = ""
    calls.LEDGER.changes += 1
    CLOCK.set(None)
    faults.SETTINGS.take(faults.Settings())
    throttling.refill()


def advance(seconds: float) -> float:
    """Let sandbox time pass and bring every state up to date; returns the clock's new time."""
    from . import calls
    from .clock import CLOCK

    with calls.LOCK:
        now = CLOCK.advance(seconds)
        calls.run_ticks()
    return now
