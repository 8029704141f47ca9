"""Seven toy kinds that behave like the real ones, each for one trait the engine must handle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound, Refused
from fargate_net.kinds.base import KEY_TAG, READY, STACK_TAG, Aws, Kind, Readiness, Scope, pending
from fargate_net.model.resource import Graph, Id, Ref, Resource, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class Net:
    """Made in two calls: the second sets ``dns``."""

    kind: ClassVar[str] = "toy_net"
    cidr: str
    dns: bool = True


@dataclass(frozen=True)
class Place:
    kind: ClassVar[str] = "toy_place"
    net: Id
    cidr: str
    open: bool = False


@dataclass(frozen=True)
class Gate:
    """Slow to become ready."""

    kind: ClassVar[str] = "toy_gate"
    place: Id
    state: str = observed(default="ready")


@dataclass(frozen=True)
class Line:
    """An entry that others may add beside ours."""

    to: Id
    via: Id
    ours: bool = observed(default=True)

    def __str__(self) -> str:
        return f"{self.to} via {self.via}"


@dataclass(frozen=True)
class Table:
    kind: ClassVar[str] = "toy_table"
    net: Id
    lines: frozenset[Line] = frozenset()


@dataclass(frozen=True)
class Face:
    """Its name is unique; AWS tells its DNS name."""

    kind: ClassVar[str] = "toy_face"
    name: str
    places: frozenset[Id]
    scheme: str = "public"


@dataclass(frozen=True)
class Recipe:
    kind: ClassVar[str] = "toy_recipe"
    text: str
    revision: int = observed(default=0)


@dataclass(frozen=True)
class Crew:
    kind: ClassVar[str] = "toy_crew"
    name: str
    recipe: Id
    places: frozenset[Id]
    url: Id = ""


@dataclass(frozen=True)
class Worker:
    kind: ClassVar[str] = "toy_worker"
    crew: Id
    place: Id
    recipe: Id


class Toy(Kind):
    """Reads and writes any toy."""

    write_side = True
    late_tags: ClassVar[bool] = False
    """The mutant: tags after the create call."""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        for thing in aws.read(f"toy.describe_{self.name}", kind=self.name)["things"]:
            props = thing.props
            now = aws.clock.now()  # type: ignore[attr-defined]
            status = {"state": "ready" if thing.ready_at <= now else "pending"}
            if self.name == "toy_face":
                status["dns_name"] = f"{thing.id}.toy"
            if self.name == "toy_recipe":
                props = Recipe(props.text, thing.revision)
            yield Found(
                thing.id,
                props,
                status,
                thing.tags.get(STACK_TAG),
                thing.tags.get(KEY_TAG),
                getattr(props, "name", ""),
                thing.tags,
            )

    def ready(self, found: Found[Any]) -> Readiness:
        return READY if found.status.get("state") == "ready" else pending("the toy cloud is at it", self.usual)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        first = Net(props.cidr, dns=False) if isinstance(props, Net) else props
        first = Table(props.net) if isinstance(props, Table) else first
        born = {} if self.late_tags else tags
        try:
            new = str(aws.write(f"toy.create_{self.name}", kind=self.name, props=first, tags=born)["id"])
        except AlreadyExists as error:
            named = [f for f in self.scan(aws, Scope()) if getattr(f.props, "name", "") == props.name]  # type: ignore[union-attr]
            if not named:
                raise
            for found in named:
                if found.tags.get(KEY_TAG) == key:  # type: ignore[union-attr]
                    return found.id  # type: ignore[union-attr]
            raise Refused(f"{props.name} exists but is not ours") from error
        if self.late_tags:
            aws.write(f"toy.tag_{self.name}", id=new, tags=tags)
        if first != props:
            # The second call of a table is called a creation as well, as CreateRoute is.
            verb = "create_line_of" if isinstance(props, Table) else "shape"
            aws.write(f"toy.{verb}_{self.name}", id=new, props=props)
        return new

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        if self.versioned:
            return str(aws.write(f"toy.create_{self.name}", kind=self.name, props=want, tags=have.tags)["id"])
        aws.write(f"toy.shape_{self.name}", id=have.id, props=want)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        try:
            aws.write(f"toy.delete_{self.name}", id=have.id)
        except NotFound:
            return


class Nets(Toy):
    name, props, immutable = "toy_net", Net, frozenset({"cidr"})


class Places(Toy):
    name, props, immutable = "toy_place", Place, frozenset({"net", "cidr"})
    exclusive = frozenset({"net", "cidr"})


class Gates(Toy):
    name, props, immutable, usual = "toy_gate", Gate, frozenset({"place"}), 115.0


class Tables(Toy):
    name, props = "toy_table", Table


class Faces(Toy):
    name, props, immutable, usual = "toy_face", Face, frozenset({"name", "scheme"}), 176.0


class Recipes(Toy):
    name, props, versioned = "toy_recipe", Recipe, True

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        for found in list(self.scan(aws, Scope())):
            if isinstance(found, Found) and found.key == have.key:
                super().delete(aws, found)


class Crews(Toy):
    name, props, immutable, usual = "toy_crew", Crew, frozenset({"name"}), 60.0

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        for place in sorted(map(str, found.props.places)):
            worker = Worker(found.id, place, found.props.recipe)
            yield Found(f"planned:toy_worker/{found.key}/{place}", worker, {"state": "ready"}, planned=True)

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        return [item for item in world.kind("toy_worker").values() if item.props.crew == found.id]


class Workers(Toy):
    name, props, write_side = "toy_worker", Worker, False


TOYS: tuple[type[Toy], ...] = (Nets, Places, Gates, Tables, Faces, Recipes, Crews, Workers)


def article(**changes: Any) -> Graph:
    """A small stack of every toy kind. ``changes`` replace single facts of it."""
    cidr = changes.get("cidr", "10.0.0.0/16")
    face = changes.get("face", "front")
    resources = [
        Resource("toy_net", "main", Net(cidr)),
        Resource("toy_place", "a", Place(Ref("toy_net/main"), "10.0.0.0/24", open=changes.get("open", False))),
        Resource("toy_place", "b", Place(Ref("toy_net/main"), "10.0.1.0/24")),
        Resource("toy_gate", "out", Gate(Ref(changes.get("gate_in", "toy_place/a")))),
        Resource(
            "toy_table",
            "main",
            Table(Ref("toy_net/main"), frozenset({Line(changes.get("to", "0/0"), Ref("toy_gate/out"))})),
        ),
        Resource(
            "toy_face",
            "front",
            Face(face, frozenset({Ref("toy_place/a"), Ref("toy_place/b")}), changes.get("scheme", "public")),
        ),
        Resource("toy_recipe", "web", Recipe(changes.get("text", "nginx"))),
        Resource(
            "toy_crew",
            "web",
            Crew(
                "web",
                Ref("toy_recipe/web"),
                frozenset({Ref("toy_place/a"), Ref("toy_place/b")}),
                Ref("toy_face/front", "dns_name"),
            ),
            after=("toy_table/main",),
        ),
    ]
    return Graph([r for r in resources if r.key not in changes.get("without", ())])
