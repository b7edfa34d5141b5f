"""Citizens who sign in with the State's provider."""

from tests.citizens import jeanne, state

__all__ = ["jeanne", "state"]
