"""The register and who meets over it, for the tests of this app."""

from tests.unit.portal.aisystems.registering import at_now, registering

__all__ = ["at_now", "registering"]
