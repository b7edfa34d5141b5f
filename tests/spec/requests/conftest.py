"""The road of a data request, for its specification."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.requests.road import requests

__all__ = ["at_now", "requests", "road"]
