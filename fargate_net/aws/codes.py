"""AWS's error codes in our words: which class an error is, and what to do about it. Never here: calls, retries."""

from __future__ import annotations

from botocore import exceptions as wire

from fargate_net.errors import (
    AlreadyExists,
    AwsError,
    Denied,
    FargateNetError,
    InUse,
    LimitReached,
    NotAsked,
    NotFound,
    NotReady,
    OperationFailed,
    Throttled,
    UsageError,
)

_CLASSES: dict[type[AwsError], str] = {
    NotFound: "NoSuchEntity NoSuchHostedZone NoSuchResourceException ServiceNotActiveException Gateway.NotAttached",
    AlreadyExists: "InvalidPermission.Duplicate InvalidGroup.Duplicate RouteAlreadyExists Resource.AlreadyAssociated "
    "Resource.AlreadyAttached EntityAlreadyExists ResourceAlreadyExistsException DuplicateLoadBalancerName "
    "DuplicateTargetGroupName DuplicateListener PriorityInUse NamespaceAlreadyExists ServiceAlreadyExists "
    "ConflictingDomainExists ParameterAlreadyExists HostedZoneAlreadyExists FlowLogAlreadyExists DuplicateRequest",
    InUse: "DependencyViolation ResourceInUse ResourceInUseException InvalidIPAddress.InUse InvalidGroup.InUse "
    "InvalidNetworkInterface.InUse DeleteConflict HostedZoneNotEmpty ClusterContainsServicesException "
    "ClusterContainsTasksException ClusterContainsContainerInstancesException "
    "ClusterContainsCapacityProviderException UpdateInProgressException",
    Denied: "AccessDenied AccessDeniedException UnauthorizedOperation UnauthorizedException NotAuthorized "
    "OperationNotPermittedException 403 AuthorizationError",
    LimitReached: "LimitExceeded LimitExceededException TooManyLoadBalancers TooManyTargetGroups TooManyListeners "
    "TooManyRules TooManyTargets TooManyRegistrationsForTargetId TooManyUniqueTargetGroupsPerLoadBalancer "
    "ServiceQuotaExceededException ResourceLimitExceeded InsufficientFreeAddressesInSubnet TooManyCertificates",
    Throttled: "RequestLimitExceeded ClientRequestLimitExceeded Throttling ThrottlingException ThrottledException "
    "TooManyRequestsException RequestThrottled RequestThrottledException SlowDown BandwidthLimitExceeded "
    "PriorRequestNotComplete EC2ThrottledException",
    NotReady: "IncorrectState InvalidState OperationAborted ConcurrentModification OptimisticLockException",
}
_BY_CODE = {code: kind for kind, codes in _CLASSES.items() for code in codes.split()}

_NOT_READY = (
    "unable to assume the service linked role",
    "ecs service role being passed has the proper permissions",
    "does not have an associated load balancer",
    "still draining",
    "unable to assume role",
    "role is not valid",
    "cannot be assumed",
)
"""Parts of messages of invalid-parameter codes that mean "try again soon": AWS is eventually consistent (IAM User
Guide, Troubleshoot IAM; Amazon ECS Developer Guide, Service-linked roles)."""

_CREDENTIALS: dict[str, str] = {
    "ExpiredToken": "Renew the session (for example 'aws sso login') and run again.",
    "ExpiredTokenException": "Renew the session (for example 'aws sso login') and run again.",
    "RequestExpired": "Renew the session, check the clock of this machine, and run again.",
    "InvalidClientTokenId": "Check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or choose another --profile.",
    "UnrecognizedClientException": "Check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or choose another --profile.",
    "AuthFailure": "Check the credentials, or whether the Region is enabled for this account.",
    "SignatureDoesNotMatch": "Check AWS_SECRET_ACCESS_KEY and the clock of this machine.",
    "IncompleteSignature": "Check AWS_SECRET_ACCESS_KEY.",
    "MissingAuthenticationToken": "Set credentials or choose a --profile.",
    "OptInRequired": "Enable the Region for this account, or choose another --region.",
}

