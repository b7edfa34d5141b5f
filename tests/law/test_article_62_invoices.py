"""EHDS art. 62(2) and 62(5) in money: one invoice, never above what was told, shared as paid."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.fees import (
    Component,
    Estimate,
    HolderPart,
    Payer,
    Work,
    estimate,
    holders_parts,
    holders_received,
    incurred,
)
from ecluse.portal.fees import tariffs
from ecluse.portal.fees.shares import net_cents

TARIFF = tariffs.tariff("2026-example-1").tariff
CODES = [line.code for line in TARIFF.lines if line.component is not Component.HOLDER]


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    """Any estimate of the example tariff, at any rate of VAT, with up to five holders."""
    units = draw(st.dictionaries(st.sampled_from(CODES), st.integers(1, 300), min_size=1))
    costs = draw(st.lists(st.integers(0, 10**7), max_size=5))
    rate = draw(st.integers(0, 250))
    work = [Work(code, quantity) for code, quantity in units.items()]
    parts = [HolderPart(f"holder-{rank}", "Travail", cents) for rank, cents in enumerate(costs)]
    payer = draw(st.sampled_from(Payer))
    return estimate(replace(TARIFF, vat_permille=rate), payer, work, parts)


@given(estimates())
def test_paragraph_3_the_lines_and_the_tax_make_the_total_to_the_cent(told: Estimate) -> None:
    lines = sum(line.quantity * line.price_cents - line.reduction_cents for line in told.lines)

    assert lines == told.amount_cents
    assert told.amount_cents + told.vat_cents == told.amount_with_vat_cents
    assert abs(1000 * told.vat_cents - told.amount_cents * told.vat_permille) <= 500


@given(told=estimates(), data=st.data())
def test_paragraph_5_who_withdraws_never_owes_more_than_was_done_nor_than_was_told(
    told: Estimate, data: st.DataObject
) -> None:
    done = {
        place: data.draw(st.integers(0, line.quantity)) for place, line in enumerate(told.lines)
    }
    owed = incurred(told, done)
    handling = sum(line.amount_cents for line in told.lines if line.component is Component.HANDLING)
    worked = sum(
        done[place] * line.price_cents
        for place, line in enumerate(told.lines)
        if line.component is not Component.HANDLING
    )

    assert owed.amount_with_vat_cents <= told.amount_with_vat_cents
    assert owed.amount_cents <= handling + worked
    assert incurred(told, {place: line.quantity for place, line in enumerate(told.lines)}) == told


@settings(max_examples=200)
@given(told=estimates(), data=st.data())
def test_paragraph_2_holders_are_never_owed_more_than_came_in_without_tax(
    told: Estimate, data: st.DataObject
) -> None:
    paid = data.draw(st.integers(0, told.amount_with_vat_cents))
    net = net_cents(paid, told)
    received = holders_received(told, net)

    assert net <= paid
    assert sum(received.values()) <= net
    assert all(received[holder] <= part for holder, part in holders_parts(told).items())


@given(estimates())
def test_paragraph_2_all_paid_gives_each_holder_the_whole_of_its_part(told: Estimate) -> None:
    net = net_cents(told.amount_with_vat_cents, told)

    assert net == told.amount_cents
    assert holders_received(told, net) == holders_parts(told)


@given(told=estimates(), data=st.data())
def test_paragraph_2_what_is_paid_in_parts_is_shared_as_if_paid_at_once(
    told: Estimate, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, told.amount_with_vat_cents))
    second = data.draw(st.integers(0, told.amount_with_vat_cents - first))
    before = holders_received(told, net_cents(first, told))
    after = holders_received(told, net_cents(first + second, told))

    assert sum(before.values()) <= sum(after.values())
    assert all(after[holder] >= before[holder] - 1 for holder in before)


def test_paragraph_1_a_price_is_for_a_service_and_the_same_for_every_payer_of_a_kind() -> None:
    same = [estimate(TARIFF, payer, [Work("environment-seat", 1)]) for payer in Payer]

    # No kind of payer pays less of the environment: nobody is favoured beyond art. 62(1).
    assert {one.amount_cents for one in same} == {18_000}
