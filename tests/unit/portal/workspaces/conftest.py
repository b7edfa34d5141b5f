"""The checking room, for the tests of this app."""

from tests.unit.portal.rooms import people, zone

__all__ = ["people", "zone"]
