"""The look ahead at a plan, before its first write. Never here: changing a plan, writing."""
