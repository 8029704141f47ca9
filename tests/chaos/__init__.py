"""Crashes at every write, faults, two writers: what a run must survive. Run it whole with ``python -m tests.chaos``."""
