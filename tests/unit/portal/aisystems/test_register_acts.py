"""What is done to the record of a system, by whom, and what is kept of it."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from ecluse.domain.aisystems.contradictions import Kind
from ecluse.domain.aisystems.entries import Basis
from ecluse.domain.aisystems.levels import Level
from ecluse.domain.aisystems.rules import Rulebook, rulebook_on
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.aisystems import actions, coverage, daily, reading, survey_actions
from ecluse.portal.aisystems.actions import Content
from ecluse.portal.aisystems.models import (
    ClassifiedVersion,
    SystemAct,
    SystemEntry,
    SystemRecord,
    SystemVersion,
)
from ecluse.portal.aisystems.rulebook import rule_sets
from ecluse.portal.audit.models import JournalEntry
from tests.unit.portal.aisystems.registering import (
    CLAIM,
    NOW,
    PLACE,
    STUDY,
    TODAY,
    TRIAGE,
    Registering,
)

pytestmark = pytest.mark.usefixtures("at_now")


def read(record: SystemRecord) -> reading.Shown:
    """The record as a page shows it."""
    again = SystemRecord.objects.with_all().get(pk=record.pk)
    return reading.shown(again, again.latest, today=TODAY)


def test_a_published_system_is_classified_placed_and_levelled(registering: Registering) -> None:
    one = read(registering.published())

    assert (one.device_class, one.found.of("annex_iii")) == ("IIb", ("5(d)",))
    assert one.found.of("aia") == ("high_risk_6_1", "high_risk_annex_iii")
    assert (one.regions, one.running, one.evaluated.level) == (frozenset({"FR1"}), 1, Level.E0)


def test_every_act_is_a_row_and_an_entry_of_the_journal(registering: Registering) -> None:
    record = registering.removed()

    rows = SystemAct.objects.filter(record=record).order_by("pk").values_list("action", flat=True)
    assert list(rows) == ["declare", "submit", "publish", "remove"]
    entries = JournalEntry.objects.filter(subject=record.number).order_by("sequence")
    assert [entry.action for entry in entries] == [
        *("aisystem.declare", "aisystem.submit", "aisystem.publish"),
        *("aisystem.added", "aisystem.added", "aisystem.added", "aisystem.remove"),
    ]


def test_a_study_that_denies_the_instructions_raises_a_contradiction(
    registering: Registering,
) -> None:
    record = registering.published()

    actions.add(record, STUDY, by=registering.paul, now=NOW)

    one = read(record)
    assert [each.kind for each in one.contradictions] == [Kind.CLAIM]
    assert one.evaluated.level is Level.E1


def test_what_a_hub_measured_is_added_by_the_hub_alone(registering: Registering) -> None:
    record, report = registering.published(), replace(STUDY, basis=Basis.HUB_REPORT)

    with pytest.raises(NotAllowed):
        actions.add(record, report, by=registering.paul, now=NOW)
    actions.add(record, report, by=registering.preparer, now=NOW)

    assert read(record).evaluated.level is Level.E2


def test_an_entry_replaced_stays_in_the_history(registering: Registering) -> None:
    record = registering.published()
    former = SystemEntry.objects.get(record=record, kind="deployment")

    ended = replace(PLACE, ended_on=date(2026, 11, 1))
    actions.add(record, ended, by=registering.paul, now=NOW, replaces=former)

    assert (read(record).running, read(record).system.deployments) == (0, (ended,))
    assert SystemEntry.objects.filter(record=record, kind="deployment").count() == 2


def test_an_entry_taken_back_stands_no_more_and_is_not_taken_back_twice(
    registering: Registering,
) -> None:
    record = registering.published()
    claim = SystemEntry.objects.get(record=record, kind="claim")

    actions.take_back(record, claim, by=registering.paul, now=NOW)

    assert read(record).system.claims == ()
    with pytest.raises(NotAllowed):
        actions.take_back(record, claim, by=registering.paul, now=NOW)


def test_the_public_reads_the_version_published_while_the_next_is_written(
    registering: Registering,
) -> None:
    record = registering.act(registering.published(), "revise", by=registering.paul)
    texts = {**TRIAGE.texts, "trade_name": "Trieur 3.0"}

    actions.write(record, replace(TRIAGE, texts=texts), by=registering.paul, now=NOW)

    assert [one.name for one in reading.public(today=TODAY)] == ["Trieur 2.1"]
    assert read(record).name == "Trieur 3.0"
    again = SystemRecord.objects.with_all().get(pk=record.pk)
    changes = [(name, before, after) for _, name, before, after in reading.field_changes(again)]
    assert changes[-1] == ("trade_name", "Trieur 2.1", "Trieur 3.0")


def test_saving_the_same_words_writes_no_version(registering: Registering) -> None:
    record = registering.draft()

    actions.write(record, TRIAGE, by=registering.paul, now=NOW)

    assert record.versions.count() == 1


@pytest.mark.parametrize(
    "model", [SystemVersion, SystemEntry, SystemAct, ClassifiedVersion], ids=lambda m: m.__name__
)
def test_the_database_refuses_to_change_or_erase_the_history(
    registering: Registering, model: type
) -> None:
    registering.published()
    rows = model.objects.all()  # type: ignore[attr-defined]

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(record=rows[0].record)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows._raw_delete("default")


def test_nobody_publishes_a_record_of_their_own(registering: Registering) -> None:
    record = actions.declare(TRIAGE, by=registering.preparer, now=NOW)
    actions.act(record, "submit", by=registering.preparer, now=NOW, today=TODAY)

    with pytest.raises(NotAllowed, match="of their own"):
        actions.act(record, "publish", by=registering.preparer, now=NOW, today=TODAY)


def test_a_record_without_its_purpose_is_not_sent(registering: Registering) -> None:
    bare = Content({"trade_name": "Trieur"}, {}, TRIAGE.status)
    record = actions.declare(bare, by=registering.paul, now=NOW)

    with pytest.raises(InvalidInput, match="provider, intended_purpose, ai"):
        actions.act(record, "submit", by=registering.paul, now=NOW, today=TODAY)


@pytest.mark.parametrize("who", ["stranger", "auditor", "assessor"])
def test_others_neither_write_nor_add_nor_decide(registering: Registering, who: str) -> None:
    record, other = registering.submitted(), getattr(registering, who)

    with pytest.raises(NotAllowed):
        actions.write(record, TRIAGE, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        actions.add(record, CLAIM, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        actions.act(record, "publish", by=other, now=NOW, today=TODAY)


def softer() -> Rulebook:
    """The rules of today, where a rule set dated later makes triage of class IIa."""
    book = rulebook_on(TODAY, rule_sets())
    mdr = book.sets[0]
    kept = tuple(one for one in mdr.rules if one.rule_id != "mdr-11-critical-drives")
    return Rulebook((replace(mdr, version="2030", rules=kept), *book.sets[1:]))


def test_a_rule_set_dated_later_is_run_again_and_what_changed_is_kept_with_why(
    registering: Registering,
) -> None:
    record = registering.published()

    changed = [actions.classify_again(record, book=softer(), today=TODAY) for _ in "ab"]

    assert changed == [True, False]
    (change,) = ClassifiedVersion.objects.get(rulebook__startswith="mdr@2030").changes
    assert (change["name"], change["before"], change["after"]) == ("mdr_class", ["IIb"], ["IIa"])
    assert [one["rule_id"] for one in change["lost"]] == ["mdr-11-critical-drives"]
    assert JournalEntry.objects.filter(action="aisystem.reclassified").count() == 1


def test_the_daily_run_classifies_what_was_published_under_former_rules(
    registering: Registering,
) -> None:
    record = registering.submitted()
    before = date(2026, 7, 1)
    actions.act(record, "publish", by=registering.preparer, now=NOW, today=before)

    assert [daily.reclassify(today=TODAY) for _ in "ab"] == [0, 0]
    kept = ClassifiedVersion.objects.filter(record=record).order_by("pk")
    assert [one.rulebook for one in kept] == [
        "mdr@2021+ivdr@2022+ai-act@2024+national@2021",
        "mdr@2021+ivdr@2022+ai-act@2026+national@2021",
    ]


def test_a_survey_counts_those_that_did_not_answer(registering: Registering) -> None:
    record, survey = registering.published(), registering.survey()
    asked = survey.asked.get(finess="750712184")

    for systems in ([], [record.number]):
        survey_actions.answer_survey(
            asked, systems, others="Codeur\nRésumeur", by=registering.hospital, now=NOW
        )

    told = coverage.coverage_of(survey)
    assert (told.asked, told.answered, told.silent, told.percent) == (3, 1, 2, 33)
    assert (told.users, told.others, told.systems) == (1, 2, ((record.number, 1),))
    assert told.regions == (
        ("Auvergne-Rhône-Alpes", 1, 0),
        ("Corse", 1, 0),
        ("Île-de-France", 1, 1),
    )


def test_only_whoever_was_asked_answers_and_of_published_systems_alone(
    registering: Registering,
) -> None:
    asked = registering.survey().asked.get(finess="750712184")

    with pytest.raises(NotAllowed):
        survey_actions.answer_survey(asked, [], others="", by=registering.paul, now=NOW)
    with pytest.raises(InvalidInput):
        survey_actions.answer_survey(
            asked, ["IA-2026-9999"], others="", by=registering.hospital, now=NOW
        )


@pytest.mark.parametrize(
    "text", ["", "750712184;Hôpital", "75;Hôpital;a@b.example", "750712184;H;a@b.c\n" * 2]
)
def test_a_list_of_establishments_with_a_fault_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        survey_actions.establishments_from(text)
