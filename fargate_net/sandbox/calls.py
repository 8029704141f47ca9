"""One API call on its way through the sandbox: what it asks, who answers it, what it left behind.

moto answers a call with a method of a response class. A repair is a function registered for one operation;
it is given the call and a `proceed` that runs moto's own answer, and may refuse before it, change what it
left in the backend after it, or answer alone.

Never here: the behaviour of one service.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from .raw_errors import RawAnswer, raw_error

READ_PREFIXES = ("Describe", "List", "Get", "Search", "Discover", "Lookup", "Simulate", "Test", "Filter")

#: The services that the sandbox keeps a ledger of and may play faults in, as moto names them.
SERVICES = frozenset(
    {"acm", "application-autoscaling", "cloudwatch", "ec2", "ecs", "elbv2", "iam", "logs", "route53", "ssm"}
    | {"resourcegroupstaggingapi", "secretsmanager", "servicediscovery", "sts"}
)

#: Everything runs behind this one lock: moto's dictionaries do not survive two threads.
LOCK = threading.RLock()


class AwsError(ServiceException):
    """A refusal as AWS words it: error code and message."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(code, message)
        if code not in COMMON_ERROR_CODES:
            # moto warns of codes that a service's model does not list; AWS answers with such codes all the same.
            COMMON_ERROR_CODES.append(code)
        for name, value in members.items():
            setattr(self, name, value)


@dataclass
class Call:
    """One API call: `params` has the shape that the AWS API reference gives the request."""

    service: str
    operation: str
    params: dict[str, Any]
    account: str
    region: str

    @property
    def is_read(self) -> bool:
        """Whether the operation only reads."""
        return self.operation.startswith(READ_PREFIXES)


@dataclass
class Ledger:
    """Which calls were made since the last reset, for tests that count them.

    ``region`` is where EC2 or ECS was last told to change something, and ``changes`` grows with each call that may
    have changed something; both stay when the calls are cleared.
    """

    counts: Counter[str] = field(default_factory=Counter)
    recent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=5000))
    region: str = ""
    changes: int = 0

    def add(self, call: Call, error: str | None) -> None:
        """Note one call; `error` is the code of a fault that was played instead of the answer."""
        self.counts[f"{call.service}:{call.operation}"] += 1
        if call.service in ("ec2", "ecs") and not call.is_read:
            self.region = call.region
        self.recent.append(
            {"service": call.service, "operation": call.operation, "write": not call.is_read, "fault": error}
        )

    def clear(self) -> None:
        """Forget all calls."""
        self.counts.clear()
        self.recent.clear()


Proceed = Callable[[], Any]
Repair = Callable[[Call, Proceed], Any]
#: A fault sees a call before it is answered and may return a raw answer to play instead, and may say that
#: the effect happens all the same.
Fault = Callable[[Call], "tuple[RawAnswer, bool] | None"]

LEDGER = Ledger()
_log = logging.getLogger(__name__)
_REPAIRS: dict[tuple[str, str], Repair] = {}
_EVERY_CALL: list[Repair] = []
_TICKS: list[Callable[[], None]] = []
_FAULTS: list[Fault] = []
_state = threading.local()


def repair(service: str, *operations: str) -> Callable[[Repair], Repair]:
    """Register the decorated function for operations of a service, as moto names the service."""

    def register(function: Repair) -> Repair:
        for operation in operations:
            key = (service, operation)
            if key in _REPAIRS:
                raise ValueError(f"{service}:{operation} has two repairs")
            _REPAIRS[key] = function
        return function

    return register


def around_every_call(function: Repair) -> Repair:
    """Register a function that wraps every call of every service, outside of the operation's own repair."""
    _EVERY_CALL.append(function)
    return function


def tick(function: Callable[[], None]) -> Callable[[], None]:
    """Register a function that brings the world up to date before each call is answered."""
    _TICKS.append(function)
    return function


