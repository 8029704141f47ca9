"""``python -m tests.bench.all_pairs``: how long all pairs take, and the same by following every pair of interfaces.

Each size runs in a process of its own, so that its memory is its own. Times are processor time, the best of three runs:
the engine uses one core, and other work on the machine does not count.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice, permutations
from pathlib import Path

from fargate_net.reach.classes import PROTOCOLS, matrix
from fargate_net.reach.network import Network
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import Point
from tests.bench.networks import account, folder

SIZES = ((200, 4, 1), (1_000, 12, 1), (10_000, 12, 1), (10_000, 40, 10), (100_000, 12, 4), (100_000, 100, 4))
"""Interfaces, services in each VPC, VPCs."""

SAVED = 200
"""Interfaces of the snapshot that the command line is asked about."""

FOLLOWED = 3_000
"""Pairs that the naive way follows at most; the time of all pairs is worked out from these."""


def timed(work: Callable[[], object], runs: int = 3) -> float:
    """Seconds of processor time, the best of some runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def one(interfaces: int, services: int, vpcs: int) -> dict[str, float]:
    """Figures of one size."""
    snapshot = account(interfaces, services, vpcs)
    made = matrix(Network(snapshot))
    spent = timed(lambda: matrix(Network(snapshot)), 3 if interfaces <= 10_000 else 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    naive, followed = pair_by_pair(Network(snapshot))
    every = interfaces * (interfaces - 1)
    return {
        "classes": len(made.classes),
        "cells": len(made.cells),
        "seconds": spent,
        "megabytes": peak,
        "naive": naive / followed * every,
        "sampled": followed < every,
    }


def pair_by_pair(network: Network) -> tuple[float, int]:
    """Seconds to follow pairs of interfaces one by one for each protocol, and how many pairs that were."""
    nics = [nic for nic in network.nics.values() if nic.type == "interface"]
    step = max(1, len(nics) // 60)
    pairs = list(islice(permutations(nics[::step], 2), FOLLOWED))

    def follow() -> None:
        for source, target in pairs:
            for protocol in PROTOCOLS:
                flow(network, Point(4, source.v4[0], source), Point(4, target.v4[0], target), protocol)

    return timed(follow, 1), len(pairs)


def cold() -> float:
    """Seconds of processor time of one question at the command line, about a saved snapshot."""
    with tempfile.TemporaryDirectory() as place:
        saved = folder(SAVED, Path(place, "saved"))
        line = ["-m", "fargate_net", "reach-check", "--snapshot", str(saved), "--from", "eni-0", "--to", "eni-1:80"]
        compiled = os.environ | {"PYTHONPYCACHEPREFIX": place, "PYTHONDONTWRITEBYTECODE": ""}
        best = float("inf")
        for _ in range(4):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *line], check=True, capture_output=True, env=compiled)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return best


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; with three numbers, the figures of that size as JSON."""
    if arguments:
        interfaces, services, vpcs = map(int, arguments)
        _say(json.dumps(one(interfaces, services, vpcs)))
        return 0
    _say("| interfaces | VPCs | classes | open pairs of classes | all pairs | memory | pair by pair | ratio |")
    _say("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in SIZES:
        line = [sys.executable, "-m", "tests.bench.all_pairs", *map(str, size)]
        made = json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)
        naive = f"{'about ' if made['sampled'] else ''}{made['naive']:,.0f} s"
        _say(
            f"| {size[0]:,} | {size[2]} | {made['classes']:,} | {made['cells']:,} | {made['seconds']:.2f} s "
            f"| {made['megabytes']:.0f} MB | {naive} | {made['naive'] / made['seconds']:,.0f} |"
        )
    _say(f"one question from the command line, {SAVED} saved interfaces: {cold():.2f} s")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
