"""The road of an application, for the specification of forms."""

from tests.unit.portal.applications.road import at_now, road

__all__ = ["at_now", "road"]
