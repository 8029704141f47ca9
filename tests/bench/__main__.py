"""``python -m tests.bench``: every figure. Exit code 1 when one is worse than allowed."""

from __future__ import annotations

import sys

from tests.bench import all_pairs, makespan

if __name__ == "__main__":
    sys.exit(max(makespan.main(), all_pairs.main()))
