"""A folder that is not a snapshot gives one sentence with the place, never a traceback."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fargate_net.aws.saved import Saved
from fargate_net.aws.shapes import LISTS, OBJECTS, SUBJECTS
from fargate_net.engine.observe import observe
from fargate_net.errors import UsageError
from fargate_net.kinds.base import Scope
from fargate_net.model.snapshot import Snapshot

BAD = {
    "truncated": ('{"Vpcs": [', r"bad\.json:1:11: not JSON: the file ends too early"),
    "nothing": ("", r"bad\.json:1:1: not JSON: the file ends too early"),
    "not json": ('{\n "Vpcs": [{,}]}', r"bad\.json:2:12: not JSON: "),
    "a list": ("[1, 2]", r"bad\.json:1:1: holds a list, not an object"),
    "a number": ("7", r"bad\.json:1:1: holds a single value"),
    "an object for a list": ('{\n  "Vpcs": {}}', r"bad\.json:2:3: Vpcs is not a list"),
    "null for a list": ('{"Vpcs": null}', r"bad\.json:1:2: Vpcs is not a list"),
    "numbers in a list": ('{"Vpcs": [7]}', r"bad\.json:1:2: Vpcs\[0\] is not an object"),
    "a list for an object": ('{"Service": []}', r"bad\.json:1:2: Service is not an object"),
    "an object without its name": ('{"Service": {}}', r"bad\.json:1:2: Service has no Id"),
    "a bare attribute": (
        '{"VpcId": "vpc-1", "EnableDnsSupport": true}',
        r"bad\.json:1:20: EnableDnsSupport is not an obj",
    ),
    "an ownerless listener": ('{"Listeners": [{}]}', r"bad\.json:1:2: an item of Listeners does not say"),
    "not a number": ('{"Vpcs": [],\n "x": NaN}', r"bad\.json:2:7: NaN is not a JSON number"),
    "infinity": ('{"Vpcs": [], "x": -Infinity}', r"bad\.json:1:19: -Infinity is not a JSON number"),
    "deep": ('{"Vpcs": ' + "[" * 200_000, r"bad\.json: nested too deeply"),
    "noise": ("\x7fELF" * 1000, r"bad\.json:1:1: not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_with_its_place(tmp_path: Path, name: str) -> None:
    text, message = BAD[name]
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        Saved(tmp_path)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b'{"Vpcs":\n "\xff\xfe\xfa"}')
    with pytest.raises(UsageError, match=r"bad\.json:2: not text"):
        Saved(tmp_path)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        Saved(tmp_path / "nowhere")
    (tmp_path / "file").write_text("{}")
    with pytest.raises(UsageError, match="is not a folder"):
        Saved(tmp_path / "file")
    with pytest.raises(UsageError, match=r"holds no \.json file"):
        Saved(tmp_path)


def test_a_folder_without_any_response(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "web"}')
    with pytest.raises(UsageError, match="holds a response"):
        Saved(tmp_path)


def read(folder: Path, **keys: Any) -> Snapshot:
    (folder / "it.json").write_text(json.dumps(keys))
    return observe(Saved(folder), Scope())


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"Vpcs": [{"VpcId": 7}]}, r"Vpcs\[0\] has no VpcId"),
        ({"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": []}]}, r"Vpcs\[vpc-1\]\.CidrBlock is a list, not a string"),
        (
            {"Subnets": [{"SubnetId": "s-1", "VpcId": "vpc-1", "CidrBlock": 10}]},
            r"Subnets\[s-1\]\.CidrBlock is the numb",
        ),
        (
            {
                "SecurityGroups": [
                    {"GroupId": "sg-1", "VpcId": "v", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": "80"}]}
                ]
            },
            r"SecurityGroups\[sg-1\]\.IpPermissions\[0\]\.FromPort is the text '80', not a number",
        ),
        (
            {"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "v", "Entries": [7]}]},
            r"NetworkAcls\[acl-1\]\.Entries\[0\] is the number 7, not an object",
        ),
        (
            {"RouteTables": [{"RouteTableId": "r", "VpcId": "v", "Routes": {}}]},
            r"RouteTables\[r\]\.Routes is an object",
        ),
        ({"NetworkInterfaces": [{"NetworkInterfaceId": "e", "VpcId": True}]}, r"\[e\]\.VpcId is true, not a string"),
    ],
)
def test_a_wrong_type_inside_an_item_names_the_place(tmp_path: Path, keys: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path, **keys)


def test_an_item_without_what_aws_always_tells_is_missing_and_the_others_stay(tmp_path: Path) -> None:
    snapshot = read(tmp_path, Vpcs=[{"VpcId": "vpc-1"}, {"VpcId": "vpc-2", "CidrBlock": "10.0.0.0/16"}])
    assert list(snapshot.kind("vpc")) == ["vpc-2"]
    gap = snapshot.unknown("vpc", "vpc-1")
    assert gap is not None
    assert gap.why == "Vpcs[vpc-1] has no CidrBlock."


KEYS = sorted({*LISTS.values(), *(s.key for s in SUBJECTS.values()), *(s.subject for s in SUBJECTS.values())})
KEYS += sorted(shape.key for shape in OBJECTS.values())
INNER = [
    "VpcId",
    "SubnetId",
    "GroupId",
    "IpPermissions",
    "Routes",
    "Associations",
    "Id",
    "Tags",
    "Key",
    "Value",
    "State",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 70000) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), json_values, min_size=1, max_size=4))
def test_whatever_the_file_holds_the_answer_is_a_snapshot_or_a_sentence(tmp_path: Path, document: Any) -> None:
    (tmp_path / "any.json").write_text(json.dumps(document))
    with contextlib.suppress(UsageError):
        assert observe(Saved(tmp_path), Scope()).missing


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_whatever_the_bytes_are(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "any.json").write_bytes(data)
    with pytest.raises(UsageError):
        Saved(tmp_path)
