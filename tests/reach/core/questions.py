"""A typical small network for questions: public and private subnets in two zones, a service behind an ALB."""

from __future__ import annotations

from fargate_net.model.verdict import Answer
from fargate_net.reach.ask import ask, question
from tests.reach.world import ALL, World, allow


def shop() -> World:
    """``web`` (eni-w0, eni-w1; port 80) in private subnets behind the ALB ``front`` (80); ``api`` (eni-api; 8080)."""
    world = World()
    world.vpc()
    for zone, number in (("a", 1), ("b", 2)):
        world.subnet(f"public-{zone}", f"10.0.{number}.0/24", zone)
        world.subnet(f"private-{zone}", f"10.0.1{number}.0/24", zone)
    world.table("rtb-public", subnets=frozenset({"public-a", "public-b"}))
    world.table("rtb-private", subnets=frozenset({"private-a", "private-b"}))
    world.igw(tables=["rtb-public"])
    world.sg("sg-alb", ingress=[allow("tcp 80", ALL)])
    world.sg("sg-web", ingress=[allow("tcp 80", "sg-alb")])
    world.sg("sg-api", ingress=[allow("tcp 8080", "sg-web")])
    world.eni("eni-w0", "private-a", "sg-web")
    world.eni("eni-w1", "private-b", "sg-web")
    world.eni("eni-api", "private-a", "sg-api")
    lb = world.lb("front", "application", ["public-a", "public-b"], "sg-alb")
    group = world.target_group("web", 80, "eni-w0", "eni-w1")
    world.listener(lb, 80, group)
    world.service("web", ["eni-w0", "eni-w1"], {"nginx": (80,), "php-fpm": (9000,)}, targets=[(group, "nginx", 80)])
    world.service("api", ["eni-api"], {"api": (8080,)})
    return world


def answer(world: World, source: str, target: str, via: str | None = None) -> Answer:
    return ask(world.network(), question(source, target, via=via))


def codes(held: Answer) -> list[str]:
    """The blockers' codes in path order; those of the reply carry a ``<``."""
    return [("<" if b.direction == "return" else "") + b.code for b in held.blockers]
