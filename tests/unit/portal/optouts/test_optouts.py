"""The register of opt-outs: pseudonyms alone, one period at a time, lists as of a decision."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from ecluse.domain.documents import OptOutList
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.optouts import actions
from ecluse.portal.optouts.models import OptOut
from ecluse.trust import documents
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.sites import NATIONAL_KEY

Create = Callable[..., User]
MORNING = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 18, tzinfo=UTC)
JEANNE, RENE = synthetic_national_number(1), synthetic_national_number(2)


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
    recorded = actions.opt_out(JEANNE, by=citizen, now=NOON)

    stored = OptOut.objects.get()
    assert stored.opt_out_id == pseudonymise_national_number(JEANNE, NATIONAL_KEY)
    assert (stored.from_at, stored.until, stored.recorded_by) == (NOON, None, "citizen")
    assert recorded.receipt_number.startswith("OPP-")


def test_the_national_number_is_nowhere_in_the_database(citizen: User) -> None:
    actions.opt_out(JEANNE, by=citizen, now=NOON)
    actions.opt_back_in(JEANNE, by=citizen, now=EVENING)

    with connection.cursor() as cursor:
        cursor.execute("SELECT database_to_xml(true, true, '')::text")
        (everything,) = cursor.fetchone()
    journal = b"".join(bytes(entry.body) for entry in JournalEntry.objects.all())

    assert OptOut.objects.get().receipt_number in everything
    assert JEANNE not in everything
    assert JEANNE.encode() not in journal


def test_the_journal_tells_that_an_opt_out_was_made_not_by_which_citizen(citizen: User) -> None:
    recorded = actions.opt_out(JEANNE, by=citizen, now=NOON)

    entry = JournalEntry.objects.get(action="optout.recorded")

    assert (entry.actor, entry.subject) == ("citizen", recorded.receipt_number)
    assert recorded.opt_out_id.encode() not in bytes(entry.body)


def test_the_desk_is_named_when_it_records_for_somebody(account: Create) -> None:
    actions.opt_out(JEANNE, by=account(Role.OPT_OUT_DESK, email="nadia@hub.example"), now=NOON)

    assert JournalEntry.objects.get(action="optout.recorded").actor == "nadia@hub.example"
    assert OptOut.objects.get().recorded_by == "opt-out-desk"


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.DECIDER, Role.DATA_USER, Role.AUDITOR])
def test_nobody_else_opts_a_person_out_or_in(account: Create, role: Role) -> None:
    somebody = account(role)

    with pytest.raises(NotAllowed):
        actions.opt_out(JEANNE, by=somebody, now=NOON)
    with pytest.raises(NotAllowed):
        actions.opt_back_in(JEANNE, by=somebody, now=NOON)

    assert OptOut.objects.count() == 0


def test_opting_out_twice_keeps_the_first_opt_out(citizen: User) -> None:
    first = actions.opt_out(JEANNE, by=citizen, now=NOON)
    second = actions.opt_out(JEANNE, by=citizen, now=EVENING)

    assert second.receipt_number == first.receipt_number
    assert OptOut.objects.get().from_at == NOON


def test_spaces_in_the_number_make_no_other_person(citizen: User) -> None:
    actions.opt_out(JEANNE, by=citizen, now=NOON)
    actions.opt_out(" ".join(JEANNE), by=citizen, now=EVENING)

    assert OptOut.objects.count() == 1


def test_going_back_in_closes_the_period_and_keeps_it(citizen: User) -> None:
    actions.opt_out(JEANNE, by=citizen, now=MORNING)

    actions.opt_back_in(JEANNE, by=citizen, now=NOON)

    stored = OptOut.objects.get()
    assert (stored.from_at, stored.until, stored.reversed_at) == (MORNING, NOON, NOON)
    assert stored.reversed_by == "citizen"


def test_one_may_go_out_again(citizen: User) -> None:
    actions.opt_out(JEANNE, by=citizen, now=MORNING)
    actions.opt_back_in(JEANNE, by=citizen, now=NOON)
    actions.opt_out(JEANNE, by=citizen, now=EVENING)

    assert OptOut.objects.count() == 2


def test_who_is_not_out_cannot_go_back_in(citizen: User) -> None:
    with pytest.raises(NotFound, match="rien à lever"):
        actions.opt_back_in(JEANNE, by=citizen, now=NOON)


def test_the_refusal_of_a_wrong_number_does_not_repeat_it(citizen: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.opt_out("12345", by=citizen, now=NOON)

    assert "12345" not in str(refused.value)


@pytest.mark.parametrize(
    ("from_at", "until"), [(MORNING, None), (NOON, None), (MORNING, EVENING), (NOON, EVENING)]
)
def test_the_database_refuses_two_periods_at_once(
    citizen: User, from_at: datetime, until: datetime | None
) -> None:
    first = actions.opt_out(JEANNE, by=citizen, now=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        OptOut.objects.create(
            receipt_number="OPP-0",
            opt_out_id=first.opt_out_id,
            from_at=from_at,
            until=until,
            recorded_at=NOON,
            recorded_by="citizen",
        )

    assert OptOut.objects.count() == 1


def test_the_list_names_who_was_out_at_the_decision(citizen: User, decider: User) -> None:
    actions.opt_out(JEANNE, by=citizen, now=MORNING)
    actions.opt_out(RENE, by=citizen, now=EVENING)

    assert listed(NOON, by=decider) == (pseudonymise_national_number(JEANNE, NATIONAL_KEY),)


def test_an_opt_out_counts_from_its_very_instant_and_a_return_too(
    citizen: User, decider: User
) -> None:
    actions.opt_out(JEANNE, by=citizen, now=MORNING)
    actions.opt_back_in(JEANNE, by=citizen, now=NOON)

    assert len(listed(MORNING, by=decider)) == 1
    assert len(listed(NOON - timedelta(milliseconds=1), by=decider)) == 1
    assert listed(NOON, by=decider) == ()


def test_a_later_return_does_not_change_the_list_of_an_earlier_decision(
    citizen: User, decider: User
) -> None:
    actions.opt_out(JEANNE, by=citizen, now=MORNING)
    before = listed(NOON, by=decider)

    actions.opt_back_in(JEANNE, by=citizen, now=EVENING)

    assert listed(NOON, by=decider) == before


def test_the_list_is_signed_by_the_register_for_the_agent_alone(
    citizen: User, decider: User
) -> None:
    sent = actions.publish_list("FR-2026-0001", as_of=NOON, by=decider, now=NOON)

    assert (sent.document.issuer, sent.document.audience) == ("register", ("agent:zone-1",))
    assert sent.document.kind == "OptOutList"


def test_a_citizen_opts_out_in_one_form_and_reads_the_receipt(
    citizen: User, client: Client
) -> None:
    client.force_login(citizen)

    answer = client.post("/optouts/declare/", {"number": JEANNE}, follow=True)

    page = answer.content.decode()
    assert OptOut.objects.get().receipt_number in page
    assert "L’opposition est enregistrée" in page
    assert JEANNE not in page


def test_a_receipt_is_closed_to_another_session(
    citizen: User, account: Create, client: Client
) -> None:
    recorded = actions.opt_out(JEANNE, by=citizen, now=NOON)
    client.force_login(account(Role.CITIZEN, email="other@citizen.example"))

    assert client.get(f"/optouts/receipts/{recorded.receipt_number}/").status_code == 404


def test_a_typing_error_is_told_at_the_field(citizen: User, client: Client) -> None:
    client.force_login(citizen)

    answer = client.post("/optouts/declare/", {"number": "185"})

    assert answer.status_code == 422
    assert "13 caractères, sans la clé" in answer.content.decode()
    assert OptOut.objects.count() == 0


def test_lifting_what_was_not_declared_is_told_at_the_field(citizen: User, client: Client) -> None:
    client.force_login(citizen)

    answer = client.post("/optouts/reverse/", {"number": JEANNE})

    assert answer.status_code == 422
    assert "rien à lever" in answer.content.decode()
