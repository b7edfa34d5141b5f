"""People of every role and a file of its own for each test of a case."""

from tests.unit.portal.cases.desk import desk

__all__ = ["desk"]
