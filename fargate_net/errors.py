"""Every failure a user can meet, as one family; the door turns it into a sentence and an exit code.

    FargateNetError            what, why, hint, exit code
    ├── SpecError              the wish cannot be read or contradicts itself          exit 2
    ├── UsageError             an option, endpoint or folder is not what it should be exit 2
    ├── Refused                not ours, two claimants, locked                        exit 4
    ├── OperationFailed        AWS or the network said no                             exit 1
    │   └── AwsError           one AWS call failed; knows operation, code, request id
    │       ├── NotFound       the thing is not there (or not visible yet)
    │       ├── AlreadyExists  the name is taken
    │       ├── InUse          something still depends on it
    │       ├── Denied         the caller may not
    │       ├── LimitReached   a quota is full
    │       ├── Throttled      too many calls, after all retries
    │       └── NotReady       AWS asks to try again soon
    └── NotAsked               a saved snapshot does not hold the answer of this call

Never here: colour, click, botocore types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FargateNetError(Exception):
    """Something a person can act on: ``what`` happened, ``why``, and a ``hint`` that ends in something to do."""

    exit_code = 1

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.hint) if part)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a file: where, what was found, the rule, and the way out.

    ``file`` is the path as the user gave it; ``line`` and ``column`` count from 1 (0: the whole file);
    ``path`` is the place in the document, as in ``services.web.containers[0].ports[1]``.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = f"{place}: {self.path}: " if self.path else f"{place}: "
        return head + self.message + (f" {self.hint}" if self.hint else "")


class SpecError(FargateNetError):
    """The spec has problems: all of them at once, in file order."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the spec.")

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(FargateNetError):
    """What was typed cannot be understood: an endpoint, an option, a folder."""

    exit_code = 2


class Refused(FargateNetError):
    """We could, but must not: it is not ours, two things claim one name, or someone else is at work."""

    exit_code = 4


class OperationFailed(FargateNetError):
    """An operation did not succeed."""


class AwsError(OperationFailed):
    """One AWS call failed. ``operation`` reads ``ec2.create_vpc``; ``code`` is AWS's own error code."""

    def __init__(self, what: str, *, operation: str, code: str, request_id: str = "", hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.operation = operation
        self.code = code
        self.request_id = request_id


class NotFound(AwsError):
    """The resource is not there, or not visible yet."""


class AlreadyExists(AwsError):
    """The name, rule or association is taken."""


class InUse(AwsError):
    """Something still depends on the resource (DependencyViolation, ResourceInUse)."""


class Denied(AwsError):
    """The credentials lack the permission."""


class LimitReached(AwsError):
    """A quota of the account is full."""


class Throttled(AwsError):
    """AWS still refuses for too many calls after every retry."""


class NotReady(AwsError):
    """AWS asks to try again soon: a role not usable yet, a name still draining, a service-linked role missing."""


class NotAsked(FargateNetError):
    """A saved snapshot does not hold the response of this call: the fact is unknown, neither there nor absent."""

    exit_code = 1

    def __init__(self, operation: str, subject: str = "", why: str = "") -> None:
        about = f" for {subject}" if subject else ""
        super().__init__(why or f"The snapshot does not hold the response of {operation}{about}.")
        self.operation = operation
        self.subject = subject
