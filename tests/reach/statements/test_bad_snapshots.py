"""Snapshots that are broken: a clear sentence, or ``unknown`` where a fact is missing; never a traceback or a guess."""

from __future__ import annotations

import copy
import json
import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fargate_net.cli.main import main
from tests.reach.statements.aws_json import ANY4, Account, route
from tests.reach.statements.aws_links import peering
from tests.reach.statements.aws_nat import gateway_endpoint, interface_endpoint, nat_gateway
from tests.reach.statements.aws_rules import tcp
from tests.reach.statements.scenes import (
    CLIENT,
    CLIENT_SG,
    IGW,
    MAIN,
    NET_A,
    NET_B,
    SERVER,
    SERVER_SG,
    VPC,
    gateway,
    pair,
)
from tests.reach.statements.test_balancers import front

Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def run(capsys: pytest.CaptureFixture[str], folder: Path, source: str, target: str) -> tuple[int, str, str]:
    """The command line on a folder: exit code, stdout and stderr; never a traceback."""
    code = main(["reach-check", "--snapshot", str(folder), "--output", "json", "--from", source, "--to", target])
    said = capsys.readouterr()
    assert code in (0, 2, 3), said.err
    assert "Traceback" not in said.out + said.err
    if code == 2:
        assert said.err.strip()
    else:
        (answer,) = json.loads(said.out)["answers"]
        assert (answer["verdict"] == "reachable") == (code == 0)
        assert answer["verdict"] != "unknown" or answer["missing"]
    return code, said.out, said.err


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


WRONG_TEXT: dict[str, Callable[[str], str]] = {
    "cut in the middle": lambda text: text[: len(text) // 2],
    "cut at the end": lambda text: text.rstrip()[:-1],
    "empty": lambda text: "",
    "a list": lambda text: f"[{text}]",
    "a string": lambda text: '"SecurityGroups"',
    "two documents": lambda text: text + text,
    "not a number": lambda text: text.replace("80", "NaN", 1),
    "a shell prompt": lambda text: "$ aws ec2 describe-security-groups\n" + text,
    "binary": lambda text: "\x00\x01\x02" + text,
}


@pytest.mark.parametrize("how", WRONG_TEXT)
def test_a_file_that_is_no_response_is_one_sentence_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
):
    folder = pair().write(tmp_path / "saved")
    broken = folder / "SecurityGroups.json"
    broken.write_text(WRONG_TEXT[how](broken.read_text()))
    code, out, err = run(capsys, folder, CLIENT, f"{SERVER}:80")
    assert code == 2
    assert "SecurityGroups.json" in err
    assert not out


WRONG_TYPES: list[tuple[str, Callable[[Account], None], str]] = [
    ("group rules as text", lambda w: w.items[SERVER_SG].update(IpPermissions="all"), SERVER_SG),
    ("a port as text", lambda w: w.items[SERVER_SG]["IpPermissions"][0].update(FromPort="80"), "FromPort"),
    ("a group id as a number", lambda w: w.items[SERVER]["Groups"][0].update(GroupId=7), "GroupId"),
    ("routes as an object", lambda w: w.items[MAIN].update(Routes={}), MAIN),
    ("an address as a list", lambda w: w.items[SERVER].update(SubnetId=[]), SERVER),
    ("a flag as text", lambda w: w.items[SERVER].update(SourceDestCheck="yes"), "SourceDestCheck"),
    ("a list as an object", lambda w: w.lists.update(Vpcs={"VpcId": VPC}), "Vpcs"),  # type: ignore[dict-item]
    ("an interface as text", lambda w: w.lists["NetworkInterfaces"].append("eni"), "NetworkInterfaces"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("change", "word"), [pytest.param(c, w, id=name) for name, c, w in WRONG_TYPES])
def test_a_wrong_type_is_one_sentence_that_names_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Account], None], word: str
):
    world = pair()
    change(world)
    code, out, err = run(capsys, world.write(tmp_path / "saved"), CLIENT, f"{SERVER}:80")
    assert code == 2
    assert word in err
    assert not out


