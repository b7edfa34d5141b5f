"""EHDS art. 62: fees in proportion, reduced for some, estimated before, shared after."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.fees import (
    Component,
    FeeState,
    HolderPart,
    Payer,
    Payments,
    Reduction,
    TariffLine,
    Unit,
    Work,
    check_move,
    estimate,
    holders_parts,
    holders_received,
    incurred,
    tariff_on,
)
from tests.unit.domain.fees.tariff import TARIFF

WORK = (Work("handling", 1), Work("extraction", 3), Work("workspace", 12))


def test_paragraph_1_the_same_work_costs_two_payers_the_same() -> None:
    company = estimate(TARIFF, Payer.OTHER, WORK)
    micro_enterprise = estimate(TARIFF, Payer.MICRO_ENTERPRISE, WORK)

    # 1,500.00 + 3 x 99.99 + 12 x 200.00
    assert company.amount_cents == 150_000 + 29_997 + 240_000 == micro_enterprise.amount_cents


def test_paragraph_1_a_university_pays_half_of_the_handling_and_of_the_preparation() -> None:
    told = estimate(TARIFF, Payer.UNIVERSITY_RESEARCHER, WORK)

    # Half of 1,500.00; half of 299.97 is 149.985, taken off as 149.99; the workspace in full.
    assert [line.amount_cents for line in told.lines] == [75_000, 29_997 - 14_999, 240_000]
    assert [line.reduction_ground for line in told.lines] == [
        "EHDS art. 62(1), second subparagraph",
        "EHDS art. 62(1), second subparagraph",
        None,
    ]


def test_paragraph_1_value_added_tax_is_computed_once_on_the_sum() -> None:
    told = estimate(TARIFF, Payer.OTHER, (Work("extraction", 1), Work("extraction", 2)))

    # 20 % of 299.97 is 59.994; line by line it would be 20.00 + 40.00.
    assert (told.vat_cents, told.amount_with_vat_cents) == (5_999, 35_996)


def test_paragraph_2_the_holder_receives_its_own_part_whole_and_nobody_reduces_it() -> None:
    told = estimate(
        TARIFF,
        Payer.UNIVERSITY_RESEARCHER,
        (Work("handling", 1), Work("hospital-work", 2, holder="CHU de Test")),
        [HolderPart("Registre de Test", "Contrôle des tumeurs", 40_000)],
    )

    assert holders_parts(told) == {"CHU de Test": 16_000, "Registre de Test": 40_000}
    with pytest.raises(ValueError, match="the holder's to reduce"):
        Reduction(Payer.PUBLIC_BODY, (Component.HOLDER,), 1000, "EHDS art. 62(1)")


def test_paragraph_2_half_paid_gives_each_holder_half_of_its_part() -> None:
    told = estimate(
        TARIFF,
        Payer.OTHER,
        (Work("handling", 1),),
        [HolderPart("A", "part", 1_001), HolderPart("B", "part", 1_001)],
    )

    # 152,002 owed, 76,001 paid: 500.5 cents each; the odd cent goes to A, the first by name.
    assert holders_received(told, 76_001) == {"A": 501, "B": 500}


@given(
    parts=st.lists(st.integers(0, 10**7), min_size=1, max_size=6),
    permille=st.integers(0, 1000),
)
def test_paragraph_2_holders_never_receive_more_than_came_in_nor_less_than_all_of_it(
    parts: list[int], permille: int
) -> None:
    named = [HolderPart(f"holder {place}", "part", cents) for place, cents in enumerate(parts)]
    told = estimate(TARIFF, Payer.OTHER, (Work("handling", 1),), named)
    paid = told.amount_cents * permille // 1000

    received = holders_received(told, paid)

    assert sum(received.values()) == sum(parts) * paid // told.amount_cents
    assert holders_received(told, told.amount_cents) == holders_parts(told)


def test_paragraph_3_a_price_names_what_allows_it() -> None:
    with pytest.raises(ValueError, match="names what allows it"):
        TariffLine("x", Component.STORAGE, Unit.TEBIBYTE_MONTH, 1, "Stockage", "Storage", " ")


def test_paragraph_3_an_estimate_keeps_the_tariff_of_its_day() -> None:
    with pytest.raises(InvalidInput, match="No tariff holds on 2029-03-25"):
        tariff_on((TARIFF,), date(2029, 3, 25))

    assert tariff_on((TARIFF,), date(2031, 1, 1)).version == "2029-1"


def test_paragraph_5_who_withdraws_owes_the_handling_and_the_work_done_by_then() -> None:
    told = estimate(TARIFF, Payer.UNIVERSITY_RESEARCHER, WORK)

    owed = incurred(told, {1: 2})

    # Handling 750.00 after reduction; 2 of 3 hours: 199.98 less two thirds of 149.99 (99.993…).
    assert [(line.code, line.amount_cents) for line in owed.lines] == [
        ("handling", 75_000),
        ("extraction", 19_998 - 9_999),
    ]


def test_paragraph_5_nobody_owes_more_work_than_was_announced() -> None:
    told = estimate(TARIFF, Payer.OTHER, WORK)

    with pytest.raises(InvalidInput, match="0 to 3 units"):
        incurred(told, {1: 4})


def test_paragraph_5_the_user_accepts_or_withdraws_only_once_told() -> None:
    with pytest.raises(NotAllowed, match="cannot become accepted"):
        check_move(FeeState.ESTIMATED, FeeState.ACCEPTED)

    check_move(FeeState.SENT, FeeState.WITHDRAWN)


def test_paragraph_4_a_disputed_estimate_comes_back_or_ends_the_file() -> None:
    check_move(FeeState.SENT, FeeState.DISPUTED)
    check_move(FeeState.DISPUTED, FeeState.SENT)

    with pytest.raises(NotAllowed, match="cannot become invoiced"):
        check_move(FeeState.DISPUTED, FeeState.INVOICED)


def test_an_invoice_is_part_paid_then_paid_and_overdue_in_between() -> None:
    invoice = Payments(owed_cents=10_000, paid_cents=0, due_on=date(2030, 5, 31))
    part = invoice.with_payment(4_000)

    assert (invoice.state, part.state) == (FeeState.INVOICED, FeeState.PART_PAID)
    assert part.is_overdue(date(2030, 6, 1))
    assert not part.is_overdue(date(2030, 5, 31))
    assert part.with_payment(6_000).state is FeeState.PAID
    with pytest.raises(InvalidInput, match="1 to 6000 cents"):
        part.with_payment(6_001)


def test_work_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(NotFound, match="no line 'tea'"):
        estimate(TARIFF, Payer.OTHER, (Work("tea", 1),))
