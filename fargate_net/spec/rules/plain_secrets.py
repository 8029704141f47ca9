"""Secrets that stand in the file as plain text, and references to secrets that are kept elsewhere.

A value that looks like a secret is never repeated in a message.
Sources: ECS Developer Guide, Pass sensitive data to an ECS container.
Never here: reads of secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault
from fargate_net.spec.patterns import arn_region

_NAMES = re.compile(
    r"(?:^|[_\-.])(?:passwd|password|passphrase|pwd|secret|token|api_?key|private_?key|access_?key|secret_?key|"
    r"encryption_?key|signing_?key|auth_?key|master_?key|license_?key|key|credentials?)(?:$|[_\-.])",
    re.IGNORECASE,
)
_HARMLESS_NAMES = re.compile(
    r"(?:_|-|\.)(?:file|path|dir|url|uri|arn|id|name|ttl|expiry|expires?|lifetime|length|size|header|algorithm|alg|"
    r"issuer|audience|prefix|enabled|type|region|host|endpoint|env|ref|version|timeout|days|hours|minutes|seconds)$",
    re.IGNORECASE,
)
_HARMLESS_VALUES = re.compile(r"^(?:true|false|[0-9]{1,5}|none|null|disabled|enabled|\$\{?\w+\}?)?$", re.IGNORECASE)
_VALUES = (
    (re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"), "an AWS access key"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"), "a private key"),
    (re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@]{0,200}:[^\s/@]{1,200}@"), "a URL with a password"),
    (
        re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30}|github_pat_|glpat-|xox[abprs]-|sk_live_)"),
        "an access token",
    ),
)
_PARAMETER = re.compile(r"^[A-Za-z0-9_.-]{1,512}$|^/[A-Za-z0-9_.\-/]{1,1010}$")
_ACROSS = r"secret:[^:]+(?::[^:]*:[^:]*:[^:]*)?$"


def plain_text(draft: Draft) -> Iterator[Fault]:
    """Whoever may describe a task definition reads its environment variables: no place for secrets."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            for name, value in item.environment.items():
                what = suspicion(name, value)
                if what and name not in item.plain_environment:
                    hint = (
                        f"Keep it in Secrets Manager or Parameter Store and write `secrets: {{{name}: <ARN>}}`; if it "
                        f"is no secret, `plain_environment: [{name}]`."
                    )
                    where = (*path, "containers", index, "environment", name)
                    yield Fault(where, f"The value of {name} looks like {what} in plain text.", hint, "key")


def opt_outs(draft: Draft) -> Iterator[Fault]:
    """An opt-out for a variable that is not there is a leftover, or a slip of the pen."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            here = (*path, "containers", index)
            for number, name in enumerate(item.plain_environment):
                if name not in item.environment and draft.sound(*here, "environment"):
                    message = f"`environment` has no variable {name[:60]}."
                    yield Fault((*here, "plain_environment", number), message, "Remove it here.")


def variables(draft: Draft) -> Iterator[Fault]:
    """Names of variables; and each variable from one source only."""
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            here = (*path, "containers", index)
            for section, names in (("environment", item.environment), ("secrets", item.secrets)):
                for name in names:
                    if not name or re.search(r"[=\s]", name):
                        message = f'"{name[:40]}" is not a name for an environment variable.'
                        yield Fault((*here, section, name), message, "Use letters, digits and underscores.", "key")
            for name in item.secrets:
                if name in item.environment:
                    message = f"{name} is given under `environment` and under `secrets`."
                    yield Fault((*here, "secrets", name), message, "Keep one.", "key")


def secret_sources(draft: Draft) -> Iterator[Fault]:
    """A secret is named by ARN, or by name when it is a parameter of the same region."""
    region = draft.stack.region
    for _, service, path in draft.services():
        for index, item in enumerate(service.containers):
            here = (*path, "containers", index)
            for name, source in item.secrets.items():
                where = (*here, "secrets", name)
                if not source.startswith("arn:"):
                    if not _PARAMETER.match(source) or suspicion("", source):
                        yield Fault(
                            where, f"The source of {name} is neither an ARN nor the name of a parameter.", _WAYS
                        )
                    continue
                secret = arn_region(source, "secretsmanager", _ACROSS)
                parameter = arn_region(source, "ssm", r"parameter/.+$")
                if secret is None and parameter is None:
                    message = f"The source of {name} is an ARN of something else."
                    yield Fault(where, message, _WAYS)
                elif region and parameter is not None and parameter != region:
                    message = f"The parameter of {name} is in {parameter}, but the stack is in {region}."
                    yield Fault(where, message, "ECS reads parameters of its own region.")
            credentials = item.registry_credentials
            if credentials is not None and arn_region(credentials, "secretsmanager", r"secret:[^:]+$") is None:
                message = "This is not the ARN of a secret in Secrets Manager."
                yield Fault((*here, "registry_credentials"), message, "Registry credentials are kept there.")


def suspicion(name: str, value: str) -> str:
    """What a value looks like, or an empty string."""
    for pattern, what in _VALUES:
        if pattern.search(value):
            return what
    if _HARMLESS_VALUES.match(value) or value.startswith(("arn:", "/")):
        return ""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name[:300])
    if _NAMES.search(snake) and not _HARMLESS_NAMES.search(snake) and "public" not in snake.casefold():
        return "a secret"
    return ""


_WAYS = "Write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, arn:aws:ssm:REGION:ACCOUNT:parameter/NAME or /NAME."

RULES = (plain_text, opt_outs, variables, secret_sources)