def fault(function: Fault) -> Fault:
    """Register a function that may play a fault instead of an answer."""
    _FAULTS.append(function)
    return function


def run_ticks() -> None:
    """Let all states move on to the present time. A tick that causes another one does not recurse."""
    if getattr(_state, "ticking", False):
        return
    _state.ticking = True
    try:
        for function in _TICKS:
            function()
    finally:
        _state.ticking = False


def result_of(answer: Any) -> Any:
    """The mapping or object that moto's answer wraps."""
    return answer.result if isinstance(answer, ActionResult) else answer


def _chained(function: Repair, call: Call, inner: Proceed) -> Proceed:
    def run() -> Any:
        answer = function(call, inner)
        return ActionResult(answer) if isinstance(answer, dict) or answer is None else answer

    return run


def _call_of(response: BaseResponse, operation: str) -> Call:
    if not response.automated_parameter_parsing:
        response.parse_parameters(response.normalized_request)
    # The one dictionary is shared with moto's method, so that a repair can complete what moto will read.
    response.params = dict(response.params or {})
    return Call(
        service=str(response.service_name),
        operation=operation,
        params=response.params,
        account=response.current_account,
        region=response.region,
    )


def _played_fault(call: Call) -> tuple[RawAnswer, bool] | None:
    for function in _FAULTS:
        played = function(call)
        if played is not None:
            return played
    return None


def _answer(response: BaseResponse, original: Callable[[BaseResponse], RawAnswer]) -> RawAnswer:
    operation = response._get_action()
    if not operation or response.service_name not in SERVICES:
        return original(response)
    try:
        return _repaired_answer(response, operation, original)
    except NotImplementedError as error:
        # A client must neither retry this nor get the HTML page that moto's server would send.
        service = str(response.service_name)
        return raw_error(service, 501, "NotImplemented", f"The sandbox lacks {operation}: {error}")
    except Exception as error:  # noqa: BLE001 - a defect of the sandbox must not hang its clients either
        _log.exception("%s:%s failed inside the sandbox", response.service_name, operation)
        service = str(response.service_name)
        return raw_error(service, 500, "InternalFailure", f"Defect of the sandbox: {error!r}")


def _repaired_answer(
    response: BaseResponse, operation: str, original: Callable[[BaseResponse], RawAnswer]
) -> RawAnswer:
    call = _call_of(response, operation)
    run_ticks()
    played = _played_fault(call)
    LEDGER.add(call, played[0][1].get("x-sandbox-fault") if played else None)
    if played and not played[1]:
        return played[0]
    name = camelcase_to_underscores(operation)
    inner: Proceed | None = getattr(response, name, None)
    own = _REPAIRS.get((call.service, operation))
    if inner is not None:
        if own is not None:
            inner = _chained(own, call, inner)
        for function in _EVERY_CALL:
            inner = _chained(function, call, inner)
        # moto looks the method up on the instance, and turns what it raises into the error of the service.
        setattr(response, name, inner)
    answer = original(response)
    if not call.is_read:
        LEDGER.changes += 1
        run_ticks()
    return played[0] if played else answer


def hook() -> None:
    """Put this module between moto's dispatcher and its response methods. Called once by `world.install`."""
    original = BaseResponse.call_action

    def call_action(self: BaseResponse) -> RawAnswer:
        with LOCK:
            return _answer(self, original)

    BaseResponse.call_action = call_action  # type: ignore[method-assign]


def add_missing_operations(response_classes: dict[str, type[BaseResponse]]) -> None:
    """Give moto's response classes a method for each repaired operation that they lack altogether."""
    for service, operation in _REPAIRS:
        cls = response_classes[service]
        name = camelcase_to_underscores(operation)
        if not hasattr(cls, name):
            setattr(cls, name, _unanswered)


def _unanswered(_self: BaseResponse) -> Any:
    raise AwsError("InternalFailure", "the sandbox has no answer of its own to this operation")