WRONG_VALUES: list[tuple[str, Callable[[Account], None]]] = [
    ("an address that is none", lambda w: w.items[SERVER]["PrivateIpAddresses"][0].update(PrivateIpAddress="10.0.2")),
    ("a range that is none", lambda w: w.items[SERVER_SG]["IpPermissions"][0].update(IpRanges=[{"CidrIp": "ten"}])),
    ("a subnet range that is none", lambda w: w.items[NET_B].update(CidrBlock="10.0.2.0/99")),
    ("a route to nowhere", lambda w: w.items[MAIN]["Routes"].append(route("999.0.0.0/8", IGW))),
    ("a port beyond the last", lambda w: w.items[SERVER_SG]["IpPermissions"][0].update(FromPort=80, ToPort=99999999)),
    ("a port below the first", lambda w: w.items[SERVER_SG]["IpPermissions"][0].update(FromPort=-80)),
    ("a protocol that is none", lambda w: w.items[SERVER_SG]["IpPermissions"][0].update(IpProtocol="carrier pigeon")),
    ("a state nobody knows", lambda w: w.items[MAIN]["Routes"][0].update(State="wobbly")),
    ("a very large number", lambda w: w.items[SERVER_SG]["IpPermissions"][0].update(FromPort=10**400)),
]


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in WRONG_VALUES])
def test_a_value_that_means_nothing_is_never_taken_for_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Account], None]
):
    world = pair()
    change(world)
    run(capsys, world.write(tmp_path / "saved"), CLIENT, f"{SERVER}:80")


MISSING_KEYS = [
    ("SecurityGroups", SERVER_SG, "VpcId", "unknown"),
    ("NetworkInterfaces", SERVER, "SubnetId", "unknown"),
    ("NetworkInterfaces", SERVER, "VpcId", "unknown"),
    ("RouteTables", MAIN, "VpcId", "unknown"),
    ("SecurityGroups", SERVER_SG, "IpPermissions", "unknown"),
    ("SecurityGroups", CLIENT_SG, "IpPermissionsEgress", "unknown"),
    ("NetworkAcls", f"acl-main-{VPC.removeprefix('vpc-')}", "Entries", "unknown"),
    ("RouteTables", MAIN, "Routes", "unknown"),
    ("Vpcs", VPC, "CidrBlock", "reachable"),
    ("Subnets", NET_B, "CidrBlock", "reachable"),
]


@pytest.mark.parametrize(("key", "id", "field", "verdict"), MISSING_KEYS)
def test_a_missing_key_is_never_a_guess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, id: str, field: str, verdict: str
):
    world = pair()
    del world.items[id][field]
    code, out, _ = run(capsys, world.write(tmp_path / "saved"), CLIENT, f"{SERVER}:80")
    said = json.loads(out)["answers"][0]["verdict"] if out else f"exit {code}"
    if verdict == "unknown":
        assert said == "unknown"
    else:
        assert said in (verdict, "blocked", "unknown")


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("LoadBalancers", "Type"),
        ("TargetGroups", "TargetType"),
        ("Listeners", "DefaultActions"),
        ("Listeners", "Port"),
        ("Listeners", "Protocol"),
    ],
)
@pytest.mark.parametrize("target", ["lb/front:80", "web:80"])
def test_a_balancer_with_a_missing_key_is_not_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, field: str, target: str
):
    world = front()
    for held in (*world.lists.get(key, ()), *(item for other in world.others for item in other.get(key, ()))):
        del held[field]
    _, out, _ = run(capsys, world.write(tmp_path / "saved"), "internet", target)
    assert json.loads(out)["answers"][0]["verdict"] == "unknown"


