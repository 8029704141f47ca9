"""One question, one answer: every way from here to there, the best of them, and why the others are closed.

Never here: how packets are judged, how balancers choose targets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fargate_net.errors import UsageError
from fargate_net.model.verdict import Answer, Blocker, Disposition, Question
from fargate_net.reach import balancing, endpoints, names, service_fixes, service_names, services
from fargate_net.reach.endpoints import Endpoint
from fargate_net.reach.intervals import ALL_PORTS, Intervals, texts
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Asked, End, Holder, Spread, speaks
from fargate_net.reach.verdicts import Outcome, answer, blocked, combine, merge, unknown


def question(source: str, target: str, *, via: str | None = None, expect: str | None = None) -> Question:
    """A question from what people type. Raises UsageError for what cannot be understood."""
    start = source.strip()
    if not start:
        raise UsageError("The source is empty.", hint="Write a service, an address, internet, or eni-….")
    if start.startswith("[") and start.endswith("]"):
        start = start[1:-1]
    to, ports, protocol = endpoints.parse_target(target)
    wished: Disposition | None = None
    if expect is not None:
        if expect not in list(Disposition):
            raise UsageError(f"{expect!r} is no verdict.", hint=f"Expect one of {', '.join(Disposition)}.")
        wished = Disposition(expect)
    return Question(start, to, protocol, ports, via and via.removeprefix("lb/"), wished)


def ask(network: Network, question: Question) -> Answer:
    """The verdict on a question, with every blocker of the best path.

    Raises UsageError when an endpoint does not exist and the snapshot would know it if it did.
    """
    question = service_names.spoken(network, question)
    source = _source(network, question.source)
    vpc = source.vpcs[0] if source.vpcs else ""
    target, advice = _target(network, question.target, vpc)
    assumed = [*source.assumptions, *target.assumptions]
    balancing.check_via(network, question.via)
    if source.missing:
        return answer(question, unknown(*source.missing), assumed)
    if source.closed:
        return answer(question, blocked(*source.closed), assumed)
    if target.missing and not target.ends:
        return answer(question, unknown(*target.missing), assumed)
    if target.closed and not target.ends:
        closed = [service_fixes.cured(network, source, question.target, blocker) for blocker in target.closed]
        return answer(question, blocked(*closed), assumed)
    outcomes = []
    ports = _ports(question, target)
    protocols = _protocols(question, target)
    if len(protocols) == 1:
        question = replace(question, protocol=protocols[0], ports=ports)
    for protocol in protocols:
        asked: Asked = (Intervals([ports]), False) if ports and protocol != "icmp" else (ALL_PORTS, True)
        ways = [outcome for outcome in _ways(network, question, source, target, protocol, asked) if outcome]
        if ways:
            outcomes.append(min(ways, key=lambda outcome: outcome.rank))
    if not outcomes:
        outcomes.append(_no_common_family(question))
    outcome = _advised(_qualified(merge(outcomes), target), advice)
    cured = [service_fixes.cured(network, source, question.target, blocker) for blocker in outcome.blockers]
    outcome = replace(outcome, blockers=tuple(cured))
    return answer(question, outcome, (*assumed, *_listening(target, ports, outcome)))


def _source(network: Network, text: str) -> Endpoint:
    found = endpoints.resolve(network, text)
    if found is None and text.startswith("aws:"):
        raise UsageError(f"{text} cannot be a source.", hint="AWS services open no connections into a VPC.")
    found = found or names.resolve(network, text, "") or endpoints.nothing(network, text)
    if found.balancer is not None:
        nodes = balancing.nodes(network, found.balancer)
        return Endpoint(text, "balancer", tuple(Holder(nic, nic.id) for nic in nodes))
    return found


def _target(network: Network, text: str, vpc: str) -> tuple[Endpoint, Blocker | None]:
    if text.startswith("aws:"):
        service = services.resolve(network, text, vpc)
        return service.endpoint, service.advice
    found = endpoints.resolve(network, text, vpc)
    if found is not None and (node := balancing.of_node(network, found)) is not None:
        return node, None
    return found or names.resolve(network, text, vpc) or endpoints.nothing(network, text), None


def _ports(question: Question, target: Endpoint) -> tuple[int, int] | None:
    """The asked ports; those of an AWS service are 443 unless said otherwise."""
    if question.ports is None and target.kind == "aws" and question.protocol in (None, "tcp"):
        return 443, 443
    return question.ports


def _protocols(question: Question, target: Endpoint) -> tuple[str, ...]:
    """The asked protocol; with a port alone tcp, or udp when that is what the containers declare for it."""
    if question.protocol is not None:
        return (question.protocol,)
    if target.kind == "aws":
        return ("tcp",)
    if question.ports is None:
        return ("tcp", "udp", "icmp")
    declared = {
        mapping.protocol
        for container in target.containers
        for mapping in container.ports
        if mapping.port <= question.ports[0] <= (mapping.to_port or mapping.port)
    }
    return ("udp",) if declared == {"udp"} else ("tcp",)


def _ways(
    network: Network, question: Question, source: Endpoint, target: Endpoint, protocol: str, asked: Asked
) -> Iterable[Outcome | None]:
    """Every way there is for one protocol: direct in each family, and through each balancer."""
    through = False
    for family in (4, 6):
        if target.balancer is not None:
            yield balancing.to_listener(network, source, target.balancer, protocol, family, asked)
            continue
        if question.via in (None, "direct"):
            yield _direct(network, source, target, protocol, family, asked)
        balanced = target.is_task or question.via is not None
        if question.via != "direct" and balanced and target.nics and protocol != "icmp":
            for outcome in balancing.through(network, source, target, protocol, family, asked, question.via):
                through = True
                yield outcome
    if question.via not in (None, "direct") and target.balancer is None and not through:
        yield balancing.no_balancer(question.via, question.target)


def _direct(
    network: Network, source: Endpoint, target: Endpoint, protocol: str, family: int, asked: Asked
) -> Outcome | None:
    spread, other = (Spread(network, protocol, held, asked) for held in (family, 10 - family))
    pairs = [pair for one in source.ends for pair in spread.pairs([one], _others(one, source, target))]
    if pairs:  # who has no address of this family is reached by the other one, or not at all
        rest = ((one, end) for one in source.ends for end in _others(one, source, target))
        mixed = [(one, end) for one, end in rest if not (speaks(one, family) and speaks(end, family))]
        pairs += [pair for one, end in mixed for pair in other.pairs([one], [end])]
    private = combine(pairs, order=family)
    if family == 6 or private is None or private.verdict is not Disposition.BLOCKED:
        return private
    elsewhere = [
        Holder(end.nic, end.label, public=True)
        for end in target.ends
        if isinstance(end, Holder)
        and not end.public
        and end.address is None
        and end.nic.public
        and end.nic.vpc not in source.vpcs
    ]
    if not elsewhere or not source.vpcs or len(elsewhere) < len(target.ends):
        return private
    public = combine(spread.pairs(source.ends, elsewhere), order=family + 1)
    return min((way for way in (private, public) if way), key=lambda way: way.rank)


def _others(one: End, source: Endpoint, target: Endpoint) -> list[End]:
    """Whom one source end is to reach: a container its own task, a service asked about itself the other tasks."""
    if not isinstance(one, Holder):
        return list(target.ends)
    if source.container and target.container and one.nic.id in target.nics and not _addressed(target):
        return [end for end in target.ends if isinstance(end, Holder) and end.nic is one.nic]
    others = [end for end in target.ends if not (isinstance(end, Holder) and end.nic is one.nic and not end.public)]
    return others or (list(target.ends) if len(source.ends) == 1 else [])


def _addressed(target: Endpoint) -> bool:
    return target.kind not in ("service", "task")


def _no_common_family(question: Question) -> Outcome:
    detail = f"{question.source} and {question.target} have no address family in common"
    fix = f"Give {question.target} an address of the family {question.source} uses."
    return blocked(Blocker("UNASSOCIATED_COMPONENT", "forward", question.target, "", detail, fix))


def _qualified(outcome: Outcome, target: Endpoint) -> Outcome:
    """What the name or the endpoint itself says on top of the packets: closed for certain, or a missing fact."""
    if target.closed:
        blockers = (*target.closed, *outcome.blockers)
        return replace(outcome, verdict=Disposition.BLOCKED, open=(), blockers=blockers, missing=())
    if target.missing:
        return replace(outcome, verdict=Disposition.UNKNOWN, open=(), missing=(*target.missing, *outcome.missing))
    return outcome


def _advised(outcome: Outcome, advice: Blocker | None) -> Outcome:
    """An AWS service with no way out, or none for some tasks: the missing endpoint is the first thing to say."""
    if advice is None or outcome.verdict not in (Disposition.BLOCKED, Disposition.PARTIAL):
        return outcome
    without = [blocker.component for blocker in outcome.blockers if blocker.code in services.NO_WAY_OUT]
    if not without:
        return outcome
    if any(blocker.component == advice.component for blocker in outcome.blockers):
        return outcome  # the endpoint is on the way and broken itself
    taken = [hop.component for path in outcome.paths for hop in path.forward if hop.kind == "route_table"]
    tables = [one for one in without if one.startswith("rtb-")] or taken
    if tables:
        advice = replace(advice, fix=advice.fix.replace(services.SENDERS_TABLE, tables[0]))
    return replace(outcome, blockers=(advice, *outcome.blockers))


def _listening(target: Endpoint, ports: tuple[int, int] | None, outcome: Outcome) -> list[str]:
    """What must hold inside the tasks for an open path to be of use."""
    if not target.is_task or outcome.verdict in (Disposition.BLOCKED, Disposition.UNKNOWN):
        return []
    loopback = any(hop.kind == "loopback" for path in outcome.paths for hop in path.forward)
    said = ["the process listens on 127.0.0.1 or 0.0.0.0" if loopback else "the process listens on 0.0.0.0"]
    if ports is None or not target.containers:
        return said
    declared = Intervals(
        [(mapping.port, mapping.to_port or mapping.port) for c in target.containers for mapping in c.ports]
    )
    undeclared = Intervals([ports]) - declared
    if undeclared:
        names = target.container or "container"
        who = f"container {names} declares" if target.container else "no container declares"
        word = "port" if undeclared.size == 1 else "ports"
        text = f"{who} {'no ' if target.container else ''}{word} {', '.join(texts(undeclared))}"
        said.append(f"{text}; the process must listen there all the same")
    return said
