"""A committee around one file, for the tests of this app."""

from tests.unit.portal.cases.desk import desk
from tests.unit.portal.committees.sitting import table

__all__ = ["desk", "table"]
