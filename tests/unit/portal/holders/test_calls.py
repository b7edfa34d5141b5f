"""A call to a holder: within the permit, on a clock, by the right persons, to its receipt."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from ecluse.domain.documents import TableScope
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.holders import actions
from ecluse.portal.holders.actions import HolderEntry, Said
from ecluse.portal.holders.models import Holder, HolderCall, SuppliedFile
from ecluse.portal.permits import actions as permit_actions
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.holders.calling import (
    CODES,
    DRUGS,
    STAYS,
    Calling,
    later,
    supply_clock,
)


def test_a_call_starts_three_months_and_ends_the_duty_to_ask(calling: Calling) -> None:
    call = calling.asked()

    asked_at_once = ClockRow.objects.get(rule="request-data")
    assert (call.number, call.item.state) == ("FR-2026-0001-H1", "asked")
    assert supply_clock(call).due_on == date(2026, 4, 7)  # the 5th: Sunday, the 6th: Easter
    assert asked_at_once.completed_on == date(2026, 1, 5)


def test_each_call_of_a_permit_has_its_number_and_its_clock(calling: Calling) -> None:
    first = calling.asked()
    second = actions.ask(calling.permit, calling.request(), by=calling.road.preparer, now=later(20))

    assert second.number == "FR-2026-0001-H2"
    assert supply_clock(first).due_on == date(2026, 4, 7)
    assert supply_clock(second).due_on == date(2026, 4, 27)  # the 25th is a Saturday


@pytest.mark.parametrize(
    "beyond",
    [
        {"tables": (TableScope("ER_PHA_F", ("PHA_PRS_C13", "BEN_NIR_PSA")),)},
        {"tables": (TableScope("ER_PRS_F", ("EXE_SOI_DTD",)),)},
        {"tables": ()},
        {"care_from": date(2020, 12, 31)},
        {"care_to": date(2024, 1, 1)},
        {"care_from": date(2023, 1, 1), "care_to": date(2022, 1, 1)},
    ],
)
def test_a_call_never_asks_more_than_the_permit_gives(
    calling: Calling, beyond: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        actions.ask(calling.permit, calling.request(**beyond), by=calling.road.preparer, now=NOW)

    assert not HolderCall.objects.exists()
    assert not JournalEntry.objects.filter(action="holder-call.ask").exists()


def test_a_holder_is_asked_for_what_it_holds(calling: Calling) -> None:
    other = Holder.objects.get(name="Registre")

    with pytest.raises(InvalidInput, match="does not hold"):
        actions.ask(
            calling.permit, calling.request(holder=other), by=calling.road.preparer, now=NOW
        )


def test_only_those_who_prepare_data_call_holders(calling: Calling) -> None:
    with pytest.raises(NotAllowed, match="ask-holders is for: preparer"):
        actions.ask(calling.permit, calling.request(), by=calling.road.decider, now=NOW)


def test_nobody_is_called_under_a_permit_that_was_taken_back(calling: Calling) -> None:
    permit_actions.revoke(calling.permit, "Abus.", by=calling.road.decider, now=NOW)

    with pytest.raises(NotAllowed):
        actions.ask(calling.permit, calling.request(), by=calling.road.preparer, now=NOW)


def test_a_holder_acknowledges_its_own_calls_and_no_others(calling: Calling) -> None:
    call = calling.asked()

    with pytest.raises(NotAllowed, match="persons of CHU d’Exemple"):
        calling.do(call, "acknowledge", calling.bob)
    with pytest.raises(NotAllowed, match="persons of CHU d’Exemple"):
        calling.do(call, "acknowledge", calling.road.preparer)

    assert calling.do(call, "acknowledge", calling.anne).item.state == "acknowledged"


def test_the_hub_extends_once_and_gives_its_reasons(calling: Calling) -> None:
    call = calling.asked()
    calling.do(call, "ask-extension", calling.anne, day=60, reason="Trois sources à apparier.")

    with pytest.raises(InvalidInput, match="reason"):
        calling.do(call, "extend", calling.road.decider, day=61)
    calling.do(call, "extend", calling.road.decider, day=61, reason="Justifié.")

    assert supply_clock(call).due_on == date(2026, 7, 6)  # 5 July 2026 is a Sunday
    with pytest.raises(NotAllowed, match="once only"):
        calling.do(call, "extend", calling.road.decider, day=62, reason="Encore.")


def test_an_extension_may_be_shorter_than_law_allows_and_never_longer(calling: Calling) -> None:
    call = calling.asked()
    short = Said("Un mois suffit.", date(2026, 5, 7))
    long = Said("Un an.", date(2027, 1, 5))

    with pytest.raises(NotAllowed):
        actions.do(call, "extend", by=calling.road.decider, now=later(60), said=long)
    actions.do(call, "extend", by=calling.road.decider, now=later(60), said=short)

    assert supply_clock(call).due_on == date(2026, 5, 7)


def test_a_holder_does_not_decide_on_its_own_request(calling: Calling) -> None:
    call = calling.asked()
    subjects = frozenset({calling.anne.subject, calling.road.decider.subject})
    entry = HolderEntry("CHU d’Exemple", "", "d@chu.example", (calling.road.dataset,), subjects)
    actions.keep_holder(calling.holder, entry, by=calling.road.preparer, now=NOW)

    with pytest.raises(NotAllowed, match="its own request"):
        calling.do(call, "extend", calling.road.decider, day=60, reason="Pour nous.")


def test_what_is_supplied_is_a_name_a_size_and_a_digest(calling: Calling) -> None:
    call = calling.supplied()

    files = SuppliedFile.objects.order_by("name").values_list("name", "octets", "is_confirmed")
    assert list(files) == [("medicaments.csv", 2_048, None), ("sejours.csv", 1_048_576, None)]
    assert call.item.state == "supplied"
    assert supply_clock(call).completed_on == date(2026, 1, 15)


def test_the_same_bytes_are_received_and_the_two_months_of_the_hub_begin(
    calling: Calling,
) -> None:
    call = calling.supplied()
    received = actions.receive(call, [DRUGS, STAYS], by=calling.road.preparer, now=later(11))

    provision = ClockRow.objects.get(item=call.item, rule="provision")
    assert received.item.state == "received"
    assert provision.due_on == date(2026, 3, 16)
    assert set(call.files.values_list("is_confirmed", flat=True)) == {True}


def test_one_byte_that_differs_is_not_received(calling: Calling) -> None:
    call = calling.supplied()
    other = type(DRUGS)(DRUGS.name, DRUGS.octets, "sha256:" + "c" * 64)

    with pytest.raises(InvalidInput, match=r"1 files .* medicaments.csv"):
        actions.receive(call, [other, STAYS], by=calling.road.preparer, now=later(11))
    assert set(call.files.values_list("is_confirmed", flat=True)) == {None}


def test_a_supply_sent_back_leaves_the_first_clock_running(calling: Calling) -> None:
    call = calling.supplied()
    returned = actions.send_back(
        call, "Colonnes décalées.", by=calling.road.preparer, now=later(12)
    )
    again = actions.supply(returned, [STAYS], by=calling.anne, now=later(20))

    clock = supply_clock(call)
    assert (clock.started_on, clock.due_on) == (date(2026, 1, 5), date(2026, 4, 7))
    assert clock.completed_on == date(2026, 1, 25)
    assert [(one.lot, one.is_confirmed) for one in again.files.order_by("lot", "name")] == [
        (1, False),
        (1, False),
        (2, None),
    ]


def test_the_data_made_available_end_the_call(calling: Calling) -> None:
    call = actions.receive(
        calling.supplied(), [DRUGS, STAYS], by=calling.road.preparer, now=later(11)
    )

    assert (
        calling.do(call, "make-available", calling.road.preparer, day=40).item.state == "available"
    )


def test_the_journal_holds_each_act_with_the_digest_of_what_was_asked(calling: Calling) -> None:
    calling.supplied()

    entries = JournalEntry.objects.filter(action__startswith="holder-call.").order_by("sequence")
    assert list(entries.values_list("action", "actor")) == [
        ("holder-call.ask", "nora.blanc@hub.example"),
        ("holder-call.supply", "anne@chu.example"),
    ]
    assert all(digest.startswith("sha256:") for digest in entries.values_list("digest", flat=True))


def test_a_call_is_read_by_its_holder_its_project_and_officers(calling: Calling) -> None:
    call = calling.asked()

    readers = (calling.anne, calling.road.camille, calling.road.louis, calling.road.auditor)
    seen = [list(HolderCall.objects.visible_to(user)) for user in readers]
    assert seen == [[call]] * 4
    assert not HolderCall.objects.visible_to(calling.bob).exists()
    assert not HolderCall.objects.visible_to(calling.road.stranger).exists()


def test_holders_are_kept_by_those_who_prepare_data(calling: Calling) -> None:
    entry = HolderEntry("Autre", "", "a@b.example", (), frozenset())
    same = HolderEntry("Registre", "", "a@b.example", (), frozenset())

    with pytest.raises(NotAllowed, match=r"holder\.keep"):
        actions.keep_holder(None, entry, by=calling.road.assessor, now=NOW)
    with pytest.raises(InvalidInput, match="already named"):
        actions.keep_holder(None, same, by=calling.road.preparer, now=NOW)


def test_the_address_of_a_holder_is_its_own(calling: Calling) -> None:
    names = ("New", "Régistre", "CHU d’Exemple !")
    entries = [HolderEntry(name, "", "a@b.example", (), frozenset()) for name in names]
    kept = [actions.keep_holder(None, e, by=calling.road.preparer, now=NOW) for e in entries]

    assert [one.slug for one in kept] == ["new-2", "registre-2", "chu-dexemple-2"]


@pytest.mark.parametrize(
    "change", [{"octets": 0}, {"digest": "md5:00"}, {"name": "medicaments.csv"}]
)
def test_the_database_itself_refuses_a_receipt_that_means_nothing(
    calling: Calling, change: dict[str, object]
) -> None:
    call = calling.supplied()

    with pytest.raises(IntegrityError), transaction.atomic():
        SuppliedFile.objects.filter(call=call, name="sejours.csv").update(**change)


def test_the_tables_asked_are_read_back_as_they_were_asked(calling: Calling) -> None:
    assert HolderCall.objects.get(pk=calling.asked().pk).scopes() == CODES
