"""The road of an evaluation, for the tests of this app."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.evaluations.evaluating import evaluating

__all__ = ["at_now", "evaluating", "road"]
