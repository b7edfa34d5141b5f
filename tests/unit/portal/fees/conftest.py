"""The road to an estimate, and a holder with a part of it, for the tests of this app."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.fees.billing import billing

__all__ = ["at_now", "billing", "road"]
