"""The way out: the drawing as somebody else's template, so that nobody is locked in. Never here: AWS calls."""
