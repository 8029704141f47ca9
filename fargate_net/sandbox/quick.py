"""Loads moto in half of its usual time, and lets it answer in half of it.

Left out are tables that a network sandbox never reads: machine images, instance types, live region look-ups. What
moto works out anew at every call, with the same result, is remembered.

Never here: changes of behaviour.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

REGIONS: dict[str, str] = {
    "aws": "af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 "
    "ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ca-central-1 ca-west-1 eu-central-1 "
    "eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 "
    "me-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2",
    "aws-cn": "cn-north-1 cn-northwest-1",
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
}
_ALL = [region for regions in REGIONS.values() for region in regions.split()]


def _regions_of_partition(_self: Any, _service: str, partition_name: str = "aws", **_: Any) -> list[str]:
    return REGIONS.get(partition_name, "").split()


def load_moto() -> None:
    """Import the moto services of the sandbox. Called once, before any of them is used.

    boto3 asks the largest service model of all for its list of regions once per moto service; a fixed list
    saves about a second.
    """
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    os.environ.setdefault("MOTO_ALLOW_NONEXISTENT_REGION", "false")
    from moto.core.base_backend import AccountSpecificBackend
    from moto.utilities import utils

    _remember()
    AccountSpecificBackend._generate_regions = lambda _self, _service: list(_ALL)  # type: ignore[assignment]
    load_resource = utils.load_resource

    def without_instance_types(resource: Any) -> Any:
        if "instance_type" in str(resource):
            return {} if str(resource).endswith("instance_types.json") else []
        return load_resource(resource)

    with (
        patch("boto3.session.Session.get_available_regions", _regions_of_partition),
        patch.object(utils, "load_resource", without_instance_types),
    ):
        import moto.applicationautoscaling
        import moto.ec2
        import moto.ecs
        import moto.elbv2
        import moto.iam
        import moto.logs
        import moto.route53
        import moto.servicediscovery
        import moto.ssm
        import moto.sts  # noqa: F401


def _remember() -> None:
    """Work out once what depends on the model of a service alone, and not on the call."""
    from moto import backends
    from moto.core import errors, responses, serialize
    from moto.core import utils as core

    # Which methods a response class has; the model of a service with all its shapes; the table of its errors.
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)  # type: ignore[attr-defined]
    core.get_service_model = responses.get_service_model = functools.cache(core.get_service_model)  # type: ignore[attr-defined]
    errors.ErrorLookupFactory = functools.cache(errors.ErrorLookupFactory)  # type: ignore[assignment, misc]

    # Which services moto has: the server reads its directory at every call.
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules

    for picker in (serialize.AttributePicker, serialize.XFormedAttributePicker):
        _remember_names(picker)


def _remember_names(picker: Any) -> None:
    """The names under which an object of a class may hold a member of a shape; a shape has one place in its model."""
    look = picker.get_possible_keys

    def get_possible_keys(self: Any, context: Any) -> Iterator[str]:
        known = vars(context.shape).setdefault("_sandbox_names", {})
        place = (picker, type(context.obj), context.key)
        if place not in known:
            known[place] = tuple(dict.fromkeys(look(self, context)))
        return iter(known[place])

    picker.get_possible_keys = get_possible_keys
