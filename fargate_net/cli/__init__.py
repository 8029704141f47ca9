"""The door: reads what was typed, calls ``app``, shows what comes back. The only room with click and rich.

Never here: facts computed from AWS answers, rules of the spec, AWS calls.
"""
