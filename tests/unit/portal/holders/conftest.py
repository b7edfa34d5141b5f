"""The road to a permit and a holder called under it, for the tests of this app."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.holders.calling import calling

__all__ = ["at_now", "calling", "road"]
