"""The road to a permit, then to a finding in its data; citizens before a browser."""

from tests.citizens import jeanne, state, third_party
from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.findings.reporting import reporting

__all__ = ["at_now", "jeanne", "reporting", "road", "state", "third_party"]
