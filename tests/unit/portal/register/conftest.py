"""The road of an application, for the tests of this app."""

from tests.unit.portal.applications.road import at_now, road

__all__ = ["at_now", "road"]
