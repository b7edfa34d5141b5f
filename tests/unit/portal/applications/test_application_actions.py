"""What happens to an application before its permit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts.actions import grant_role
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.actions import Content, perform
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

    saved = actions.save(
        draft, {"care_from": "hier", "access_months": "deux"}, by=road.camille, now=NOW
    )

    assert saved.answers["care_from"] == "hier"
    assert saved.answers["organisation"] == "Hub"


def test_an_answer_to_no_question_is_not_kept(road: Road) -> None:
    draft = actions.start(road.dataset, by=road.camille, now=NOW)

    assert "nothing" not in actions.save(draft, {"nothing": "x"}, by=road.camille, now=NOW).answers


@pytest.mark.parametrize("answer", ["half \ud800", "x" * 1_000_001])
def test_an_answer_that_no_database_keeps_is_refused(road: Road, answer: str) -> None:
    draft = road.draft()

    with pytest.raises(InvalidInput):
        actions.save(draft, {"title": answer}, by=road.camille, now=NOW)


def test_persons_follow_the_answers(road: Road) -> None:
    draft = road.draft()
    only_camille = {"persons": [{"subject": CAMILLE.upper(), "name": "Camille"}, {"name": "?"}, 3]}

    saved = actions.save(draft, only_camille, by=road.camille, now=NOW)  # type: ignore[arg-type]

    assert [person.subject for person in saved.persons.all()] == [CAMILLE]


def test_a_draft_with_problems_cannot_be_submitted(road: Road) -> None:
    draft = actions.save(road.draft(), {"title": ""}, by=road.camille, now=NOW)

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
    draft = actions.save(road.draft(), {"tables": tables}, by=road.camille, now=NOW)  # type: ignore[dict-item]

    with pytest.raises(InvalidInput, match="not offered"):
        actions.submit(draft, by=road.camille, now=NOW)


def test_what_was_submitted_is_frozen_and_its_digest_journalled(road: Road) -> None:
    submitted = road.submitted()

    entry = JournalEntry.objects.get(action="application.submit")
    assert entry.digest == submitted.submissions.get().digest
    assert submitted.submissions.get().answers == ANSWERS


def test_only_the_applicant_edits_submits_and_withdraws(road: Road) -> None:
    draft = road.draft()

    with pytest.raises(NotAllowed, match="not for project-member"):
        actions.save(draft, {"title": "Autre"}, by=road.louis, now=NOW)
    with pytest.raises(NotAllowed, match="not for project-member"):
        actions.submit(draft, by=road.louis, now=NOW)
    with pytest.raises(NotAllowed, match="no role on the file"):
        actions.withdraw(draft, by=road.stranger, now=NOW)


def test_a_submitted_file_can_no_longer_be_edited(road: Road) -> None:
    with pytest.raises(NotAllowed):
        actions.save(road.submitted(), {"title": "Autre"}, by=road.camille, now=NOW)


def test_an_action_on_a_stale_copy_is_judged_on_the_file_as_it_stands(road: Road) -> None:
    stale = road.draft()
    actions.submit(stale, by=road.camille, now=NOW)

    with pytest.raises(NotAllowed):
        actions.submit(stale, by=road.camille, now=NOW)
    assert Application.objects.get(pk=stale.pk).submissions.count() == 1


def test_a_request_for_information_gives_four_weeks_and_says_what_about(road: Road) -> None:
    awaiting = road.awaiting()

    assert awaiting.case.due_on == date(2026, 2, 2)
    assert awaiting.messages.get().field == "necessity"


def test_a_request_for_nothing_is_refused(road: Road) -> None:
    with pytest.raises(InvalidInput, match="Nothing"):
        actions.ask_information(road.screening(), [("", " ")], by=road.assessor, now=NOW)


def test_a_completed_file_is_submitted_again_as_another_round(road: Road) -> None:
    awaiting = road.awaiting()
    actions.save(
        awaiting, {"necessity": "Le sexe est un facteur de risque."}, by=road.camille, now=NOW
    )

    again = actions.submit(awaiting, by=road.camille, now=NOW, reply="C’est précisé.")

    assert [submission.round for submission in again.submissions.order_by("round")] == [1, 2]
    assert (again.state, again.case.turn) == ("pre-screening", "assessor")
    assert again.messages.order_by("pk").last().text == "C’est précisé."  # type: ignore[union-attr]


def test_a_complete_file_is_decided_within_three_months(road: Road) -> None:
    assert road.complete().case.due_on == date(2026, 4, 7)  # 5 April is Easter Sunday


def test_the_decision_day_is_that_of_the_hub_not_of_greenwich(road: Road) -> None:
    almost_midnight = NOW.replace(hour=23, minute=30)  # 00:30 on 6 January in Paris

    complete = actions.declare_complete(road.screening(), by=road.assessor, now=almost_midnight)

    assert complete.case.due_on == date(2026, 4, 7)


def test_every_criterion_is_assessed(road: Road) -> None:
    with pytest.raises(InvalidInput, match="each criterion"):
        actions.assess(road.complete(), MET[:7], by=road.assessor, now=NOW)


def test_a_failure_without_a_reason_is_refused(road: Road) -> None:
    silent = (replace(MET[0], is_met=False), *MET[1:])

    with pytest.raises(InvalidInput, match="say why"):
        actions.assess(road.complete(), silent, by=road.assessor, now=NOW)


def test_an_assessment_leaves_the_estimate_of_the_fees_to_be_made(road: Road) -> None:
    assessed = road.estimating(FAILED)

    assert (assessed.state, assessed.unit().state) == ("processing", "estimating")
    assert assessed.outcomes() == FAILED


def test_a_file_without_fees_passes_to_the_decider(road: Road) -> None:
    assessed = road.assessed()

    assert (assessed.unit().state, assessed.case.turn) == ("deciding", "decider")
    assert assessed.assessment().by == road.assessor  # type: ignore[union-attr]


def test_a_file_sent_back_is_assessed_again_and_the_first_round_is_kept(road: Road) -> None:
    assessed = road.assessed(FAILED)
    why = Content(reason="Le critère b est à motiver.")
    perform(assessed.unit(), "send-back", by=road.decider, now=NOW, content=why)
    again = actions.assess(assessed, MET, by=road.assessor, now=NOW)

    assert again.outcomes() == MET
    assert again.criteria.filter(round=1, is_met=False).get().criterion == "b"


def test_a_refusal_gives_its_reasons(road: Road) -> None:
    assessed = road.assessed()

    with pytest.raises(InvalidInput, match="reason"):
        actions.refuse(assessed, "  ", by=road.decider, now=NOW)


def test_a_refused_file_says_who_and_why(road: Road) -> None:
    refused = road.refused()

    refusal = refused.refusal()
    assert refused.state == "decided-negative"
    assert (refusal.by, refusal.reason) == (road.decider, "Trop de colonnes.")  # type: ignore[union-attr]


@pytest.mark.parametrize("stage", ["submitted", "awaiting", "complete", "assessed"])
def test_a_file_is_withdrawn_while_it_is_open(road: Road, stage: str) -> None:
    withdrawn = actions.withdraw(getattr(road, stage)(), by=road.camille, now=NOW)

    assert (withdrawn.state, withdrawn.unit().state) == ("withdrawn", "withdrawn")
    assert not withdrawn.item.clock_rows.filter(completed_on=None, voided_on=None).exists()


def test_a_draft_taken_back_is_erased_with_whom_it_named(road: Road) -> None:
    deleted = actions.withdraw(road.draft(), by=road.camille, now=NOW)

    assert (deleted.state, deleted.answers) == ("deleted", {})
    assert deleted.subjects() == {CAMILLE}
    assert not deleted.case.parties.filter(subject=LOUIS).exists()


def test_a_draft_is_kept_from_the_day_it_was_saved_last(road: Road) -> None:
    draft = road.draft()
    actions.save(draft, {"title": "Autre"}, by=road.camille, now=NOW + timedelta(days=3))
    days = draft.item.clock_rows.filter(rule="draft-kept").order_by("pk")

    assert [str(row.started_on) for row in days] == ["2026-01-05", "2026-01-08"]


def test_an_officer_named_in_the_file_neither_assesses_nor_decides_it(road: Road) -> None:
    persons = [
        *ANSWERS["persons"],
        {"subject": "ines.garnier@hub.example", "name": "Inès", "is_principal_investigator": False},
    ]  # type: ignore[misc]
    draft = actions.save(road.draft(), {"persons": persons}, by=road.camille, now=NOW)
    submitted = actions.submit(draft, by=road.camille, now=NOW)

    with pytest.raises(NotAllowed, match="person of this file"):
        perform(submitted.item, "start-screening", by=road.assessor, now=NOW)


def test_each_step_is_journalled_once(road: Road) -> None:
    road.refused()

    road_words = [word for word in journal() if word.startswith("application.")]
    assert road_words == [
        "application.started",
        "application.submit",
        "application.start-screening",
        "application.declare-complete",
    ]


def test_a_refused_action_leaves_neither_row_nor_entry(road: Road) -> None:
    draft = road.draft()
    before = journal()

    with pytest.raises(NotAllowed):
        actions.declare_complete(draft, by=road.assessor, now=NOW)
    assert journal() == before


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
