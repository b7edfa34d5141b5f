"""Rounded tables that still add up."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.rounding import nearest, rounded
from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.tabulation import ControlledRounding, Measure, MeasureKind, Suppression
from tests.unit.data.tabulation.clinics import CARE, MAN, clinic, person, plan, read, table
from tests.unit.data.tabulation.drawn import counted, groups, system_of
from tests.unit.data.tabulation.drawn import plan as drawn_plan

SECRET = bytes(range(32))


def test_every_number_becomes_a_neighbouring_multiple_and_all_add_up() -> None:
    variables = (groups("a", "1", "2", "3"), groups("b", "x", "y", "z"))
    asked_plan = drawn_plan(variables, ("a", "b"))
    asked = Asked(asked_plan, None, asked_plan.tables)
    numbers = dict(zip(product("123", "xyz"), (3, 17, 20, 8, 0, 41, 6, 9, 12), strict=True))
    _, system, _ = system_of(asked, counted(asked, numbers))

    made = rounded(system, base=10, secret=SECRET, known={})

    assert np.abs(system.equal @ made).max() == 0
    assert (made % 10 == 0).all()
    assert (np.abs(made - system.values) < 10).all()
    assert (made[system.values % 10 == 0] == system.values[system.values % 10 == 0]).all()


def test_the_same_secret_rounds_in_the_same_way_and_another_does_not() -> None:
    variables = tuple(groups(name, *"123456") for name in ("a", "b"))
    asked_plan = drawn_plan(variables, ("a", "b"))
    asked = Asked(asked_plan, None, asked_plan.tables)
    numbers = dict.fromkeys(product("123456", "123456"), 5)
    _, system, _ = system_of(asked, counted(asked, numbers))

    first = rounded(system, base=10, secret=SECRET, known={})
    again = rounded(system, base=10, secret=SECRET, known={})
    other = rounded(system, base=10, secret=bytes(32), known={})

    assert (first == again).all()
    assert (first != other).any()


def test_a_number_rounded_before_stays_as_it_was_published() -> None:
    variables = (groups("a", "1", "2"),)
    asked_plan = drawn_plan(variables, ("a",))
    asked = Asked(asked_plan, None, asked_plan.tables)
    builder, system, _ = system_of(asked, counted(asked, {("1",): 15, ("2",): 25}))
    first = builder.index["now", "persons", (("a", "1"),)]

    down = rounded(system, base=10, secret=SECRET, known={first: 10})
    up = rounded(system, base=10, secret=SECRET, known={first: 20})

    assert down[first] == 10
    assert up[first] == 20


def test_the_nearest_multiple_is_the_greater_one_halfway() -> None:
    assert [nearest(value, base=5) for value in (0, 2, 2.5, 7, 8, -3)] == [0, 0, 5, 5, 10, -5]


def test_an_answer_may_be_rounded_instead_of_suppressed(tmp_path: Path) -> None:
    people = [person(key) for key in range(23)] + [person(key, sex=MAN) for key in range(23, 27)]

    made = clinic(tmp_path, people).answer(plan(table("sex"), protection=ControlledRounding(10)))

    shown = read(made)
    assert shown["_T",] == shown["F",] + shown["M",]  # type: ignore[operator]
    assert shown["M",] in (0, 10)
    assert shown["F",] in (20, 30)
    assert made.counts.rounding_base == 10


def test_suppressed_numbers_may_be_rounded_too(tmp_path: Path) -> None:
    people = [person(key) for key in range(23)] + [person(key, sex=MAN) for key in range(23, 41)]

    made = clinic(tmp_path, people).answer(plan(table("sex"), protection=Suppression(5)))

    assert read(made) == {("_T",): 40, ("M",): 20, ("F",): 25, ("_O",): 0}


def test_a_base_that_the_policy_does_not_know_or_too_small_alone_is_refused(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(23)])

    with pytest.raises(InvalidInput, match="rounds to 5 or 10"):
        here.answer(plan(table("sex"), protection=ControlledRounding(7)))
    with pytest.raises(InvalidInput, match="Alone: 10 at least"):
        here.answer(plan(table("sex"), protection=ControlledRounding(5)))


def test_amounts_are_not_protected_by_rounding() -> None:
    amount = Measure(MeasureKind.TOTAL, "value_as_number")

    with pytest.raises(InvalidInput, match="protect numbers of persons"):
        plan(table(measures=(amount,), of=CARE), protection=ControlledRounding(10))


def test_the_same_numbers_are_not_given_under_two_protections(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(23)])
    here.answer(plan(table("sex")))

    with pytest.raises(Refused, match="published before under Suppression"):
        here.answer(plan(table("sex"), number="D-2", protection=ControlledRounding(10)))


def test_another_population_may_be_rounded_after_one_was_suppressed(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(53)])
    here.answer(plan(table("sex")))
    rounding = ControlledRounding(10)

    first = here.answer(plan(table("sex"), number="D-2", protection=rounding), range(31))
    again = here.answer(plan(table("sex", "age"), number="D-3", protection=rounding), range(31))

    assert read(first)["F",] in (30, 40)
    assert read(again)["F", "_T"] == read(first)["F",]
