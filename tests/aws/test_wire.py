"""One live call: pages merged, errors ours, repeats only where they are harmless. Nothing leaves the process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.exceptions as wire
import pytest
from botocore.stub import Stubber

from fargate_net import errors
from fargate_net.aws.call import Live
from fargate_net.aws.codes import of_client, of_read, of_wire
from fargate_net.aws.connect import connect

NOBODY = "http://127.0.0.1:9"


class Stubbed:
    """Clients that answer from a list; remembers which patience each write asked for."""

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {}
        self.stubs: dict[str, Stubber] = {}
        self.once: list[bool] = []

    def __call__(self, service: str, once: bool) -> Any:
        self.once.append(once)
        if service not in self.clients:
            keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
            self.clients[service] = boto3.client(service, region_name="eu-west-1", **keys)
            self.stubs[service] = Stubber(self.clients[service])
            self.stubs[service].activate()
        return self.clients[service]

    def answers(self, service: str, method: str, *responses: dict[str, Any]) -> None:
        self(service, False)
        for response in responses:
            self.stubs[service].add_response(method, response)

    def refuses(self, service: str, method: str, code: str, message: str = "no", status: int = 400) -> None:
        self(service, False)
        self.stubs[service].add_client_error(method, code, message, status)


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    clients = Stubbed()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


def test_pages_of_a_paginator_are_one_answer(stubbed: Stubbed) -> None:
    stubbed.answers(
        "ec2",
        "describe_vpcs",
        {"Vpcs": [{"VpcId": "vpc-1"}], "NextToken": "more"},
        {"Vpcs": [{"VpcId": "vpc-2"}]},
    )
    aws = Live(stubbed, "eu-west-1")
    assert aws.read("ec2.describe_vpcs") == {"Vpcs": [{"VpcId": "vpc-1"}, {"VpcId": "vpc-2"}]}
    assert aws.calls == {"ec2.describe_vpcs": 2}


def test_pages_that_botocore_cannot_page_are_one_answer(stubbed: Stubbed) -> None:
    assert not stubbed("ec2", False).can_paginate("describe_vpc_block_public_access_exclusions")
    key = "VpcBlockPublicAccessExclusions"
    stubbed.answers(
        "ec2",
        "describe_vpc_block_public_access_exclusions",
        {key: [{"ExclusionId": "a"}], "NextToken": "more"},
        {key: [{"ExclusionId": "b"}]},
    )
    answer = Live(stubbed, "eu-west-1").read("ec2.describe_vpc_block_public_access_exclusions")
    assert answer == {key: [{"ExclusionId": "a"}, {"ExclusionId": "b"}]}


def test_counts_hooks_and_log_name_the_operation_and_no_values(
    stubbed: Stubbed, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []
    stubbed.answers("ssm", "put_parameter", {"Version": 1})
    aws = Live(stubbed, "eu-west-1", on_call=heard.append)
    with caplog.at_level(logging.DEBUG, "fargatenet.aws"):
        aws.write("ssm.put_parameter", Name="n", Value="hidden", Type="String")
    assert heard == ["ssm.put_parameter"]
    assert "put_parameter" in caplog.text
    assert "hidden" not in caplog.text


@pytest.mark.parametrize(
    ("operation", "params", "response", "once"),
    [
        ("ec2.create_vpc", {"CidrBlock": "10.0.0.0/16"}, {"Vpc": {}}, True),
        ("ec2.allocate_address", {"Domain": "vpc"}, {}, True),
        ("ec2.create_nat_gateway", {"SubnetId": "subnet-1"}, {}, False),
        ("ec2.create_vpc_endpoint", {"VpcId": "vpc-1", "ServiceName": "s"}, {}, False),
        ("ec2.delete_vpc", {"VpcId": "vpc-1"}, {}, False),
        ("ec2.create_route_table", {"VpcId": "vpc-1"}, {}, False),
    ],
)
def test_only_what_may_be_sent_twice_is_repeated(
    stubbed: Stubbed, operation: str, params: dict[str, Any], response: dict[str, Any], once: bool
) -> None:
    stubbed.answers("ec2", operation.partition(".")[2], response)
    Live(stubbed, "eu-west-1").write(operation, **params)
    assert stubbed.once[-1] is once


def test_an_endpoint_is_made_with_a_token_of_ours(stubbed: Stubbed) -> None:
    sent: list[dict[str, Any]] = []
    client = stubbed("ec2", False)
    client.meta.events.register("provide-client-params.ec2.*", lambda params, **_: sent.append(dict(params)))
    stubbed.answers("ec2", "create_vpc_endpoint", {})
    Live(stubbed, "eu-west-1").write("ec2.create_vpc_endpoint", VpcId="vpc-1", ServiceName="s")
    assert len(sent[0]["ClientToken"]) == 36


CODES = [
    ("InvalidVpcID.NotFound", "", errors.NotFound),
    ("NatGatewayNotFound", "", errors.NotFound),
    ("NoSuchEntity", "", errors.NotFound),
    ("ClusterNotFoundException", "", errors.NotFound),
    ("InvalidPermission.Duplicate", "", errors.AlreadyExists),
    ("InvalidGroup.Duplicate", "", errors.AlreadyExists),
    ("Resource.AlreadyAssociated", "", errors.AlreadyExists),
    ("ParameterAlreadyExists", "", errors.AlreadyExists),
    ("DependencyViolation", "", errors.InUse),
    ("InvalidIPAddress.InUse", "", errors.InUse),
    ("ClusterContainsServicesException", "", errors.InUse),
    ("UnauthorizedOperation", "", errors.Denied),
    ("AccessDeniedException", "", errors.Denied),
    ("VpcLimitExceeded", "", errors.LimitReached),
    ("RulesPerSecurityGroupLimitExceeded", "", errors.LimitReached),
    ("TooManyListeners", "", errors.LimitReached),
    ("RequestLimitExceeded", "", errors.Throttled),
    ("ThrottlingException", "", errors.Throttled),
    ("IncorrectState", "", errors.NotReady),
    ("InvalidParameterException", "Unable to assume the service linked role. Please verify", errors.NotReady),
    ("InvalidParameterException", "The target group does not have an associated load balancer.", errors.NotReady),
    ("InvalidParameterException", "Unable to Start a service that is still Draining.", errors.NotReady),
    ("InvalidParameterException", "Creation of service was not idempotent.", errors.AlreadyExists),
    ("InvalidParameterException", "Invalid cpu", errors.AwsError),
    ("InternalError", "", errors.AwsError),
]


@pytest.mark.parametrize(("code", "message", "kind"), CODES)
def test_a_code_becomes_its_class(stubbed: Stubbed, code: str, message: str, kind: type[errors.AwsError]) -> None:
    stubbed.refuses("ec2", "delete_vpc", code, message)
    with pytest.raises(errors.AwsError) as caught:
        Live(stubbed, "eu-west-1").write("ec2.delete_vpc", VpcId="vpc-1")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.operation) == (code, "ec2.delete_vpc")
    assert code in caught.value.what


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "AuthFailure", "OptInRequired"])
def test_bad_credentials_end_the_run_with_something_to_do(code: str) -> None:
    error = of_client(wire.ClientError({"Error": {"Code": code, "Message": "no"}}, "X"), "ec2.describe_vpcs")
    assert type(error) is errors.AwsError  # not Denied: that would pass as one unknown fact
    assert error.hint


def test_a_call_the_endpoint_does_not_know_was_not_asked() -> None:
    refusal = wire.ClientError({"Error": {"Code": "InvalidAction", "Message": "no"}}, "X")
    error = of_read(refusal, "ec2.describe_vpc_block_public_access_options")
    assert isinstance(error, errors.NotAsked)
    assert "does not know ec2 DescribeVpcBlockPublicAccessOptions" in error.what


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (wire.NoRegionError(), errors.UsageError, 2),
        (wire.ProfileNotFound(profile="x"), errors.UsageError, 2),
        (wire.ParamValidationError(report="bad"), errors.UsageError, 2),
        (wire.NoCredentialsError(), errors.OperationFailed, 1),
        (wire.UnauthorizedSSOTokenError(), errors.OperationFailed, 1),
        (wire.TokenRetrievalError(provider="sso", error_msg="expired"), errors.OperationFailed, 1),
        (wire.EndpointConnectionError(endpoint_url="http://x"), errors.AwsError, 1),
        (wire.ReadTimeoutError(endpoint_url="http://x"), errors.AwsError, 1),
        (wire.SSLError(endpoint_url="http://x", error="bad certificate"), errors.AwsError, 1),
    ],
)
def test_no_answer_at_all_is_a_sentence(error: Any, kind: type[errors.FargateNetError], code: int) -> None:
    ours = of_wire(error, "ec2.describe_vpcs")
    assert type(ours) is kind
    assert ours.exit_code == code
    assert str(ours)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> pytest.MonkeyPatch:
    """No AWS settings of the machine are seen."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def test_no_region(bare: Any) -> None:
    with pytest.raises(errors.UsageError, match="No AWS Region"):
        connect()


def test_an_unknown_profile(bare: Any) -> None:
    with pytest.raises(errors.UsageError, match="nobody"):
        connect(profile="nobody", region="eu-west-1")


def test_no_credentials(bare: Any) -> None:
    with pytest.raises(errors.OperationFailed, match="No usable AWS credentials"):
        connect(region="eu-west-1").read("ec2.describe_vpcs")


@pytest.mark.parametrize("endpoint", ["127.0.0.1:5000", "ftp://x", "http://", "http://x:port", "nonsense"])
def test_an_endpoint_that_is_no_url(bare: Any, endpoint: str) -> None:
    with pytest.raises(errors.UsageError, match="is not an endpoint"):
        connect(region="eu-west-1", endpoint_url=endpoint)


def test_an_endpoint_where_nobody_listens(bare: Any) -> None:
    with pytest.raises(errors.OperationFailed, match=r"Nobody listens at http://127\.0\.0\.1:9"):
        connect(region="eu-west-1", endpoint_url=NOBODY)


def test_the_environment_names_the_endpoint(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AWS_ENDPOINT_URL", NOBODY)
    with pytest.raises(errors.OperationFailed, match="Nobody listens"):
        connect(region="eu-west-1")
