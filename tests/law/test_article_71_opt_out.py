"""EHDS art. 71: opting out of secondary use: no reason, at any time, reversible, then respected."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecluse.domain import documents as kinds
from ecluse.domain.errors import StaleOptOuts
from ecluse.domain.optouts import check_list
from ecluse.domain.roles import RIGHTS, Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.identities.forms import NationalNumberForm
from ecluse.portal.optouts import actions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import OptOut
from ecluse.trust import documents
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.citizens import Visit, jeanne, state
from tests.sites import NATIONAL_KEY
from tests.unit.domain.build import PERMIT

__all__ = ["jeanne", "state"]

Create = Callable[..., User]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NUMBER = synthetic_national_number(7)
PSEUDONYM = pseudonymise_national_number(NUMBER, NATIONAL_KEY)


@pytest.fixture
def citizen(account: Create) -> User:
    """A natural person who exercises the right."""
    return account(Role.CITIZEN)


def list_of(decided_at: datetime, *, by: User) -> kinds.OptOutList:
    """The list that the data plane receives for a permit decided at that instant."""
    sent = actions.publish_list("FR-2026-0001", as_of=decided_at, by=by, now=decided_at)
    body = documents.verify(sent.data, identity.keyring(), now=decided_at).document.body
    assert isinstance(body, kinds.OptOutList)
    check_list(body, replace(PERMIT, decided_at=decided_at))
    return body


def test_paragraph_1_no_reason_is_asked() -> None:
    assert list(NationalNumberForm().fields) == ["number"]


def test_paragraph_1_the_right_is_exercised_at_any_time_and_reversed(citizen: User) -> None:
    actions.opt_out(Concerned(NUMBER), by=citizen, now=NOON)
    actions.opt_back_in(Concerned(NUMBER), by=citizen, now=NOON + SECOND)
    actions.opt_out(Concerned(NUMBER), by=citizen, now=NOON + 2 * SECOND)

    assert [opt_out.until for opt_out in OptOut.objects.believed().order_by("from_at")] == [
        NOON + SECOND,
        None,
    ]


def test_paragraph_2_the_means_is_one_field_one_button_and_a_receipt(jeanne: Visit) -> None:
    jeanne.enter(NUMBER)

    receipt = jeanne.client.post("/citizens/rights/ehds-71/out/", follow=True)

    assert receipt.status_code == 200
    assert "Récépissé" in receipt.content.decode()


def test_paragraph_2_somebody_without_internet_is_served_by_the_desk(account: Create) -> None:
    actions.opt_out(Concerned(NUMBER), by=account(Role.OPT_OUT_DESK), now=NOON)

    assert OptOut.objects.get().opt_out_id == PSEUDONYM


def test_paragraph_3_a_permit_decided_after_the_opt_out_excludes_the_person(
    citizen: User, account: Create
) -> None:
    actions.opt_out(Concerned(NUMBER), by=citizen, now=NOON)

    later = list_of(NOON + SECOND, by=account(Role.DECIDER))

    assert later.opt_out_ids == (PSEUDONYM,)


def test_paragraph_3_a_permit_decided_before_the_opt_out_is_not_changed(
    citizen: User, account: Create
) -> None:
    actions.opt_out(Concerned(NUMBER), by=citizen, now=NOON)

    earlier = list_of(NOON - SECOND, by=account(Role.DECIDER))

    assert earlier.opt_out_ids == ()


def test_paragraph_3_the_list_of_another_instant_is_not_accepted(
    citizen: User, account: Create
) -> None:
    decider = account(Role.DECIDER)
    list_of_noon = list_of(NOON, by=decider)
    decided_later = replace(PERMIT, decided_at=NOON + SECOND)

    with pytest.raises(StaleOptOuts):
        check_list(list_of_noon, decided_later)


def test_only_the_person_and_the_desk_may_record_or_reverse() -> None:
    record = {right.role for right in RIGHTS["optout.record"]}
    reverse = {right.role for right in RIGHTS["optout.reverse"]}

    assert record == reverse == {Role.CITIZEN, Role.OPT_OUT_DESK}


def test_the_software_keeps_no_national_number() -> None:
    columns = {field.name for field in OptOut._meta.get_fields()}

    assert columns == {
        *("id", "declaration", "receipt_digest", "opt_out_id", "basis", "identifier", "capacity"),
        *("from_at", "until", "recorded_at", "recorded_by", "cause", "superseded_at"),
    }


def test_an_opt_out_that_waited_for_a_decision_is_dated_after_it(citizen: User) -> None:
    listed = list_of(NOON, by=citizen)

    late = actions.opt_out(Concerned(NUMBER), by=citizen, now=NOON - SECOND)

    assert PSEUDONYM not in listed.opt_out_ids
    assert late.from_at > NOON
    assert PSEUDONYM in list_of(NOON + SECOND, by=citizen).opt_out_ids
