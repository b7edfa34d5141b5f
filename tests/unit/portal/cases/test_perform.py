"""One door moves a file: states, clocks, who acted, letters and journal, all at once."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases import actions, storage
from ecluse.portal.cases.models import ActedAs, ActRow, CaseRecord, ClockRow, Dispatch, Item, Lapse
from tests.unit.portal.cases.desk import MONDAY, Desk, later


def clock(rule: str) -> ClockRow:
    return ClockRow.objects.filter(rule=rule).latest("pk")


def sent() -> list[str]:
    return list(Dispatch.objects.order_by("pk").values_list("name", flat=True))


def journal() -> list[str]:
    return list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))


def test_a_new_file_has_its_case_and_its_decision_and_waits_for_its_applicant(desk: Desk) -> None:
    states = {item.item_id: item.state for item in desk.case.items.all()}

    assert states == {"file": "draft", "case": "expected", "unit-1": "pending"}
    assert (desk.now().turn, desk.now().filed_at) == ("data-user", None)


def test_one_act_moves_every_object_that_it_entails(desk: Desk) -> None:
    desk.complete()

    assert desk.state() == "processing"
    assert desk.state("unit-1") == "assessment"
    assert desk.state("case") == "received"


def test_a_complete_file_is_due_in_three_months_and_the_list_knows(desk: Desk) -> None:
    desk.complete()

    assert clock("decision").due_on == date(2026, 4, 7)  # Easter Monday is the 6th
    assert (desk.now().due_on, desk.now().due_rule) == (date(2026, 4, 7), "decision")


def test_an_incomplete_file_comes_back_to_its_applicant_for_four_weeks(desk: Desk) -> None:
    desk.submitted()
    desk.do("start-screening", desk.assessor)
    desk.do("ask-information", desk.assessor, reason="L’avis éthique manque.")

    assert (desk.now().turn, desk.now().due_on) == ("data-user", date(2026, 2, 2))
    assert "incomplete-file" in sent()


def test_a_supplement_stops_the_clock_of_the_decision_until_it_is_there(desk: Desk) -> None:
    desk.complete()
    desk.do("ask-supplement", desk.assessor, day=10, reason="Précisez la période.")
    stopped = clock("decision")
    desk.do("supply-supplement", desk.camille, day=20)

    assert stopped.due_on is None
    assert clock("decision").due_on == date(2026, 4, 27)  # three months from 25 January: a Saturday
    assert clock("decision").suspension_rows.get().until_on == date(2026, 1, 25)
    assert desk.now().turn == "assessor"


def test_the_decision_is_extended_once_with_reasons(desk: Desk) -> None:
    desk.deciding()
    with pytest.raises(InvalidInput, match="reason"):
        desk.do("extend", desk.decider, on="unit-1", day=5)
    desk.do("extend", desk.decider, on="unit-1", day=5, reason="Dossier complexe.")

    assert desk.now().due_on == date(2026, 7, 6)  # six months, and 5 July is a Sunday
    with pytest.raises(NotAllowed, match="once only"):
        desk.do("extend", desk.decider, on="unit-1", day=6, reason="Encore.")


def test_a_grant_opens_a_permit_and_concludes_the_file(desk: Desk) -> None:
    desk.granted()

    assert desk.state() == "decided-positive"
    assert desk.state("permit-1") == "active"
    assert clock("permit-duration").due_on == date(2028, 1, 4)
    assert desk.now().turn == "nobody"


def test_what_is_sent_is_queued_with_the_act_in_the_same_transaction(desk: Desk) -> None:
    desk.submitted()

    assert sent() == ["acknowledgement", "file-submitted"]
    assert Dispatch.objects.get(name="acknowledgement").is_letter
    assert ActRow.objects.get().action == "submit"


def test_each_act_is_journalled_once_with_the_file_and_who(desk: Desk) -> None:
    desk.submitted()

    entry = JournalEntry.objects.get(action="application.submit")
    assert (entry.subject, entry.actor) == ("2026-00001", "camille.moreau@univ.example")


def test_an_act_refused_leaves_nothing(desk: Desk) -> None:
    desk.submitted()
    before = (journal(), sent(), desk.state())

    with pytest.raises(NotAllowed):
        desk.do("declare-complete", desk.decider)
    assert (journal(), sent(), desk.state()) == before


def test_a_copy_read_earlier_is_judged_as_the_file_stands_now(desk: Desk) -> None:
    stale = desk.item()
    desk.submitted()

    with pytest.raises(NotAllowed):
        actions.perform(stale, "submit", by=desk.camille, now=MONDAY)


def test_only_the_applicant_moves_a_draft(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="not for project-member"):
        desk.do("submit", desk.louis)


def test_a_stranger_has_no_role_on_the_file(desk: Desk) -> None:
    desk.submitted()
    other = User.objects.create(email="eve@corp.example", full_name="Eve", organisation="Corp")

    with pytest.raises(NotAllowed, match="no role on the file"):
        actions.perform(desk.item(), "withdraw", by=other, now=MONDAY)


@pytest.mark.parametrize("person", ["camille", "louis", "assessor", "decider", "auditor"])
def test_nobody_acts_as_the_software(desk: Desk, person: str) -> None:
    desk.submitted()
    desk.do("start-screening", desk.assessor)
    desk.do("ask-information", desk.assessor, reason="Incomplet.")

    with pytest.raises(NotAllowed, match="close-incomplete is for: system"):
        desk.do("close-incomplete", getattr(desk, person), day=60)


def test_the_software_closes_only_what_has_lapsed(desk: Desk) -> None:
    desk.submitted()
    desk.do("start-screening", desk.assessor)
    desk.do("ask-information", desk.assessor, reason="Incomplet.")

    with pytest.raises(NotAllowed, match="completion on 2026-02-02"):
        actions.perform_by_software(desk.item(), "close-incomplete", now=later(28))
    actions.perform_by_software(desk.item(), "close-incomplete", now=later(29))
    assert (desk.state(), desk.state("unit-1")) == ("decided-negative", "refused")


def test_who_assessed_a_file_may_never_decide_it_whatever_their_roles_become(desk: Desk) -> None:
    desk.deciding()
    desk.assessor.role_rows.update(role="decider")
    former = User.objects.get(pk=desk.assessor.pk)

    with pytest.raises(NotAllowed, match="acted on this file as assessor"):
        desk.do("refuse", former, on="unit-1", reason="Non.")


def test_a_person_of_the_file_who_became_an_officer_does_nothing_on_it(desk: Desk) -> None:
    desk.submitted()
    desk.louis.role_rows.update(role="assessor")
    louis = User.objects.get(pk=desk.louis.pk)

    with pytest.raises(NotAllowed, match="person of this file"):
        desk.do("start-screening", louis)


def test_the_calendar_is_the_one_of_the_settings(desk: Desk, settings: object) -> None:
    almost_midnight = MONDAY.replace(hour=23, minute=30)  # 00:30 on 6 January in Paris

    assert actions.day_of(desk.case, almost_midnight) == date(2026, 1, 6)
    assert actions.day_of(replace_calendar(desk.case, "FR-guadeloupe"), almost_midnight) == date(
        2026, 1, 5
    )


def replace_calendar(case: CaseRecord, name: str) -> CaseRecord:
    return CaseRecord(number=case.number, kind=case.kind, calendar=name)


def test_a_file_read_back_is_the_file_that_was_written(desk: Desk) -> None:
    desk.complete()
    desk.do("ask-supplement", desk.assessor, day=10, reason="Précisez.")
    desk.do("supply-supplement", desk.camille, day=20)
    desk.do("ask-supplement", desk.assessor, day=30, reason="Encore.")
    file = storage.load(desk.case)

    storage.store(desk.case, replace(file, items={}), file, now=MONDAY)
    assert storage.load(desk.case) == file
    assert len(file.item("unit-1").clocks["decision"].suspensions) == 2


def test_assigning_says_who_and_asks_that_they_may_take_the_file(desk: Desk) -> None:
    desk.submitted()
    actions.assign([desk.case], desk.assessor, by=desk.decider, now=MONDAY)

    assert desk.now().assignee == desk.assessor
    with pytest.raises(NotAllowed, match="cannot take 2026-00001"):
        actions.assign([desk.case], desk.camille, by=desk.decider, now=MONDAY)


@pytest.mark.parametrize(
    ("item", "change"),
    [
        ("file", {"state": "assessment"}),
        ("unit-1", {"state": "processing"}),
        ("file", {"kind": "letter"}),
        ("file", {"track": "slow"}),
        ("permit-1", {"parent": None}),
    ],
)
def test_the_database_refuses_an_object_that_no_machine_knows(
    desk: Desk, item: str, change: dict[str, object]
) -> None:
    desk.granted()

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(case=desk.case, item_id=item).update(**change)


def test_the_database_refuses_two_permits_in_force_for_one_decision(desk: Desk) -> None:
    desk.granted()
    unit = desk.item("unit-1")

    with pytest.raises(IntegrityError, match="item_one_permit_in_force"), transaction.atomic():
        Item.objects.create(
            case=desk.case,
            number=9,
            item_id="permit-2",
            kind="permit",
            state="suspended",
            parent=unit,
            since=MONDAY,
        )


def test_the_database_refuses_two_running_clocks_of_one_rule(desk: Desk) -> None:
    desk.complete()
    running = clock("decision")

    with pytest.raises(IntegrityError, match="clock_one_running"), transaction.atomic():
        ClockRow.objects.create(
            item=running.item, rule="decision", article="68(4)", started_on=date(2026, 2, 1)
        )


@pytest.mark.parametrize(
    "change",
    [
        {"voided_on": date(2026, 1, 6)},
        {"void_reason": "Rien."},
        {"extended_on": date(2026, 1, 6)},
        {"extended_on": date(2026, 1, 6), "extension_reason": ""},
        {"extended_until_on": date(2026, 9, 1)},
        {
            "completed_on": date(2026, 1, 6),
            "voided_on": date(2026, 1, 6),
            "void_reason": "Les deux.",
        },
    ],
)
def test_the_database_refuses_a_clock_that_says_half_a_thing(
    desk: Desk, change: dict[str, object]
) -> None:
    desk.complete()

    with pytest.raises(IntegrityError), transaction.atomic():
        ClockRow.objects.filter(rule="decision").update(**change)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("assessor", "decider"),
        ("data-user", "decider"),
        ("preparer", "checker"),
        ("committee", "decider"),
    ],
)
def test_the_database_refuses_one_person_in_two_roles_of_one_file(
    desk: Desk, first: str, second: str
) -> None:
    ActedAs.objects.create(case=desk.case, subject="x@hub.example", role=first)

    with pytest.raises(IntegrityError), transaction.atomic():
        ActedAs.objects.create(case=desk.case, subject="x@hub.example", role=second)


def test_the_database_refuses_an_act_of_nobody_and_a_refusal_without_reason(desk: Desk) -> None:
    desk.submitted()
    values = {"item": desk.item(), "at": MONDAY, "before": "draft", "after": "draft"}

    with pytest.raises(IntegrityError), transaction.atomic():
        ActRow.objects.create(action="submit", role="assessor", by=None, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActRow.objects.create(action="refuse", role="decider", by=desk.decider, **values)


def test_the_database_keeps_the_evidence_of_a_late_clock_once(desk: Desk) -> None:
    desk.complete()
    late = clock("decision")

    with pytest.raises(IntegrityError), transaction.atomic():
        Lapse.objects.create(clock=late, due_on=date(2026, 4, 7), seen_on=date(2026, 4, 7))