_HINTS: dict[type[AwsError], str] = {
    Denied: "Ask whoever keeps the account for this permission.",
    LimitReached: "Raise the quota in Service Quotas, or remove what is not needed.",
    Throttled: "Wait a little, then run again.",
}


_NO_SUCH_CALL = ("NotImplemented", "InvalidAction", "UnknownOperationException", "501")


def of_read(error: wire.ClientError, operation: str) -> FargateNetError:
    """Like :func:`of_client`; a call that the endpoint does not know (another partition, an emulator) was not asked."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in _NO_SUCH_CALL:
        return NotAsked(operation, why=f"The endpoint does not know {_call(operation)}.")
    return of_client(error, operation)


def of_client(error: wire.ClientError, operation: str) -> AwsError:
    """An answer of AWS that says no, as one of ours."""
    said = error.response.get("Error", {})
    code, message = str(said.get("Code", "")), str(said.get("Message", "")).strip()
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    request_id = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
    kind = _class(code, message, status)
    return kind(
        f"{_call(operation)} failed: {message or code or f'HTTP status {status}'}".rstrip(".")
        + f" ({code or status}).",
        operation=operation,
        code=code,
        request_id=request_id,
        hint=_CREDENTIALS.get(code, "") or _HINTS.get(kind, ""),
    )


def of_wire(error: wire.BotoCoreError | wire.HTTPClientError, operation: str) -> FargateNetError:
    """A call that got no answer from AWS, as one of ours: no credentials, no Region, nobody there, a broken answer."""
    if isinstance(error, wire.NoRegionError):
        return UsageError("No AWS Region is set.", hint="Give --region, or set AWS_REGION.")
    if isinstance(error, wire.ProfileNotFound):
        return UsageError(f"{_text(error)}.", hint="See 'aws configure list-profiles'.")
    if isinstance(error, (wire.ConfigParseError, wire.InvalidConfigError, wire.ConfigNotFound)):
        return UsageError(f"The AWS configuration cannot be read: {_text(error)}.")
    if isinstance(error, (wire.NoCredentialsError, wire.PartialCredentialsError, wire.CredentialRetrievalError)):
        return OperationFailed(
            f"No usable AWS credentials: {_text(error)}.",
            hint="Choose a --profile, run 'aws sso login', or set AWS_* keys.",
        )
    if isinstance(error, (wire.UnauthorizedSSOTokenError, wire.SSOError, wire.TokenRetrievalError)):
        return OperationFailed(f"The SSO session cannot be used: {_text(error)}.", hint="Run 'aws sso login'.")
    if isinstance(error, (wire.ParamValidationError, wire.InvalidRegionError)):
        return UsageError(f"{_call(operation)} was not sent: {_text(error)}.")
    if isinstance(
        error, (wire.EndpointConnectionError, wire.ConnectTimeoutError, wire.ProxyConnectionError, wire.SSLError)
    ):
        return AwsError(
            f"Nobody answers {_call(operation)}: {_text(error)}.",
            operation=operation,
            code=type(error).__name__,
            hint="Check the network, --region and --endpoint-url.",
        )
    return AwsError(
        f"{_call(operation)} got no usable answer: {_text(error)}.",
        operation=operation,
        code=type(error).__name__,
        hint="It may or may not have taken effect; run again.",
    )


def _class(code: str, message: str, status: int) -> type[AwsError]:
    if code in _CREDENTIALS:
        return AwsError
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code.endswith(("NotFound", "NotFoundException", ".Unknown")):
        return NotFound
    if code.endswith(("LimitExceeded", "LimitExceededException")):
        return LimitReached
    if code.startswith("Invalid") or code in ("ClientException", "ValidationException", "ValidationError"):
        words = message.lower()
        if any(part in words for part in _NOT_READY):
            return NotReady
        if "unable to describe task definition" in words:
            return NotFound
        if "not idempotent" in words:
            return AlreadyExists
    return Throttled if status == 429 else AwsError


def _call(operation: str) -> str:
    service, _, method = operation.partition(".")
    return f"{service} {''.join(part.capitalize() for part in method.split('_'))}"


def _text(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
