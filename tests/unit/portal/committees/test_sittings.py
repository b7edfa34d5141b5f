"""A sitting from its call to its signed minutes, and what the opinion does on the file."""

import pytest

from ecluse.domain import committees
from ecluse.domain.committees import Choice, Phase
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ActedAs, ActRow, CaseRecord, ClockRow
from ecluse.portal.cases.recusals import Recusal
from ecluse.portal.committees import actions, minutes, reading, storage
from ecluse.portal.committees.actions import Call
from tests.unit.portal.cases.desk import MONDAY, later
from tests.unit.portal.committees.sitting import SITTING_DAY, Table


def test_every_member_is_called_and_only_files_that_await_an_opinion_are_listed(
    table: Table,
) -> None:
    sitting = table.called()

    assert sitting.number == "S-2026-001"
    assert sitting.seats.count() == 4
    assert [entry.item.item_id for entry in sitting.entries.all()] == ["unit-1"]
    assert actions.candidates() == []


def test_a_file_on_an_agenda_goes_on_no_other(table: Table) -> None:
    table.called()
    call = Call(SITTING_DAY, "Salle 4", table.anne, table.bruno)
    other = actions.call(call, by=table.desk.assessor, now=MONDAY)
    unit = table.desk.item("unit-1")

    with pytest.raises(NotAllowed, match="on an agenda already"):
        actions.put_on_agenda(other, [unit], by=table.desk.assessor, now=MONDAY)


def test_who_presides_and_who_replaces_them_are_two_members(table: Table) -> None:
    call = Call(SITTING_DAY, "Salle 3", table.anne, table.desk.assessor)

    with pytest.raises(InvalidInput, match="two members"):
        actions.call(call, by=table.desk.assessor, now=MONDAY)


def test_a_member_cannot_call_a_sitting(table: Table) -> None:
    call = Call(SITTING_DAY, "Salle 3", table.anne, table.bruno)

    with pytest.raises(NotAllowed, match=r"committee\.call"):
        actions.call(call, by=table.anne, now=MONDAY)


def test_the_sitting_opens_when_who_presides_arrives(table: Table) -> None:
    sitting = table.called()
    actions.arrive(sitting, by=table.chloe, now=MONDAY)
    before = type(sitting).objects.get().state
    actions.arrive(sitting, by=table.anne, now=MONDAY)

    assert (before, type(sitting).objects.get().state) == ("planned", "open")


def test_one_member_of_four_is_no_quorum(table: Table) -> None:
    entry = table.seated(table.anne)

    with pytest.raises(NotAllowed, match="quorum on this file is 2"):
        table.open_vote(entry, table.anne)


def test_a_member_present_who_has_not_declared_counts_for_nothing(table: Table) -> None:
    entry = table.seated(table.anne)
    actions.arrive(entry.sitting, by=table.bruno, now=MONDAY)

    with pytest.raises(NotAllowed, match="there are 1"):
        table.open_vote(entry, table.anne)


def test_an_interest_closes_the_file_to_the_member_on_every_page(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno)
    actions.declare(entry, "Je dirige la thèse de Camille.", by=table.chloe, now=MONDAY)

    assert not CaseRecord.objects.visible_to(table.chloe).exists()
    assert CaseRecord.objects.visible_to(table.anne).exists()
    assert reading.agenda(entry.sitting, table.chloe)[0].is_closed
    with pytest.raises(NotAllowed):
        table.desk.do("give-opinion", table.chloe, on="unit-1")


def test_an_interest_declared_after_the_first_vote_undoes_that_vote(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno, table.chloe)
    table.open_vote(entry, table.anne)
    table.vote(entry, Choice.UNFAVOURABLE, table.bruno)
    actions.declare(entry, "Le financeur est mon employeur.", by=table.bruno, now=MONDAY)
    file = storage.load(entry)

    assert committees.counted(file, 0) == ()
    assert committees.deliberating(file) == {table.anne.subject, table.chloe.subject}


def test_the_words_of_an_interest_stay_out_of_the_journal(table: Table) -> None:
    entry = table.seated(table.anne)
    actions.declare(entry, "Maladie de mon frère.", by=table.bruno, now=MONDAY)
    declared = JournalEntry.objects.filter(action="sitting.declared").order_by("sequence").last()

    assert declared is not None
    assert b'"interest":"yes"' in bytes(declared.body)
    assert "frère".encode() not in bytes(declared.body)


def test_a_person_of_the_file_cannot_say_that_they_have_no_interest(table: Table) -> None:
    sitting = table.called()
    table.desk.case.parties.create(subject=table.chloe.subject, role="project-member")
    entry = sitting.entries.get()

    with pytest.raises(NotAllowed, match="person of this file"):
        actions.declare(entry, "", by=table.chloe, now=MONDAY)


