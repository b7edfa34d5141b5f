"""The road of an application and the seal, for the tests of this app."""

from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.letters.sealed import seal, seal_files

__all__ = ["at_now", "road", "seal", "seal_files"]
