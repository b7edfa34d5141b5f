"""A board and who meets over it, for the tests of this app."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.boards.meeting import meeting
from tests.unit.portal.evaluations.evaluating import evaluating

__all__ = ["at_now", "evaluating", "meeting", "road"]
