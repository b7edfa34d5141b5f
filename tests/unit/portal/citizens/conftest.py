"""Citizens before a browser, the directory of the third party, and the seal of this site."""

from tests.citizens import jeanne, state, third_party
from tests.unit.portal.applications.road import road
from tests.unit.portal.letters.sealed import seal, seal_files

__all__ = ["jeanne", "road", "seal", "seal_files", "state", "third_party"]
