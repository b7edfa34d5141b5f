"""EHDS art. 60(2) and 60(3): holders supply in three months, and check descriptions each year."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.errors import InvalidInput, NotAllowed

PARIS = CALENDARS["FR"]


def test_paragraph_2_three_months_and_at_most_three_more_where_justified() -> None:
    asked = clocks.start(EHDS, "supply", on=date(2030, 5, 2), calendar=PARIS)
    longer = clocks.extend(asked, on=date(2030, 7, 1), reason="Appariement de trois sources.")

    assert (clocks.due_on(asked), asked.turn) == (date(2030, 8, 2), Actor.DATA_HOLDER)
    assert clocks.due_on(longer) == date(2030, 11, 4)  # 2 November 2030 is a Saturday
    with pytest.raises(InvalidInput, match="Say why"):
        clocks.extend(asked, on=date(2030, 7, 1), reason="")
    with pytest.raises(NotAllowed, match="once only"):
        clocks.extend(longer, on=date(2030, 10, 1), reason="Encore.")


def test_paragraph_2_a_holder_that_is_late_is_late_whatever_comes_after() -> None:
    asked = clocks.start(EHDS, "supply", on=date(2030, 5, 2), calendar=PARIS)

    assert clocks.is_overdue(clocks.complete(asked, on=date(2030, 8, 5)), today=date(2030, 9, 1))
    assert EHDS.rule("supply").lapse.startswith("periodic penalty")


def test_paragraph_3_a_description_is_checked_at_least_yearly() -> None:
    checked = clocks.start(EHDS, "description-check", on=date(2030, 3, 4), calendar=PARIS)

    assert clocks.due_on(checked) == date(2031, 3, 4)
