"""Which cells are at risk, and how far a guess of them must stay."""

import pytest

from ecluse.domain.tabulation import CellContent, Holding, Need, Risk, TabulationPolicy
from ecluse.domain.tabulation.rules import class_need, needs

POLICY = TabulationPolicy()


def held(*shares: int) -> CellContent:
    """A cell of 20 persons, three of whom or less have these shares and the others nothing."""
    ordered = tuple(sorted((abs(share) for share in shares), reverse=True))
    lowest = min((*shares, 0))
    holding = Holding(sum(shares), sum(ordered), ordered[:3], lowest)
    return CellContent(20, {"total_cost": holding})


@pytest.mark.parametrize(("persons", "up"), [(1, 10), (10, 1)])
def test_a_guess_of_a_small_count_must_reach_the_minimum(persons: int, up: int) -> None:
    assert needs(CellContent(persons), POLICY, measures=()) == (
        Need(Risk.FEW_PERSONS, "persons", up, 0),
    )


@pytest.mark.parametrize("persons", [0, 11, 12])
def test_nobody_and_the_minimum_are_not_at_risk(persons: int) -> None:
    assert needs(CellContent(persons), POLICY, measures=()) == ()


def test_nobody_is_at_risk_where_zeros_disclose() -> None:
    strict = TabulationPolicy(zeros_disclose=True)

    (need,) = needs(CellContent(0), strict, measures=())
    assert need == Need(Risk.ZERO, "persons", 11, 0)


def test_amounts_of_a_small_cell_are_guarded_by_the_share_of_its_first_person() -> None:
    content = CellContent(3, {"total_cost": Holding(150, 150, (95, 40, 15), 15)})

    assert needs(content, POLICY, measures=("total_cost",))[1] == Need(
        Risk.FEW_PERSONS, "total_cost", 10, 10
    )


def test_two_persons_with_over_85_percent_dominate() -> None:
    (need,) = needs(held(500, 360, 140), POLICY, measures=("total_cost",))

    assert need == Need(Risk.DOMINANCE, "total_cost", 50, 50)


def test_two_persons_with_85_percent_do_not_dominate() -> None:
    assert needs(held(500, 350, 150), POLICY, measures=("total_cost",)) == ()


def test_the_second_person_may_not_know_the_first_within_ten_percent() -> None:
    wide = TabulationPolicy(dominance_percent=100)

    assert needs(held(500, 451, 49), wide, measures=("total_cost",))[0].risk is Risk.SHARE
    assert needs(held(500, 450, 50), wide, measures=("total_cost",)) == ()


def test_an_amount_taken_back_counts_without_its_sign() -> None:
    (need,) = needs(held(-500, 30, 20), POLICY, measures=("total_cost",))

    assert need == Need(Risk.DOMINANCE, "total_cost", 50, 50)


def test_a_group_nearly_all_in_one_category_must_leave_room_for_eleven_elsewhere() -> None:
    assert class_need(CellContent(40), CellContent(40), POLICY) == Need(
        Risk.CLASS, "persons", 0, 11
    )
    assert class_need(CellContent(37), CellContent(40), POLICY) == Need(Risk.CLASS, "persons", 0, 8)


def test_a_group_spread_over_categories_or_small_is_not_a_class() -> None:
    assert class_need(CellContent(29), CellContent(40), POLICY) is None
    assert class_need(CellContent(5), CellContent(5), POLICY) is None


def test_a_lower_minimum_never_puts_more_cells_at_risk() -> None:
    at_risk = [
        {
            n
            for n in range(60)
            if needs(CellContent(n), TabulationPolicy(minimum_count=t), measures=())
        }
        for t in (5, 11, 50)
    ]

    assert at_risk[0] < at_risk[1] < at_risk[2]
