"""EHDS art. 68 and French law: what a letter of decision says, when it is notified, until when it
can be contested.

CRPA: Code des relations entre le public et l'administration. CJA: Code de justice administrative.
"""

from datetime import date

import pytest
from django.utils import translation

from ecluse.domain.clocks.calendars import HUB
from ecluse.domain.machines import MACHINES
from ecluse.domain.machines.letters import LETTERS
from ecluse.domain.machines.redress import APPEALABLE
from ecluse.domain.notifications import (
    Force,
    Residence,
    appeal_until,
    force_of,
    notified_on,
    opened_in_time_until,
)
from ecluse.portal.cases.letters import LetterText
from ecluse.portal.cases.models import Dispatch
from ecluse.portal.letters import actions
from ecluse.portal.letters.paper import kept
from tests.unit.portal.applications.road import NOW, Road, at_now, road
from tests.unit.portal.letters.sealed import seal, seal_files

__all__ = ["at_now", "road", "seal", "seal_files"]


def words(road: Road, name: str, language: str = "fr") -> LetterText:
    """A letter of the only file of the road."""
    with translation.override(language):
        return actions.words_of(Dispatch.objects.get(name=name, is_letter=True))


def said(text: LetterText) -> str:
    return " ".join(line for block in text.blocks for line in (*block.lines, *block.values))


CONTENT = {
    "a": ("ER_PHA_F", "PHA_PRS_C13, PHA_ACT_QSN", "Pseudonymisées"),
    "b": ("Recherche scientifique", "Comparer."),
    "c": ("exclues de toute extraction (art. 71)",),
    "d": ("Camille Moreau, investigateur principal", "Louis Bernard"),
    "e": ("du 5 janvier 2026 au 4 janvier 2028",),
    "f": ("Analyses isolées.",),
    "g": ("Instruction", "1500,50 €"),
    "h": ("Publier.", "Ne pas réidentifier."),
}


@pytest.mark.parametrize("point", sorted(CONTENT))
def test_paragraph_10_the_letter_of_a_permit_says_each_point(road: Road, point: str) -> None:
    road.permit()

    text = said(words(road, "permit"))

    assert [part for part in CONTENT[point] if part not in text] == []


def test_paragraph_9_a_refusal_gives_its_reasons_and_each_condition_not_met(road: Road) -> None:
    road.refused()

    text = said(words(road, "refusal"))

    assert "Trop de colonnes." in text
    assert "b) Les données demandées sont nécessaires" in text


def test_paragraph_4_the_applicant_is_told_the_day_to_complete_by(road: Road) -> None:
    road.awaiting()

    assert "jusqu’au 2 février 2026" in said(words(road, "incomplete-file"))


def test_paragraph_4_a_file_left_incomplete_is_closed_by_a_decision_with_remedies() -> None:
    assert LETTERS["incomplete-refusal"].states_remedies


def test_paragraph_3_an_answer_under_article_69_is_offered_by_a_letter() -> None:
    (row,) = MACHINES["decision-unit"].named("offer-answer")  # type: ignore[index]

    assert (row.letter, row.needs_reason) == ("answer-offered", True)


@pytest.mark.parametrize(("kind", "state"), sorted(APPEALABLE))
def test_cja_r421_5_every_decision_that_can_be_appealed_is_notified_with_its_remedies(
    kind: str, state: str
) -> None:
    leading = [row for row in MACHINES[kind].actions if row.to == state and row.letter]  # type: ignore[index]

    assert leading
    assert all(LETTERS[row.letter or ""].states_remedies for row in leading)


@pytest.mark.usefixtures("at_now", "seal")
def test_crpa_l212_1_a_decision_bears_the_name_and_the_quality_of_who_took_it(
    road: Road,
) -> None:
    dispatch = road.refused().case.dispatches.get(name="refusal")

    sheet = kept(actions.issue(dispatch, now=NOW).file("fr").words)

    assert (sheet.author, sheet.office) == (road.decider.full_name, "agent habilité à décider")


@pytest.mark.parametrize(
    ("notified", "until"),
    [
        (date(2026, 1, 5), date(2026, 3, 6)),  # two months after, and the day that follows
        (date(2026, 1, 6), date(2026, 3, 9)),  # 7 March is a Saturday
        (date(2025, 12, 31), date(2026, 3, 2)),  # no 31 February: 28 February, then a Sunday
        (date(2026, 3, 30), date(2026, 6, 1)),  # 31 May is a Sunday
        (date(2026, 2, 28), date(2026, 4, 29)),
        (date(2026, 3, 13), date(2026, 5, 15)),  # 14 May is Ascension Day
    ],
)
def test_cja_r421_1_the_court_is_seised_within_two_months_both_end_days_left_out(
    notified: date, until: date
) -> None:
    assert appeal_until(notified, calendar=HUB) == until


@pytest.mark.parametrize(
    ("residence", "until"),
    [
        (Residence.MAINLAND, date(2026, 3, 6)),
        (Residence.OVERSEAS, date(2026, 4, 7)),  # 6 April is Easter Monday
        (Residence.ABROAD, date(2026, 5, 6)),
    ],
)
def test_cja_r421_7_the_distance_adds_one_month_or_two(residence: Residence, until: date) -> None:
    assert appeal_until(date(2026, 1, 5), calendar=HUB, residence=residence) == until


@pytest.mark.parametrize(
    ("opened", "today", "notified"),
    [
        (None, date(2026, 1, 20), None),  # it can still be opened on the fifteenth day
        (None, date(2026, 1, 21), date(2026, 1, 5)),
        (date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 5)),
        (date(2026, 1, 20), date(2026, 3, 1), date(2026, 1, 20)),
        (date(2026, 1, 21), date(2026, 3, 1), date(2026, 1, 5)),
    ],
)
def test_crpa_r112_20_a_letter_is_notified_when_opened_or_after_fifteen_days_when_available(
    opened: date | None, today: date, notified: date | None
) -> None:
    assert notified_on(date(2026, 1, 5), opened, today=today) == notified
    assert opened_in_time_until(date(2026, 1, 5)) == date(2026, 1, 20)


@pytest.mark.parametrize(
    ("letter", "then", "now", "force"),
    [
        ("permit", "active", "active", Force.IN_FORCE),
        ("permit", "active", "suspended", Force.SUSPENDED),
        ("permit", "active", "superseded", Force.REPLACED),
        ("permit", "active", "revoked", Force.ENDED),
        ("permit", "active", "expired", Force.ENDED),
        ("refusal", "refused", "refused", Force.IN_FORCE),
        ("refusal", "refused", "deciding", Force.REPLACED),
        ("revocation", "revoked", "closing", Force.IN_FORCE),
        ("revocation", "revoked", "active", Force.REPLACED),
        ("suspension", "suspended", "suspended", Force.IN_FORCE),
        ("suspension", "suspended", "active", Force.ENDED),
        ("acknowledgement", "submitted", "submitted", Force.IN_FORCE),
        ("acknowledgement", "submitted", "screening", Force.ENDED),
    ],
)
def test_a_letter_is_worth_what_its_object_has_become(
    letter: str, then: str, now: str, force: Force
) -> None:
    assert force_of(letter, then=then, now=now) is force
