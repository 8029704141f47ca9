"""``python -m fargate_net`` is the command ``fargatenet``. Never here: logic."""

from __future__ import annotations

import sys

from fargate_net.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
