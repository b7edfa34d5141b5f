"""The review of the three variables asked: each kept, coarsened or dropped with a reason."""

import pytest

from ecluse.domain.documents import TableScope
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.minimisation_reviews import Finding, Tally, Verdict
from ecluse.portal.applications import actions as applications
from ecluse.portal.assessments import minimisation
from tests.unit.portal.applications.road import ANSWERS, NOW, Road

DRUG = ("ER_PHA_F", "PHA_PRS_C13")
QUANTITY = ("ER_PHA_F", "PHA_ACT_QSN")
SEX = ("IR_BEN_R", "BEN_SEX_COD")
NO_QUANTITY = Finding(QUANTITY, Verdict.DROP, None, "La dose n’est pas étudiée.")


def test_before_any_review_everything_is_left_as_asked(road: Road) -> None:
    application = road.complete()
    asked = minimisation.asked_of(application)

    assert minimisation.counts(application) == Tally(0, 0, 0, 3)
    assert minimisation.after_review(application, asked) == asked


def test_what_is_dropped_is_not_in_what_the_permit_begins_with(road: Road) -> None:
    application = road.complete()
    minimisation.review(
        application, [Finding(DRUG, Verdict.KEEP), NO_QUANTITY], by=road.assessor, now=NOW
    )
    asked = minimisation.asked_of(application)

    assert minimisation.counts(application) == Tally(1, 0, 1, 1)
    assert minimisation.after_review(application, asked) == (
        TableScope("ER_PHA_F", ("PHA_PRS_C13",)),
        TableScope("IR_BEN_R", ("BEN_SEX_COD",)),
    )


def test_less_is_given_for_a_reason(road: Road) -> None:
    application = road.complete()

    with pytest.raises(InvalidInput, match="say why"):
        minimisation.review(
            application, [Finding(QUANTITY, Verdict.DROP)], by=road.assessor, now=NOW
        )


def test_a_variable_that_is_not_asked_is_not_reviewed(road: Road) -> None:
    application = road.complete()
    other = Finding(("IR_BEN_R", "BEN_NAI_ANN"), Verdict.KEEP)

    with pytest.raises(InvalidInput, match="not asked"):
        minimisation.review(application, [other], by=road.assessor, now=NOW)


def test_nobody_but_who_assesses_reviews(road: Road) -> None:
    application = road.complete()

    with pytest.raises(NotAllowed):
        minimisation.review(application, [NO_QUANTITY], by=road.decider, now=NOW)


def test_what_was_found_of_an_earlier_submission_stands_where_the_same_is_asked(road: Road) -> None:
    application = road.complete()
    minimisation.review(
        application, [Finding(SEX, Verdict.KEEP), NO_QUANTITY], by=road.assessor, now=NOW
    )
    applications.ask_information(
        application, [("necessity", "Pourquoi ?")], by=road.assessor, now=NOW
    )
    fewer = [{"table": "ER_PHA_F", "columns": ["PHA_PRS_C13", "PHA_ACT_QSN"]}]
    applications.save(application, {**ANSWERS, "tables": fewer}, by=road.camille, now=NOW)
    applications.submit(application, by=road.camille, now=NOW)

    assert minimisation.findings_of(application) == (NO_QUANTITY,)
    assert minimisation.counts(application) == Tally(0, 0, 1, 1)
