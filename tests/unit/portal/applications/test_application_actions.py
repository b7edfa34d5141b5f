"""What happens to an application before its permit."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts.actions import grant_role
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.catalogue.models import Dataset
from tests.unit.portal.applications.road import (
    ANSWERS,
    CAMILLE,
    FAILED,
    LOUIS,
    MET,
    NOTICE,
    NOW,
    Road,
)


def journal() -> list[str]:
    return list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))


def test_files_are_numbered_by_year_without_a_gap(road: Road) -> None:
    first = actions.start(road.dataset, by=road.camille, now=NOW)
    second = actions.start(road.dataset, by=road.louis, now=NOW)

    assert (first.number, second.number) == ("2026-00001", "2026-00002")


def test_a_draft_begins_with_who_asks_as_principal_investigator(road: Road) -> None:
    draft = actions.start(road.dataset, by=road.camille, now=NOW)

    assert draft.persons.get().subject == CAMILLE
    assert draft.persons.get().is_principal_investigator


def test_a_dataset_without_a_snapshot_cannot_be_asked_for(road: Road) -> None:
    empty = Dataset.objects.create(slug="empty", title_fr="Vide")

    with pytest.raises(InvalidInput, match="no snapshot"):
        actions.start(empty, by=road.camille, now=NOW)


def test_a_draft_is_kept_whatever_it_holds(road: Road) -> None:
    draft = actions.start(road.dataset, by=road.camille, now=NOW)

    saved = actions.save(draft, {"care_from": "hier", "access_months": "deux"}, by=road.camille)

    assert saved.answers["care_from"] == "hier"
    assert saved.answers["organisation"] == "Hub"


def test_an_answer_to_no_question_is_not_kept(road: Road) -> None:
    draft = actions.start(road.dataset, by=road.camille, now=NOW)

    assert "nothing" not in actions.save(draft, {"nothing": "x"}, by=road.camille).answers


@pytest.mark.parametrize("answer", ["half \ud800", "x" * 1_000_001])
def test_an_answer_that_no_database_keeps_is_refused(road: Road, answer: str) -> None:
    draft = road.draft()

    with pytest.raises(InvalidInput):
        actions.save(draft, {"title": answer}, by=road.camille)


def test_persons_follow_the_answers(road: Road) -> None:
    draft = road.draft()
    only_camille = {"persons": [{"subject": CAMILLE.upper(), "name": "Camille"}, {"name": "?"}, 3]}

    saved = actions.save(draft, only_camille, by=road.camille)  # type: ignore[arg-type]

    assert [person.subject for person in saved.persons.all()] == [CAMILLE]


def test_a_draft_with_problems_cannot_be_submitted(road: Road) -> None:
    draft = actions.save(road.draft(), {"title": ""}, by=road.camille)

    with pytest.raises(InvalidInput, match="title"):
        actions.submit(draft, by=road.camille, now=NOW)


@pytest.mark.parametrize(
    "tables",
    [
        [{"table": "ER_PHA_F", "columns": ["NO_SUCH"]}],
        [{"table": "IR_BEN_R", "columns": ["BEN_NIR_ANO"]}],
        [{"table": "IR_BEN_R", "columns": ["BEN_NIR_PSA"]}],
        [{"table": "NO_SUCH", "columns": ["A"]}],
    ],
)
def test_columns_that_the_dataset_does_not_offer_cannot_be_asked(
    road: Road, tables: list[object]
) -> None:
    draft = actions.save(road.draft(), {"tables": tables}, by=road.camille)  # type: ignore[dict-item]

    with pytest.raises(InvalidInput, match="not offered"):
        actions.submit(draft, by=road.camille, now=NOW)


def test_what_was_submitted_is_frozen_and_its_digest_journalled(road: Road) -> None:
    submitted = road.submitted()

    entry = JournalEntry.objects.get(action="application.submitted")
    assert entry.digest == submitted.submissions.get().digest
    assert submitted.submissions.get().answers == ANSWERS


def test_only_the_applicant_edits_submits_and_withdraws(road: Road) -> None:
    draft = road.draft()

    with pytest.raises(NotAllowed, match="applicant"):
        actions.save(draft, {"title": "Autre"}, by=road.louis)
    with pytest.raises(NotAllowed, match="applicant"):
        actions.submit(draft, by=road.louis, now=NOW)
    with pytest.raises(NotAllowed, match="applicant"):
        actions.withdraw(draft, by=road.stranger, now=NOW)


def test_a_submitted_file_can_no_longer_be_edited(road: Road) -> None:
    with pytest.raises(NotAllowed):
        actions.save(road.submitted(), {"title": "Autre"}, by=road.camille)


def test_an_action_on_a_stale_copy_is_judged_on_the_file_as_it_stands(road: Road) -> None:
    stale = road.draft()
    actions.submit(stale, by=road.camille, now=NOW)

    with pytest.raises(NotAllowed):
        actions.submit(stale, by=road.camille, now=NOW)
    assert Application.objects.get(pk=stale.pk).submissions.count() == 1


def test_a_request_for_information_gives_four_weeks_and_says_what_about(road: Road) -> None:
    awaiting = road.awaiting()

    assert awaiting.completion_due_on == date(2026, 2, 2)
    assert awaiting.messages.get().field == "necessity"


def test_a_request_for_nothing_is_refused(road: Road) -> None:
    with pytest.raises(InvalidInput, match="Nothing"):
        actions.ask_information(road.submitted(), [("", " ")], by=road.assessor, now=NOW)


def test_a_completed_file_is_submitted_again_as_another_round(road: Road) -> None:
    awaiting = road.awaiting()
    actions.save(awaiting, {"necessity": "Le sexe est un facteur de risque."}, by=road.camille)

    again = actions.submit(awaiting, by=road.camille, now=NOW, reply="C’est précisé.")

    assert [submission.round for submission in again.submissions.order_by("round")] == [1, 2]
    assert again.completion_due_on is None
    assert again.messages.order_by("pk").last().text == "C’est précisé."  # type: ignore[union-attr]


def test_a_complete_file_is_decided_within_three_months(road: Road) -> None:
    assert road.complete().decision_due_on == date(2026, 4, 7)  # 5 April is Easter Sunday


def test_the_decision_day_is_that_of_the_hub_not_of_greenwich(road: Road) -> None:
    almost_midnight = NOW.replace(hour=23, minute=30)  # 00:30 on 6 January in Paris

    complete = actions.declare_complete(road.submitted(), by=road.assessor, now=almost_midnight)

    assert complete.decision_due_on == date(2026, 4, 7)


def test_every_criterion_is_assessed(road: Road) -> None:
    with pytest.raises(InvalidInput, match="each criterion"):
        actions.assess(road.complete(), MET[:7], by=road.assessor, now=NOW)


def test_a_failure_without_a_reason_is_refused(road: Road) -> None:
    silent = (replace(MET[0], is_met=False), *MET[1:])

    with pytest.raises(InvalidInput, match="say why"):
        actions.assess(road.complete(), silent, by=road.assessor, now=NOW)


def test_an_assessment_passes_the_file_to_the_decider(road: Road) -> None:
    assessed = road.assessed(FAILED)

    assert (assessed.state, assessed.assessor) == ("assessed", road.assessor)
    assert assessed.outcomes() == FAILED


def test_a_refusal_gives_its_reasons(road: Road) -> None:
    assessed = road.assessed()

    with pytest.raises(InvalidInput, match="reasons"):
        actions.refuse(assessed, "  ", by=road.decider, now=NOW)


def test_a_refused_file_says_who_and_why(road: Road) -> None:
    refused = road.refused()

    assert (refused.state, refused.decider, refused.refusal_reason) == (
        "refused",
        road.decider,
        "Trop de colonnes.",
    )


def test_a_file_is_withdrawn_from_any_open_state_before_its_assessment(road: Road) -> None:
    withdrawn = actions.withdraw(road.awaiting(), by=road.camille, now=NOW)

    assert (withdrawn.state, withdrawn.completion_due_on) == ("withdrawn", None)


def test_an_officer_named_in_the_file_neither_assesses_nor_decides_it(road: Road) -> None:
    persons = [*ANSWERS["persons"], {"subject": "ines.garnier@hub.example", "name": "Inès"}]  # type: ignore[misc]
    draft = actions.save(road.draft(), {"persons": persons}, by=road.camille)
    Application.objects.filter(pk=draft.pk).update(state="submitted", submitted_at=NOW)

    with pytest.raises(NotAllowed, match="person of this file"):
        actions.declare_complete(draft, by=road.assessor, now=NOW)


def test_each_step_is_journalled_once(road: Road) -> None:
    road.refused()

    road_words = [word for word in journal() if word.startswith("application.")]
    assert road_words == [
        "application.started",
        "application.submitted",
        "application.declared-complete",
        "application.assessed",
        "application.refused",
    ]


def test_a_refused_action_leaves_neither_row_nor_entry(road: Road) -> None:
    draft = road.draft()
    before = journal()

    with pytest.raises(NotAllowed):
        actions.declare_complete(draft, by=road.assessor, now=NOW)
    assert journal() == before


@pytest.mark.parametrize(
    "change",
    [
        {"state": "lost"},
        {"state": "submitted", "submitted_at": None},
        {"state": "awaiting-information"},
        {"decision_due_on": date(2026, 1, 1)},
        {"assessed_at": NOW},
        {"state": "granted"},
        {"state": "refused"},
        {"refusal_reason": "Sans décision."},
        {"decided_at": NOW},
    ],
)
def test_the_database_itself_refuses_a_file_that_contradicts_itself(
    road: Road, change: dict[str, object]
) -> None:
    draft = road.draft()

    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=draft.pk).update(**change)


def test_the_database_itself_refuses_an_applicant_who_decides(road: Road) -> None:
    assessed = road.assessed()

    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=assessed.pk).update(
            state="refused", refusal_reason="x", decider=road.camille, decided_at=NOW
        )


def test_the_database_itself_refuses_a_decider_who_assessed(road: Road) -> None:
    assessed = road.assessed()

    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=assessed.pk).update(
            state="refused", refusal_reason="x", decider=road.assessor, decided_at=NOW
        )


def test_a_newer_snapshot_without_the_table_stops_the_submission(road: Road) -> None:
    draft = road.draft()
    smaller = replace(NOTICE, snapshot="20260106T090000Z-00000000", tables=NOTICE.tables[1:])
    newer = replace(smaller, loaded_at=NOW.replace(hour=11))
    road.deliver(newer, issuer=Signer.AGENT)

    with pytest.raises(InvalidInput, match="ER_PHA_F"):
        actions.submit(draft, by=road.camille, now=NOW)


def test_a_person_who_becomes_an_assessor_still_cannot_touch_their_file(road: Road) -> None:
    with pytest.raises(NotAllowed, match="both"):
        grant_role(road.louis, Role.ASSESSOR, by="set-up")


def test_the_persons_of_a_file_are_its_applicant_and_those_it_names(road: Road) -> None:
    assert road.draft().subjects() == {CAMILLE, LOUIS}
