"""The register of opt-outs: pseudonyms alone, one period at a time, lists as of a decision."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ecluse.domain.documents import Basis, OptOutList
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.optouts import Capacity, in_force
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.optouts import actions
from ecluse.portal.optouts.actions import Concerned, Insured
from ecluse.portal.optouts.models import OptOut
from ecluse.trust import documents
from ecluse.trust.pseudonyms.national_numbers import (
    FileNationalKey,
    load_national_key,
    name_claimant,
    name_person,
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.sites import NATIONAL_KEY, Agent

Create = Callable[..., User]
MORNING = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 18, tzinfo=UTC)
JEANNE, RENE = synthetic_national_number(1), synthetic_national_number(2)
PROVISIONAL = f"8{JEANNE[1:]}"


@pytest.fixture
def citizen(account: Create) -> User:
    """Jeanne, who exercises her right."""
    return account(Role.CITIZEN, email="jeanne.petit@citizen.example")


@pytest.fixture
def decider(account: Create) -> User:
    """Paul, who decides permits."""
    return account(Role.DECIDER)


def listed(as_of: datetime, *, by: User) -> tuple[str, ...]:
    """The identifiers of the signed list of a permit decided at that instant."""
    sent = actions.publish_list("FR-2026-0001", as_of=as_of, by=by, now=as_of)
    body = documents.verify(sent.data, identity.keyring(), now=as_of).document.body
    assert isinstance(body, OptOutList)
    return body.opt_out_ids


def test_an_opt_out_stores_the_pseudonym_and_a_receipt(citizen: User) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOON)

    stored = OptOut.objects.get()
    assert stored.opt_out_id == pseudonymise_national_number(JEANNE, NATIONAL_KEY)
    assert (stored.from_at, stored.until, stored.recorded_by) == (NOON, None, "citizen")
    assert recorded.receipt_number.startswith("OPP-")
    assert actions.find_receipt(recorded.receipt_number) == recorded


def test_the_national_number_is_nowhere_in_the_database(citizen: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=NOON)
    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=EVENING)

    with connection.cursor() as cursor:
        cursor.execute("SELECT database_to_xml(true, true, '')::text")
        (everything,) = cursor.fetchone()
    journal = b"".join(bytes(entry.body) for entry in JournalEntry.objects.all())

    assert OptOut.objects.believed().get().opt_out_id in everything
    assert JEANNE not in everything
    assert JEANNE.encode() not in journal


def test_the_journal_tells_that_an_opt_out_was_made_not_by_which_citizen(citizen: User) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOON)

    entry = JournalEntry.objects.get(action="optout.recorded")

    assert entry.actor == "citizen"
    assert recorded.receipt_number.encode() not in bytes(entry.body)
    assert OptOut.objects.get().opt_out_id.encode() not in bytes(entry.body)


def test_the_desk_is_named_when_it_records_for_somebody(account: Create) -> None:
    actions.opt_out(
        Concerned(JEANNE), by=account(Role.OPT_OUT_DESK, email="nadia@hub.example"), now=NOON
    )

    assert JournalEntry.objects.get(action="optout.recorded").actor == "nadia@hub.example"
    assert OptOut.objects.get().recorded_by == "opt-out-desk"


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.DECIDER, Role.DATA_USER, Role.AUDITOR])
def test_nobody_else_opts_a_person_out_or_in(account: Create, role: Role) -> None:
    somebody = account(role)

    with pytest.raises(NotAllowed):
        actions.opt_out(Concerned(JEANNE), by=somebody, now=NOON)
    with pytest.raises(NotAllowed):
        actions.opt_back_in(Concerned(JEANNE), by=somebody, now=NOON)

    assert OptOut.objects.count() == 0


def test_opting_out_twice_keeps_the_first_opt_out(citizen: User) -> None:
    first = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOON)
    second = actions.opt_out(Concerned(JEANNE), by=citizen, now=EVENING)

    assert second.receipt_number == first.receipt_number
    assert OptOut.objects.get().from_at == NOON


def test_spaces_in_the_number_make_no_other_person(citizen: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=NOON)
    actions.opt_out(Concerned(" ".join(JEANNE)), by=citizen, now=EVENING)

    assert OptOut.objects.count() == 1


def test_going_back_in_closes_the_period_and_keeps_it(citizen: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)

    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=NOON)

    before, now_ = OptOut.objects.order_by("pk")
    assert (before.from_at, before.until, before.superseded_at) == (MORNING, None, NOON)
    assert (now_.from_at, now_.until, now_.superseded_at) == (MORNING, NOON, None)
    assert (now_.recorded_at, now_.recorded_by, now_.cause) == (NOON, "citizen", "reversed")


def test_one_may_go_out_again(citizen: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=NOON)
    actions.opt_out(Concerned(JEANNE), by=citizen, now=EVENING)

    held = OptOut.objects.believed().order_by("from_at").values_list("from_at", "until")
    assert list(held) == [(MORNING, NOON), (EVENING, None)]


def test_who_is_not_out_cannot_go_back_in(citizen: User) -> None:
    with pytest.raises(NotFound, match="rien à lever"):
        actions.opt_back_in(Concerned(JEANNE), by=citizen, now=NOON)


def test_the_refusal_of_a_wrong_number_does_not_repeat_it(citizen: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.opt_out(Concerned("12345"), by=citizen, now=NOON)

    assert "12345" not in str(refused.value)


@pytest.mark.parametrize(
    ("from_at", "until"), [(MORNING, None), (NOON, None), (MORNING, EVENING), (NOON, EVENING)]
)
def test_the_database_refuses_two_periods_at_once(
    citizen: User, from_at: datetime, until: datetime | None
) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=NOON)
    first = OptOut.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        OptOut.objects.create(
            declaration=uuid4(),
            receipt_digest="0",
            opt_out_id=first.opt_out_id,
            identifier="own",
            capacity="self",
            from_at=from_at,
            until=until,
            recorded_at=NOON,
            recorded_by="citizen",
            cause="declared",
        )

    assert OptOut.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"until": EVENING}, {"superseded_at": None}, {"opt_out_id": "0"}]
)
def test_the_database_lets_nobody_rewrite_a_row(citizen: User, change: dict[str, object]) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)

    with pytest.raises(ProgrammingError), transaction.atomic():
        OptOut.objects.update(**change)


def test_the_database_lets_nobody_remove_a_row(citizen: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)

    with pytest.raises(ProgrammingError), transaction.atomic():
        OptOut.objects.all().delete()

    assert OptOut.objects.count() == 1


def test_an_error_put_right_changes_later_lists_and_no_earlier_one(
    citizen: User, account: Create, decider: User
) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    before = listed(NOON, by=decider)
    desk = account(Role.OPT_OUT_DESK)

    actions.correct(recorded.receipt_number, from_at=MORNING, until=MORNING, by=desk, now=EVENING)

    assert len(before) == 1
    assert listed(NOON, by=decider) == before
    assert listed(EVENING, by=decider) == ()


def test_a_citizen_puts_no_date_right(citizen: User) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)

    with pytest.raises(NotAllowed):
        actions.correct(
            recorded.receipt_number, from_at=MORNING, until=MORNING, by=citizen, now=EVENING
        )


def test_every_number_of_a_person_is_out_and_goes_back_together(
    citizen: User, decider: User
) -> None:
    # A child known by a provisional number, and through her mother, second of two twin girls.
    mother = Insured(RENE, date(2020, 5, 3), is_male=False, rank=2)
    child = Concerned(JEANNE, Capacity.CHILD, provisional=(PROVISIONAL,), insured=(mother,))

    recorded = actions.opt_out(child, by=citizen, now=MORNING)
    out = listed(NOON, by=decider)
    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=EVENING)

    assert recorded.capacity is Capacity.CHILD
    assert len(out) == 3
    assert {one[-1] for one in out if len(one) == 65} == {"2"}
    assert pseudonymise_national_number(RENE, NATIONAL_KEY) not in out
    assert listed(EVENING, by=decider) == ()


def test_a_definitive_number_counts_from_the_day_of_the_provisional_one(
    citizen: User, account: Create, decider: User
) -> None:
    recorded = actions.opt_out(Concerned(PROVISIONAL), by=citizen, now=MORNING)
    desk = account(Role.OPT_OUT_DESK)

    actions.add_number(recorded.receipt_number, Concerned(JEANNE), by=desk, now=NOON)

    added = OptOut.objects.get(opt_out_id=pseudonymise_national_number(JEANNE, NATIONAL_KEY))
    assert (added.from_at, added.recorded_at) == (MORNING, NOON)
    assert len(listed(EVENING, by=decider)) == 2
    assert len(listed(MORNING, by=decider)) == 1


def test_the_two_bases_are_recorded_and_taken_back_apart(citizen: User, decider: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING, basis=Basis.NATIONAL_COPY)
    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=NOON)

    sent = actions.publish_list("FR-2026-0001", as_of=EVENING, by=decider, now=EVENING)

    body = sent.document.body
    assert isinstance(body, OptOutList)
    assert body.opt_out_ids == ()
    assert body.national_copy_ids == (pseudonymise_national_number(JEANNE, NATIONAL_KEY),)


def test_a_long_list_travels_in_a_file_of_sorted_lines(
    citizen: User, decider: User, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "IN_DOCUMENT", 1)
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    actions.opt_out(Concerned(RENE), by=citizen, now=MORNING)

    sent = actions.publish_list("FR-2026-0001", as_of=NOON, by=decider, now=NOON)

    body = sent.document.body
    assert isinstance(body, OptOutList)
    (file,) = body.files
    content = b"".join(agent.fetch(file.digest).streaming_content)  # type: ignore[attr-defined]
    both = sorted(pseudonymise_national_number(one, NATIONAL_KEY) for one in (JEANNE, RENE))
    assert body.opt_out_ids == ()
    assert (file.basis, file.count, file.size) == (Basis.EHDS, 2, len(content))
    assert content.decode().splitlines() == both


@pytest.mark.parametrize("as_of", [MORNING, NOON, EVENING])
def test_the_database_lists_whom_the_rule_lists(
    citizen: User, account: Create, decider: User, as_of: datetime
) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    actions.opt_out(Concerned(RENE), by=citizen, now=NOON)
    desk = account(Role.OPT_OUT_DESK)
    actions.correct(recorded.receipt_number, from_at=MORNING, until=NOON, by=desk, now=EVENING)

    ruled = in_force(OptOut.objects.periods(), as_of=as_of, known_at=as_of)

    assert listed(as_of, by=decider) == tuple(ruled)


def test_each_look_at_the_register_is_journalled_with_who_looks(account: Create) -> None:
    desk = account(Role.OPT_OUT_DESK, email="nadia@hub.example")
    actions.opt_out(Concerned(JEANNE), by=desk, now=MORNING)
    actions.opt_back_in(Concerned(JEANNE), by=desk, now=NOON)

    (found,) = actions.look_up(Concerned(JEANNE), by=desk, now=EVENING)

    assert (found.from_at, found.until) == (MORNING, NOON)
    assert JournalEntry.objects.get(action="optout.read").actor == "nadia@hub.example"


def test_a_key_in_a_module_names_persons_as_a_key_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "national.key").write_bytes(NATIONAL_KEY)

    named = name_person(JEANNE, load_national_key(tmp_path))

    assert named == pseudonymise_national_number(JEANNE, NATIONAL_KEY)


def test_twins_of_one_sex_are_told_apart_by_rank_and_only_so(tmp_path: Path) -> None:
    key = FileNationalKey(NATIONAL_KEY)
    born = date(2020, 5, 3)

    first, second, either = (
        name_claimant(RENE, born_on=born, is_male=True, rank=rank, key=key) for rank in (1, 2, None)
    )

    assert (first, second) == (f"{either}1", f"{either}2")
    assert either != name_claimant(RENE, born_on=born, is_male=False, rank=None, key=key)


def test_the_list_names_who_was_out_at_the_decision(citizen: User, decider: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    actions.opt_out(Concerned(RENE), by=citizen, now=EVENING)

    assert listed(NOON, by=decider) == (pseudonymise_national_number(JEANNE, NATIONAL_KEY),)


def test_an_opt_out_counts_from_its_very_instant_and_a_return_too(
    citizen: User, decider: User
) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=NOON)

    assert len(listed(MORNING, by=decider)) == 1
    assert len(listed(NOON - timedelta(milliseconds=1), by=decider)) == 1
    assert listed(NOON, by=decider) == ()


def test_a_later_return_does_not_change_the_list_of_an_earlier_decision(
    citizen: User, decider: User
) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=MORNING)
    before = listed(NOON, by=decider)

    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=EVENING)

    assert listed(NOON, by=decider) == before


def test_the_list_is_signed_by_the_register_for_the_agent_alone(
    citizen: User, decider: User
) -> None:
    sent = actions.publish_list("FR-2026-0001", as_of=NOON, by=decider, now=NOON)

    assert (sent.document.issuer, sent.document.audience) == ("register", ("agent:zone-1",))
    assert sent.document.kind == "OptOutList"
