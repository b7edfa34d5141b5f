"""The road of an application, and a receiver that listens."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.webhooks.receivers import receiver

__all__ = ["at_now", "receiver", "road"]
