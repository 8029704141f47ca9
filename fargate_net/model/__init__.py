"""The nouns: frozen, without I/O, standard library only. Imports nothing of ours but errors."""
