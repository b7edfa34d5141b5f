"""EHDS art. 61(4): results are public within eighteen months of the end of the processing."""

from datetime import date

import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.lives import versions
from ecluse.portal.register import result_actions
from ecluse.portal.register.result_actions import Found
from tests.unit.portal.applications.road import NOW, TODAY, Road, at_now, road
from tests.unit.portal.lives.road import Lives, lives

__all__ = ["at_now", "lives", "road"]

PLAIN = Found("Saignements", "https://exemple.example/a", "Un médicament sur deux.", TODAY)


def test_paragraph_4_eighteen_months_run_from_the_end_of_use_to_a_working_day(
    lives: Lives,
) -> None:
    versions.finish(lives.road.permit(), by=lives.road.camille, now=NOW)

    # 5 January 2026 and eighteen months: Monday 5 July 2027.
    assert ClockRow.objects.get(rule="results-public").due_on == date(2027, 7, 5)


def test_paragraph_4_a_result_with_its_plain_words_ends_the_delay(lives: Lives) -> None:
    permit = versions.finish(lives.road.permit(), by=lives.road.camille, now=NOW)

    made = result_actions.publish(permit.item.case, PLAIN, by=lives.road.camille, now=NOW)

    assert (made.number, made.summary) == (permit.number, "Un médicament sur deux.")
    assert ClockRow.objects.get(rule="results-public").completed_on == TODAY


def test_paragraph_4_only_the_persons_of_the_file_make_its_results_public(road: Road) -> None:
    permit = road.permit()

    with pytest.raises(NotAllowed):
        result_actions.publish(permit.item.case, PLAIN, by=road.stranger, now=NOW)
