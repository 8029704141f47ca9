"""How nouns look: as tables, sentences, lines and JSON. Never here: computing facts, calling ``app``."""
