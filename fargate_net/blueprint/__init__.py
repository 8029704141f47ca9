"""The drawing: a spec becomes the graph of everything it wishes for. Pure and deterministic.

Never here: AWS calls, time, randomness, environment variables.
"""
