"""The contract of a resource type and the registry of all of them. Never here: a concrete type.

A kind has a read side (every kind) and a write side (those we manage). Methods never sleep, never print, never call
another kind's operations; waiting and retrying live in ``engine/patience.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds.fields import call_name
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing, Snapshot

STACK_TAG = "fargatenet:stack"
KEY_TAG = "fargatenet:key"

Way: TypeAlias = Literal["in place", "handed over", "hurried", "beside", "first", "gone"]
"""How a change comes about. ``in place``: one thing before and after. ``gone``: none after. The others replace it:
``handed over`` leads traffic to the new thing when it is healthy, ``hurried`` as soon as a first part of it is,
``beside`` at once; ``first`` deletes the old thing before the new one is made."""


class Aws(Protocol):
    """The wire as a kind sees it: live AWS, saved responses, or a recorder around either.

    Operations read ``service.operation`` with botocore's names: ``ec2.describe_vpcs``, ``elbv2.describe_rules``,
    ``ecs.describe_tasks``, ``servicediscovery.list_instances``, ``route53.list_resource_record_sets``,
    ``iam.get_role``, ``logs.describe_log_groups``,
    ``application-autoscaling.describe_scalable_targets``, ``ssm.put_parameter``.
    """

    @property
    def region(self) -> str:
        """The Region, ``""`` when a saved snapshot does not tell."""

    @property
    def account(self) -> str:
        """The account id, ``""`` when a saved snapshot does not tell."""

    @property
    def saved(self) -> bool:
        """Whether answers come from a folder: it holds describe responses only, and everything in it is in scope."""

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        """The whole response, every page merged. Raises NotAsked (saved), Denied, NotFound, other AwsErrors.

        Saved responses ignore filters: a kind re-filters what it gets.
        """

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call that changes something. Errors arrive as ours."""


@dataclass(frozen=True)
class Scope:
    """What to look at.

    ``stack`` is ours (None: nobody's); ``vpcs`` limits network kinds (None: with a stack only what carries its tags,
    else the whole region); ``clusters`` and ``services`` limit ECS by name (None: all); ``names`` are exact names to
    look up where AWS has no tag filter, by kind (role names, namespaces, zones, log groups).
    """

    stack: str | None = None
    vpcs: frozenset[str] | None = None
    clusters: frozenset[str] | None = None
    services: frozenset[str] | None = None
    names: Mapping[str, frozenset[str]] | None = None

    def in_vpc(self, vpc: str | None) -> bool:
        """Whether a thing of that VPC is to be looked at."""
        return self.vpcs is None or vpc in self.vpcs

    def keeps(self, vpc: str | None, tags: Mapping[str, str]) -> bool:
        """Whether a thing of that VPC with those tags is to be looked at: all of our VPCs, and all that is ours."""
        ours = self.stack is not None and tags.get(STACK_TAG) == self.stack
        if self.vpcs is None:
            return ours or self.stack is None
        return ours or vpc in self.vpcs


@dataclass(frozen=True)
class Readiness:
    """Whether AWS has finished with a thing: ``ready``, still ``pending``, or ``broken`` for good; with AWS's words."""

    state: str
    reason: str = ""
    usual: float = 0.0


READY = Readiness("ready")


def pending(reason: str, usual: float = 0.0) -> Readiness:
    """Not yet; ``usual`` is the seconds AWS usually needs."""
    return Readiness("pending", reason, usual)


def broken(reason: str) -> Readiness:
    """It will not become ready by waiting."""
    return Readiness("broken", reason)


