"""An IAM role that ECS assumes: to start tasks, or for the application inside them. Never here: what it is used for.

Ours live under the path ``/fargatenet/STACK/``: IAM finds roles by path in one call, and by tag not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import unquote

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.asking import listed, refuse_foreign
from fargate_net.kinds.base import STACK_TAG, Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item, items
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class Role:
    """``policies`` are managed policy ARNs; ``inline`` pairs (name, canonical JSON). Its id is the ARN.

    ``boundary`` is the ARN of the permissions boundary, ``""`` for none.
    """

    kind: ClassVar[str] = "role"
    name: str
    trust: str
    policies: frozenset[str] = frozenset()
    inline: tuple[tuple[str, Id], ...] = ()
    boundary: str = ""

    def __post_init__(self) -> None:
        """Policies in one spelling: keys sorted, no spaces."""
        object.__setattr__(self, "trust", canonical_policy(self.trust))
        inline = ((name, canonical_policy(text) if isinstance(text, str) else text) for name, text in self.inline)
        object.__setattr__(self, "inline", tuple(sorted(inline, key=lambda pair: pair[0])))


def canonical_policy(text: str) -> str:
    """A policy document in one spelling; IAM answers them URL-encoded (API reference, GetRole).

    Text that is not JSON (a name that is not known yet) stays as it is.
    """
    try:
        return json.dumps(
            json.loads(unquote(text) if text.startswith("%7B") else text), sort_keys=True, separators=(",", ":")
        )
    except ValueError:
        return text


@register
class RoleKind(Kind):
    """The roles named in the scope and those of the stack; without either none is asked for."""

    name = "role"
    props = Role
    immutable = frozenset({"name"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One list by path, then each role with its policies, which IAM answers one by one."""
        names = set((scope.names or {}).get(self.name, ()))
        if scope.stack is not None:
            answer = aws.read("iam.list_roles", PathPrefix=_path(scope.stack))
            names |= {
                item.text("RoleName")
                for item in items(answer, "Roles", "RoleName")
                if item.text("Path", "").startswith(_path(scope.stack))
            }
        for name in sorted(names):
            if (role := _by_name(aws, name)) is not None:
                yield role

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """The name is unique in the account, which makes a repeat safe. A fresh role is not usable at once."""
        params: dict[str, Any] = {"PermissionsBoundary": props.boundary} if props.boundary else {}
        with suppress(AlreadyExists):
            aws.write(
                "iam.create_role",
                RoleName=props.name,
                Path=_path(tags[STACK_TAG]),
                AssumeRolePolicyDocument=props.trust,
                Tags=listed(tags),
                **params,
            )
        role = _by_name(aws, props.name)
        if role is None:
            role = found("", replace(props, policies=frozenset(), inline=()), tags)
        refuse_foreign(f"An IAM role named {props.name}", role.tags, tags)
        self.update(aws, role, props, frozenset({"trust", "policies", "inline", "boundary"}))
        return role.id or _arn(aws, props.name)

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Add what is new before taking away what is old, so that running tasks never lack a permission."""
        live: Role = have.props
        if "trust" in fields and live.trust != want.trust:
            aws.write("iam.update_assume_role_policy", RoleName=want.name, PolicyDocument=want.trust)
        if "inline" in fields:
            for name, text in sorted(set(want.inline) - set(live.inline)):
                aws.write("iam.put_role_policy", RoleName=want.name, PolicyName=name, PolicyDocument=text)
            for name in sorted(dict(live.inline).keys() - dict(want.inline).keys()):
                with suppress(NotFound):
                    aws.write("iam.delete_role_policy", RoleName=want.name, PolicyName=name)
        if "policies" in fields:
            for arn in sorted(want.policies - live.policies):
                aws.write("iam.attach_role_policy", RoleName=want.name, PolicyArn=arn)
            for arn in sorted(live.policies - want.policies):
                with suppress(NotFound):
                    aws.write("iam.detach_role_policy", RoleName=want.name, PolicyArn=arn)
        if "boundary" in fields and live.boundary != want.boundary:
            if want.boundary:
                params = {"RoleName": want.name, "PermissionsBoundary": want.boundary}
                aws.write("iam.put_role_permissions_boundary", **params)
            else:
                with suppress(NotFound):
                    aws.write("iam.delete_role_permissions_boundary", RoleName=want.name)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Policies first: DeleteRole refuses while any is left. Read anew, since others may have added some."""
        role = _by_name(aws, have.props.name)
        if role is None:
            return
        try:
            bare = replace(role.props, policies=frozenset(), inline=())
            self.update(aws, role, bare, frozenset({"policies", "inline"}))
            aws.write("iam.delete_role", RoleName=role.props.name)
        except NotFound:
            return


def _path(stack: str) -> str:
    return f"/fargatenet/{stack}/"


def _by_name(aws: Aws, name: str) -> Found[Role] | None:
    """The role with its policies, None when there is none of that name."""
    try:
        item = Item(aws.read("iam.get_role", RoleName=name), "the response").within("Role")
        attached = aws.read("iam.list_attached_role_policies", RoleName=name)
        inline = tuple(_inline(aws, name))
    except NotFound:
        return None
    props = Role(
        name=item.text("RoleName"),
        trust=_document(item.raw.get("AssumeRolePolicyDocument", "")),
        policies=frozenset(policy.text("PolicyArn") for policy in items(attached, "AttachedPolicies")),
        inline=inline,
        boundary=item.within("PermissionsBoundary").text("PermissionsBoundaryArn", ""),
    )
    return found(item.text("Arn"), props, item.tags(), name=props.name, arn=item.text("Arn"))


def _arn(aws: Aws, name: str) -> str:
    return Item(aws.read("iam.get_role", RoleName=name), "the response").within("Role").text("Arn")


def _inline(aws: Aws, name: str) -> Iterator[tuple[str, str]]:
    for policy in aws.read("iam.list_role_policies", RoleName=name).get("PolicyNames", ()):
        answer = aws.read("iam.get_role_policy", RoleName=name, PolicyName=policy)
        yield policy, _document(answer.get("PolicyDocument", ""))


def _document(value: Any) -> str:
    """A policy as text, whether the wire decoded it already (botocore does) or not."""
    return value if isinstance(value, str) else json.dumps(value)
