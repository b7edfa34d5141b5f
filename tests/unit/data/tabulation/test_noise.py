"""Differential privacy: what is spent, what is bounded, what adds up."""

from pathlib import Path

import pytest

from ecluse.data.tabulation.counting import count_cells
from ecluse.data.tabulation.holdings import Asked, Holdings
from ecluse.data.tabulation.noise import noisy
from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.tabulation import Noise
from tests.unit.data.tabulation.clinics import (
    CARE,
    EVENTS,
    clinic,
    condition,
    person,
    plan,
    read,
    table,
)
from tests.unit.data.tabulation.test_answering import APRIL, MARCH

NOISE = Noise(epsilon_thousandths=500)


def test_totals_are_the_sums_of_noisy_cells_and_never_negative(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(30)])
    asked_plan = plan(table("sex"), protection=NOISE)
    asked = Asked(asked_plan, None, asked_plan.tables)
    with here.connected() as connection, Holdings(connection, here.snapshot) as holdings:
        counts = count_cells(holdings.of(here.everybody, asked), asked)

    made = noisy(asked_plan.tables[0], asked, counts, lambda number: number - 2)

    assert made == {
        (): 24,
        (("sex", "F"),): 28,
        (("sex", "M"),): 0,
        (("sex", "_O"),): 0,
    }


def test_a_person_with_events_of_two_years_counts_in_one_cell_alone(tmp_path: Path) -> None:
    rows = [condition(key, "E11", day) for key in range(30) for day in (MARCH, APRIL)]
    here = clinic(tmp_path, [person(key) for key in range(30)], rows)
    asked_plan = plan(table("year", of=CARE), protection=NOISE)
    asked = Asked(asked_plan, CARE, asked_plan.tables)
    with here.connected() as connection, Holdings(connection, here.snapshot) as holdings:
        counts = count_cells(holdings.of(here.everybody, asked), asked)

    first, second = (counts.cells[("year", year),].persons for year in ("2021", "2022"))

    assert first + second == 30
    assert min(first, second) > 0


def test_noise_is_for_numbers_of_persons() -> None:
    with pytest.raises(InvalidInput, match="protect numbers of persons"):
        plan(table("year", measures=(EVENTS,), of=CARE), protection=NOISE)


def test_an_answer_with_noise_spends_the_budget_of_the_dataset(tmp_path: Path) -> None:
    pytest.importorskip("opendp")
    here = clinic(tmp_path, [person(key) for key in range(1000)])

    made = here.answer(plan(table("sex"), protection=NOISE))
    here.answer(plan(table("sex"), number="D-2", protection=NOISE))

    assert made.counts.epsilon_thousandths == 500
    assert abs(int(str(read(made)["F",])) - 1000) < 100
    with pytest.raises(Refused, match="500 thousandths of epsilon asked, 0 left"):
        here.answer(plan(table("sex"), number="D-3", protection=NOISE))
