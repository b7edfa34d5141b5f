"""Conditions and risks of article 68, answered one by one, then the assessment concluded."""

import pytest

from ecluse.domain.applications import Criterion
from ecluse.domain.assessments import QUESTIONS, Answer, Question, Risk
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.applications.models import Application
from ecluse.portal.assessments import actions
from ecluse.portal.assessments.models import Note
from tests.unit.portal.applications.road import NOW, Road


def answered(road: Road, *questions: Question) -> Application:
    """A complete file whose questions are answered in its favour."""
    application = road.complete()
    for question in questions:
        actions.answer(application, Answer(question, True, ""), by=road.assessor, now=NOW)
    return application


def test_an_assessment_has_ten_questions_eight_conditions_and_two_risks() -> None:
    assert len(QUESTIONS) == 10
    assert QUESTIONS[8:] == (Risk.SECURITY, Risk.REGULATORS)


def test_each_answer_says_who_gave_it_and_when(road: Road) -> None:
    answered(road, Criterion.PURPOSE)
    note = Note.objects.get()

    assert (note.by, note.at, note.round) == (road.assessor, NOW, 1)


def test_an_answer_against_the_file_says_why(road: Road) -> None:
    application = road.complete()
    bare = Answer(Criterion.NECESSITY, False, " ")

    with pytest.raises(InvalidInput, match="say why"):
        actions.answer(application, bare, by=road.assessor, now=NOW)


def test_an_answer_is_written_again_and_not_beside(road: Road) -> None:
    application = answered(road, Criterion.PURPOSE)
    changed = Answer(Criterion.PURPOSE, False, "La finalité est interdite (art. 54).")
    actions.answer(application, changed, by=road.assessor, now=NOW)

    assert Note.objects.get().is_met is False


def test_nobody_but_who_assesses_answers(road: Road) -> None:
    application = road.complete()
    answer = Answer(Criterion.PURPOSE, True, "")

    with pytest.raises(NotAllowed):
        actions.answer(application, answer, by=road.decider, now=NOW)
    with pytest.raises(NotAllowed):
        actions.answer(application, answer, by=road.camille, now=NOW)
    with pytest.raises(NotAllowed):
        actions.answer(application, answer, by=road.committee, now=NOW)


def test_an_assessment_does_not_conclude_while_a_question_is_left(road: Road) -> None:
    application = answered(road, *QUESTIONS[:9])

    with pytest.raises(InvalidInput, match="risk-b"):
        actions.conclude(application, by=road.assessor, now=NOW)


def test_a_concluded_assessment_goes_to_the_estimate_with_its_outcomes(road: Road) -> None:
    application = answered(road, *QUESTIONS)
    actions.conclude(application, by=road.assessor, now=NOW)

    assert application.unit().state == "estimating"
    assert [outcome.is_met for outcome in application.outcomes()] == [True] * 8


def test_a_risk_that_stands_fails_the_condition_on_all_other_requirements(road: Road) -> None:
    application = answered(road, *QUESTIONS)
    risk = Answer(Risk.SECURITY, False, "Positions de militaires reconnaissables.")
    actions.answer(application, risk, by=road.assessor, now=NOW)
    actions.conclude(application, by=road.assessor, now=NOW)
    last = application.outcomes()[-1]

    assert (last.criterion, last.is_met) == (Criterion.OTHER_REQUIREMENTS, False)
    assert last.reason == "Positions de militaires reconnaissables."


def test_a_file_sent_back_begins_a_new_round_with_every_question_left(road: Road) -> None:
    application = answered(road, *QUESTIONS)
    actions.conclude(application, by=road.assessor, now=NOW)

    assert len(actions.notes_of(application)) == 10
    assert application.rounds() == 1
