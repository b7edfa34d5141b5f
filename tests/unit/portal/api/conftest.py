"""The road of an application, for the programs that walk it."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.webhooks.receivers import receiver

__all__ = ["at_now", "receiver", "road"]
