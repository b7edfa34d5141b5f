"""The hospital and its desk, for the tests of this app."""

from tests.unit.portal.descriptions.desk import at_now, desk

__all__ = ["at_now", "desk"]
