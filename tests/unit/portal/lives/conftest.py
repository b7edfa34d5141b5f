"""The road of an application, then what follows its decision."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.lives.road import lives

__all__ = ["at_now", "lives", "road"]
