"""Packets in Linux network namespaces against the engine's verdicts: the kernel decides."""
