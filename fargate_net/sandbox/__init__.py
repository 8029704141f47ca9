"""The embedded AWS: moto with its gaps repaired and a simulated ECS scheduler, on 127.0.0.1 only.

Never here: an import of another room of this package, and no import of moto at the top of this file or of
`process`, so that the commands that do not use the sandbox do not pay for it.
"""
