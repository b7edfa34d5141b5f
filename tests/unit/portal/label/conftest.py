"""The hospital and its labels, for the tests of this app."""

from tests.unit.portal.label.labelling import at_now, labelling

__all__ = ["at_now", "labelling"]
