"""What can go wrong when the sandbox is started or asked for something.

Never here: errors that AWS would answer; those are `calls.AwsError`.
"""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox cannot do what was asked. `what` says it in one line, `hint` says what to do next."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what}. {hint}")
        self.what = what
        self.hint = hint


class SandboxNotInstalledError(SandboxError):
    """The packages of the optional extra `sandbox` are missing."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"the sandbox needs the package '{package}', which is not installed",
            "Install it: pip install 'fargatenet[sandbox]'",
        )