@pytest.mark.parametrize("field", ["VpcId", "PrivateDnsEnabled"])
def test_an_endpoint_with_a_missing_key_is_not_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str):
    world = pair()
    world.group("sg-0d1d1d1d1d1d1d1d1", VPC, [tcp(443, ANY4)])
    interface_endpoint(world, "ecr.api", [(NET_B, "10.0.2.50")], "sg-0d1d1d1d1d1d1d1d1")
    del world.items["vpce-0d1d1d1d1d1d1d1d1"][field]
    _, out, _ = run(capsys, world.write(tmp_path / "saved"), CLIENT, "aws:ecr.api")
    assert json.loads(out)["answers"][0]["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("eni-0f0f0f0f0f0f0f0f0", f"{SERVER}:80"),
        (CLIENT, "eni-0f0f0f0f0f0f0f0f0:80"),
        (CLIENT, "i-0f0f0f0f0f0f0f0f0:80"),
        (CLIENT, "lb/nowhere:80"),
        (CLIENT, "web:80"),
        (CLIENT, "task/0123456789abcdef:80"),
        (CLIENT, "nowhere.example.com:80"),
    ],
)
def test_an_unknown_id_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, target: str):
    code, _, err = run(capsys, pair().write(tmp_path / "saved"), source, target)
    assert code == 2
    assert (target if source == CLIENT else source).rpartition(":")[0] in err or source in err


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda w: w.items[SERVER].update(SubnetId="subnet-0f0f0f0f0f0f0f0f0"), id="a subnet"),
        pytest.param(lambda w: w.items[SERVER].update(VpcId="vpc-0f0f0f0f0f0f0f0f0"), id="a VPC"),
        pytest.param(lambda w: w.items[SERVER]["Groups"][0].update(GroupId="sg-0f0f0f0f0f0f0f0f0"), id="a group"),
    ],
)
def test_an_id_that_nothing_has_is_never_taken_for_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Account], None]
):
    world = pair()
    change(world)
    code, _, _ = run(capsys, world.write(tmp_path / "saved"), CLIENT, f"{SERVER}:80")
    assert code in (2, 3)


@pytest.mark.parametrize("kind", ["table", "nacl"])
def test_what_cannot_be_read_is_not_replaced_by_the_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
):
    world = pair()
    if kind == "table":
        world.table("rtb-0c2c2c2c2c2c2c2c2", VPC, subnets=[NET_A])
        del world.items["rtb-0c2c2c2c2c2c2c2c2"]["VpcId"]
    else:
        world.acl("acl-0c2c2c2c2c2c2c2c2", VPC, [], [NET_B])
        del world.items["acl-0c2c2c2c2c2c2c2c2"]["VpcId"]
    code, out, _ = run(capsys, world.write(tmp_path / "saved"), CLIENT, f"{SERVER}:80")
    assert code == 3
    assert json.loads(out)["answers"][0]["verdict"] == "unknown"


def test_one_id_with_two_meanings_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = pair().write(tmp_path / "saved")
    other = json.loads((folder / "SecurityGroups.json").read_text())
    other["SecurityGroups"][0]["IpPermissions"] = []
    other["SecurityGroups"][0]["IpPermissionsEgress"] = []
    (folder / "older.json").write_text(json.dumps(other))
    code, _, err = run(capsys, folder, CLIENT, f"{SERVER}:80")
    assert code == 2
    assert "older.json" in err


def test_the_same_list_twice_counts_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = pair().write(tmp_path / "saved")
    (folder / "deep").mkdir()
    (folder / "deep" / "again.json").write_text((folder / "SecurityGroups.json").read_text())
    assert run(capsys, folder, CLIENT, f"{SERVER}:80")[0] == 0


def test_a_list_that_was_cut_is_not_taken_for_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = pair().write(tmp_path / "saved")
    held = json.loads((folder / "SecurityGroups.json").read_text())
    (folder / "SecurityGroups.json").write_text(json.dumps(held | {"NextToken": "eyJ2IjoiMiIs"}))
    code, out, _ = run(capsys, folder, CLIENT, f"{SERVER}:80")
    assert code == 3
    assert json.loads(out)["answers"][0]["verdict"] == "unknown"


def test_a_ring_of_peerings_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    world = pair()
    ring = [VPC, "vpc-0b2b2b2b2b2b2b2b2", "vpc-0c3c3c3c3c3c3c3c3"]
    for number, vpc in enumerate(ring[1:], 1):
        world.vpc(vpc, f"10.{number}.0.0/16")
    for number, vpc in enumerate(ring):
        other = (number + 1) % 3
        link = f"pcx-0{number}0{number}0{number}0{number}0{number}0{number}0{number}0{number}"
        peering(world, (vpc, f"10.{number}.0.0/16"), (ring[other], f"10.{other}.0.0/16"), id=link)
        world.routes(f"rtb-main-{vpc.removeprefix('vpc-')}", route("172.16.0.0/12", link))
    code, out, _ = run(capsys, world.write(tmp_path / "saved"), CLIENT, "172.16.1.1:80")
    assert code == 3
    assert json.loads(out)["answers"][0]["verdict"] == "blocked"


