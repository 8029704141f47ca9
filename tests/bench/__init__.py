"""Figures, printed by ``make bench``. What must hold of them is also a test."""
