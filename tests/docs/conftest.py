"""The sandbox and the command line of the stories, for what the docs tell."""

from tests.story.conftest import served, tell

__all__ = ["served", "tell"]
