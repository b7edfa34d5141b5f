"""What a permit gives, and what an order may not ask beyond it."""

from datetime import UTC, date, datetime

import pytest

from ecluse.domain import permits
from ecluse.domain.documents import AuthorisedPerson, Revocation, TableScope
from ecluse.domain.errors import Expired, InvalidInput, NotYetValid, OutOfScope, Revoked
from tests.unit.domain.build import ASSESSOR, JOB, ORDER, PERMIT, PI, order, permit

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_an_order_within_the_permit_passes() -> None:
    permits.check_extraction(ORDER, PERMIT)
    permits.check_job(JOB, PERMIT)

    assert permits.check_in_force(PERMIT, [], now=NOON) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dataset": "other"}, "does not give dataset other"),
        ({"ordered_by": "louis.bernard@univ.example"}, "not named"),
        ({"permit_number": "FR-2026-0002"}, "FR-2026-0002"),
        ({"pseudonym_domain": "shared"}, "pseudonym domain"),
        ({"care_from": date(2020, 12, 31)}, "2020-12-31"),
        ({"care_to": date(2024, 1, 1)}, "2024-01-01"),
        ({"care_from": date(2023, 1, 1)}, "before it begins"),
        ({"tables": ()}, "no table"),
        ({"tables": (TableScope("ER_PHA_F", ("PHA_PRS_C13",)),) * 2}, "one twice"),
        ({"tables": (TableScope("ER_PHA_F", ()),)}, "ER_PHA_F"),
        ({"tables": (TableScope("ER_PRS_F", ("EXE_SOI_DTD",)),)}, "ER_PRS_F is not"),
        ({"tables": (TableScope("ER_PHA_F", ("BEN_NIR_PSA",)),)}, "BEN_NIR_PSA"),
    ],
)
def test_an_order_beyond_the_permit_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(OutOfScope, match=said):
        permits.check_extraction(order(**change), PERMIT)


def test_a_permit_is_in_force_on_its_first_and_last_day_in_france_alone() -> None:
    permits.check_in_force(PERMIT, [], now=datetime(2026, 1, 4, 23, 0, tzinfo=UTC))
    permits.check_in_force(PERMIT, [], now=datetime(2027, 1, 4, 22, 59, tzinfo=UTC))

    with pytest.raises(NotYetValid):
        permits.check_in_force(PERMIT, [], now=datetime(2026, 1, 4, 22, 59, tzinfo=UTC))
    with pytest.raises(Expired):
        permits.check_in_force(PERMIT, [], now=datetime(2027, 1, 4, 23, 0, tzinfo=UTC))


def test_a_revoked_permit_is_refused_from_the_instant_of_its_revocation() -> None:
    revocation = Revocation("FR-2026-0001", NOON, "Use for marketing")
    permits.check_in_force(PERMIT, [revocation], now=NOON.replace(hour=11))

    with pytest.raises(Revoked, match="2026-06-01"):
        permits.check_in_force(PERMIT, [revocation], now=NOON)


def test_the_revocation_of_another_permit_changes_nothing() -> None:
    other = Revocation("FR-2026-0002", NOON, "Use for marketing")

    assert permits.check_in_force(PERMIT, [other], now=NOON) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"valid_until": date(2026, 1, 4)}, "before"),
        ({"valid_until": date(2036, 1, 6)}, "10 years"),
        ({"persons": (AuthorisedPerson(PI, "C", is_principal_investigator=False),)}, "principal"),
        ({"applies_opt_out_exception": True}, "exception needs its reason"),
        ({"datasets": ()}, "no table"),
        ({"minimum_count": 0}, "at least 1 person"),
        ({"decided_by": PI}, "somebody else must decide"),
        ({"decided_by": ASSESSOR}, "somebody else must decide"),
    ],
)
def test_terms_that_the_law_does_not_allow_are_refused(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        permits.check_terms(permit(**change))


def test_a_permit_of_exactly_ten_years_may_be_issued() -> None:
    assert permits.check_terms(permit(valid_until=date(2036, 1, 5))) is None