def test_who_voted_is_remembered_as_having_acted_for_the_committee(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno)
    table.open_vote(entry, table.anne)
    table.vote(entry, Choice.RESERVED, table.bruno)

    assert ActedAs.objects.filter(subject=table.bruno.subject, role="committee").exists()


def test_the_journal_tells_that_a_vote_was_cast_and_not_which(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno)
    table.open_vote(entry, table.anne)
    table.vote(entry, Choice.RESERVED, table.bruno)
    told = bytes(JournalEntry.objects.get(action="sitting.voted").body)

    assert b'"turn":0' in told
    assert b"reserved" not in told


def test_nobody_sees_a_vote_before_it_is_closed(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno, table.chloe)
    table.open_vote(entry, table.anne)
    entry = table.vote(entry, Choice.RESERVED, table.bruno)

    assert reading.entry_text(entry, table.anne).votes == []
    assert [v.choice for v in reading.entry_text(entry, table.bruno).votes] == ["Réservé"]
    assert reading.entry_text(entry, table.desk.assessor).votes == []


def test_first_votes_are_seen_by_members_once_closed_and_by_nobody_else(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno)
    table.open_vote(entry, table.anne)
    table.vote(entry, Choice.RESERVED, table.anne, table.bruno)
    entry = table.close_vote(entry, table.anne)

    assert len(reading.entry_text(entry, table.anne).votes) == 2
    assert reading.entry_text(entry, table.david).votes == []
    assert reading.entry_text(entry, table.desk.decider).votes == []


def test_the_opinion_reaches_the_file_with_the_second_signature_alone(table: Table) -> None:
    sitting = table.closed(Choice.WITH_RECOMMENDATIONS)
    clock = ClockRow.objects.filter(rule="committee-opinion", completed_on__isnull=True)
    minutes.sign(sitting, by=table.chloe, now=later(1))
    before = clock.exists()
    minutes.sign(sitting, by=table.anne, now=later(2))
    act = ActRow.objects.get(action="give-opinion")

    assert (before, clock.exists()) == (True, False)
    assert (act.by, act.role) == (table.chloe, "committee")
    assert act.reason == "Le protocole répond à la question."
    assert sitting.entries.get().had_effect is True


def test_one_of_the_signers_presided(table: Table) -> None:
    sitting = table.closed()
    minutes.sign(sitting, by=table.chloe, now=MONDAY)
    actions_seat = sitting.seats.get(member=table.david)
    actions_seat.arrived_at = MONDAY
    actions_seat.save()

    with pytest.raises(NotAllowed, match="presided"):
        minutes.sign(sitting, by=table.david, now=MONDAY)


def test_an_opinion_that_nobody_awaits_any_more_changes_nothing(table: Table) -> None:
    sitting = table.closed()
    table.desk.do("withdraw", table.desk.camille, day=1)
    minutes.sign(sitting, by=table.anne, now=later(2))
    minutes.sign(sitting, by=table.bruno, now=later(2))

    assert not ActRow.objects.filter(action="give-opinion").exists()
    assert sitting.entries.get().had_effect is False


def test_the_sitting_does_not_close_before_each_file_is_settled(table: Table) -> None:
    entry = table.seated(table.anne, table.bruno)

    with pytest.raises(NotAllowed, match="neither a reasoned opinion"):
        minutes.close(entry.sitting, by=table.anne, now=MONDAY)


def test_what_lacked_a_quorum_is_called_again_without_one(table: Table) -> None:
    entry = table.seated(table.anne)
    step = lambda file: committees.postpone(file, "Quorum", by=table.anne.subject)  # noqa: E731
    actions.do(entry, "postponed", step, by=table.anne, now=MONDAY)
    former = minutes.close(entry.sitting, by=table.anne, now=MONDAY)
    call = Call(SITTING_DAY, "Salle 3", table.anne, table.bruno)
    again = actions.call(call, by=table.desk.assessor, now=MONDAY, recalls=former)
    actions.arrive(again, by=table.anne, now=MONDAY)
    second = actions.declare(again.entries.get(), "", by=table.anne, now=MONDAY)

    assert table.open_vote(second, table.anne).phase == Phase.FIRST_VOTE


def test_a_recusal_is_told_to_the_minutes_and_its_reader_reads_nothing_of_the_file(
    table: Table,
) -> None:
    entry = table.seated(table.anne, table.bruno, table.chloe)
    actions.declare(entry, "Co-auteur.", by=table.chloe, now=MONDAY)
    step = lambda file: committees.postpone(file, "Manque un avis", by=table.anne.subject)  # noqa: E731
    actions.do(entry, "postponed", step, by=table.anne, now=MONDAY)
    sitting = minutes.close(entry.sitting, by=table.anne, now=MONDAY)
    written = minutes.read(sitting)
    known = reading.visible_numbers(table.chloe, sitting)

    assert written["files"][0]["withdrew"] == [table.chloe.full_name]  # type: ignore[index,call-overload]
    assert minutes.files_for(written, known) == []
    assert Recusal.objects.count() == 1