class Kind:
    """One resource type. Subclasses fill in the word, the props class and the methods they need."""

    name: ClassVar[str]
    props: ClassVar[type]
    immutable: ClassVar[frozenset[str]] = frozenset()
    """Fields AWS cannot change in place: a difference means replace."""
    named_by: ClassVar[str] = ""
    """The field that is also the id, for kinds that AWS knows by name: their id is known before they exist."""
    versioned: ClassVar[bool] = False
    """An update makes the next revision, with a new id (task definitions). Its props then hold ``revision``; the
    highest one of a key is the current one."""
    write_side: ClassVar[bool] = False
    exclusive: ClassVar[frozenset[str]] = frozenset({"name"})
    """Fields that AWS gives to one thing at a time: two things equal in all of them cannot exist side by side, so a
    replacement that keeps them needs the old one gone first."""
    grows_first: ClassVar[bool] = False
    """Whether an update that adds and takes away entries does so in two steps: what is new comes first, what goes is
    taken away when all other changes are done, because running tasks may live on it until then."""
    handover: ClassVar[Literal["", "leads", "serves"]] = ""
    """Its part when traffic passes from a thing to its replacement: it ``leads`` clients to both (a listener), or
    ``serves`` behind both (an ECS service)."""
    entrance: ClassVar[bool] = False
    """Whether clients come by it (a DNS record): it is led elsewhere only when those who serve there are ready."""
    usual: ClassVar[float] = 0.0
    """Seconds AWS usually needs from create to ready (0: not worth counting); the longest chain starts first."""
    settles_with: ClassVar[frozenset[str]] = frozenset()
    """Kinds that :meth:`settled` looks at beside its own (a service waits for its target groups)."""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Everything of this type in scope, ours and the neighbours'. What cannot be read comes as Missing."""
        raise NotImplementedError

    def ready(self, found: Found[Any]) -> Readiness:
        """Whether waiting is over; judged from status alone."""
        return READY

    def settled(self, found: Found[Any], world: Snapshot) -> Readiness:
        """Whether a run may call it done; ``world`` holds its own kind and ``settles_with``, freshly read."""
        return self.ready(found)

    def leads_to(self, props: Any) -> frozenset[str]:
        """The ids of what gets the traffic that comes by this one; told by those who lead."""
        return frozenset()

    def between(self, have: Any, want: Any, heirs: Mapping[str, Id]) -> Any | None:
        """Props between the live and the wished ones that name old things beside their ``heirs`` (new id by old id).

        Nobody loses traffic in that state. None when AWS has no such state.
        """
        return None

    def joined(self, found: Found[Any], world: Snapshot) -> Readiness:
        """Whether a first part of it serves through everything it names, so that traffic can be led there."""
        return self.settled(found, world)

    def remembered(self, have: Any) -> float:
        """Seconds for which clients may still go where an entrance led them before; ``have`` are its old props."""
        return 0.0

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """What running traffic suffers when these ``fields`` change that ``way``, and how long about; none: ``""``.

        What is to be gone has itself for ``want`` and no fields.
        """
        if way == "first":
            return "the old one has to go before the new one can be made; until then there is none"
        return ""

    def lingers(self, have: Found[Any]) -> str:
        """What a thing goes on to do to the tasks of the stack while it is left alone, in words; ``""``: nothing."""
        return ""

    def forbids(self, have: Found[Any], want: Any) -> str:
        """Why AWS cannot bring this thing to the wish in any way, and what to do instead; ``""`` when it can."""
        return ""

    def concede(self, have: Found[Any], want: Any) -> Any:
        """The wish with the live value in every field that someone else rightly moves (a scaled service's count)."""
        return want

    def gone(self, found: Found[Any]) -> bool:
        """Whether AWS still lists a thing that is dead (a deleted NAT gateway, an inactive service)."""
        return False

    def leaving(self, found: Found[Any]) -> bool:
        """Whether AWS is already removing it: it stands for its key no longer, though a removal still waits for it."""
        return self.gone(found)

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """What AWS makes by itself beside this thing, foreseen for a plan (main route table, interfaces of tasks)."""
        return ()

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The live things AWS made by itself beside this live one: what :meth:`implied` foresees, already there."""
        return ()

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it with tags in the create call and bring it into shape; return its id. Safe to repeat after a crash."""
        raise NotImplementedError

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Bring these fields into shape; safe to repeat. Returns the new id when the kind is versioned."""
        raise NotImplementedError

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Remove it; a thing that is not there is a success."""
        raise NotImplementedError


def lacking(kind: str, subject: str, error: Denied | NotAsked) -> Missing:
    """The Missing that says why a call gave no answer; ``subject`` is ``""`` for the whole kind."""
    return Missing(kind, subject, call_name(error.operation), error.what)


REGISTRY: dict[str, Kind] = {}


def load_all() -> dict[str, Kind]:
    """The registry with every resource type in it."""
    package = import_module("fargate_net.kinds")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return REGISTRY


def register(kind: type[Kind]) -> type[Kind]:
    """Class decorator: the one line that makes a resource type known."""
    REGISTRY[kind.name] = kind()
    return kind


def service_in(found: Found[Any]) -> str:
    """The service that a thing of ours belongs to: the first part of the name in its key."""
    return (found.key or found.name).partition("/")[2].partition(".")[0] or found.name


def tags_of(listed: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping, whatever case AWS spells ``Key`` and ``Value`` in."""
    return {tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", "")) for tag in listed or ()}


def found(id: str, props: Any, tags: Mapping[str, str] | None = None, *, name: str = "", **status: Any) -> Found[Any]:
    """A Found with stack and key read from our tags, and the name from the Name tag unless given."""
    tags = tags or {}
    return Found(
        id=id,
        props=props,
        status=status,
        stack=tags.get(STACK_TAG),
        key=tags.get(KEY_TAG),
        name=name or tags.get("Name", ""),
        tags=tags,
    )