def test_fifty_megabytes_of_noise_are_ignored(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = pair().write(tmp_path / "saved")
    line = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=1000))
    (folder / "noise.log").write_text((line + "\n") * 50_000)
    (folder / "noise.json").write_text(json.dumps({"Noise": [line] * 5_000}))
    assert run(capsys, folder, CLIENT, f"{SERVER}:80")[0] == 0


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"Vpcs": 7}', "{}"])
def test_a_folder_of_one_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "only.json").write_text(text)
    assert run(capsys, tmp_path / "saved", CLIENT, f"{SERVER}:80")[0] == 2


def crowded() -> Account:
    """A network with a bit of everything."""
    world = front()
    nat = nat_gateway(world, NET_A, "10.0.1.99", "198.51.100.99")
    world.routes(MAIN, route(ANY4, nat))
    gateway_endpoint(world, VPC, [MAIN])
    peering(world, (VPC, "10.0.0.0/16"), ("vpc-0b2b2b2b2b2b2b2b2", "10.9.0.0/16"))
    world.routes(MAIN, route("10.9.0.0/16", "pcx-0a2a2a2a2a2a2a2a2"))
    gateway(world, "vpc-0b2b2b2b2b2b2b2b2", "igw-0b2b2b2b2b2b2b2b2")
    return world


QUESTIONS = [
    ("internet", "web:80"),
    ("internet", "lb/front:80"),
    ("web", "internet:443"),
    ("web", "aws:s3"),
    ("eni-0ec0ec0ec0ec0ec00", "10.9.1.1:80"),
    ("10.0.11.100", "10.0.12.100:80"),
]

PLACE = tuple[Any, ...]


def places(value: Any, path: PLACE = ()) -> Iterator[PLACE]:
    """Every place inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inner:
        yield (*path, key)
        yield from places(held, (*path, key))


def documents() -> list[Document]:
    world = crowded()
    return [*({key: items} for key, items in world.lists.items()), *world.others]


DOCUMENTS = documents()
PLACES = [(number, path) for number, document in enumerate(DOCUMENTS) for path in places(document)]
WRONG = st.sampled_from(
    [None, "", "x", "sg-1", "10.0.0.0/8", "::/0", "-1", 0, -1, 70000, 1.5, True, [], {}, ["x"], {"x": 1}, [[]], [None]]
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.one_of(st.just("drop"), WRONG)), min_size=1, max_size=3),
    st.sampled_from(QUESTIONS),
)
def test_whatever_is_changed_the_answer_is_an_answer(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    changes: list[tuple[tuple[int, PLACE], Any]],
    question: tuple[str, str],
):
    held = copy.deepcopy(DOCUMENTS)
    for (number, path), wrong in changes:
        _change(held[number], path, wrong)
    folder = tmp_path_factory.mktemp("changed")
    for number, document in enumerate(held):
        (folder / f"{number}.json").write_text(json.dumps(document))
    run(capsys, folder, *question)


def _change(document: Any, path: PLACE, wrong: Any) -> None:
    """Put something wrong at a place, or drop what is there; a place an earlier change took away is left."""
    for key in path[:-1]:
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if isinstance(document, dict) and last in document:
        if wrong == "drop":
            del document[last]
        else:
            document[last] = wrong
    elif isinstance(document, list) and isinstance(last, int) and last < len(document):
        if wrong == "drop":
            document.pop(last)
        else:
            document[last] = wrong


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(range(len(DOCUMENTS))), st.floats(0, 1), st.sampled_from(QUESTIONS))
def test_wherever_a_file_is_cut_the_answer_is_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    number: int,
    share: float,
    question: tuple[str, str],
):
    folder = tmp_path_factory.mktemp("cut")
    for other, document in enumerate(DOCUMENTS):
        text = json.dumps(document)
        (folder / f"{other}.json").write_text(text[: int(len(text) * share)] if other == number else text)
    run(capsys, folder, *question)
