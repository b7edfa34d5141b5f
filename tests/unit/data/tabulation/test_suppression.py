"""What is hidden, worked out by hand on tables in sight."""

import numpy as np
import pytest

from ecluse.data.tabulation.attacks import Witness, interval, proves
from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.suppression import suppress
from ecluse.data.tabulation.systems import Guard
from ecluse.domain.errors import Refused
from ecluse.domain.tabulation import TabulationPolicy
from tests.unit.data.tabulation.drawn import (
    FRAME,
    counted,
    groups,
    nothing_hidden,
    plan,
    system_of,
)

SEX = groups("sex", "M", "F")
AREA = groups("area", "d1", "d2", "d3", parents={"north": ["d1", "d2"]})


def square(numbers: dict[tuple[str, ...], int]) -> tuple[Asked, dict[tuple[str, ...], int]]:
    """A table of two variables a and b of two categories each."""
    variables = (groups("a", "1", "2"), groups("b", "x", "y"))
    made = plan(variables, ("a", "b"))
    return Asked(made, None, made.tables), numbers


def test_a_table_without_small_cells_is_shown_whole() -> None:
    asked, numbers = square({("1", "x"): 20, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    _, system, guards = system_of(asked, counted(asked, numbers))

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    assert guards == []
    assert not pattern.hidden.any()


def test_a_small_cell_takes_three_others_in_a_table_with_totals() -> None:
    asked, numbers = square({("1", "x"): 4, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    _, system, guards = system_of(asked, counted(asked, numbers))

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    assert pattern.primary.sum() == 1
    assert pattern.secondary.sum() == 3


def test_what_the_attacker_can_guess_of_the_small_cell_reaches_the_minimum_count() -> None:
    asked, numbers = square({("1", "x"): 4, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    builder, system, guards = system_of(asked, counted(asked, numbers))
    pattern = suppress(system, guards, hidden=nothing_hidden(system))
    small = builder.number(FRAME, "persons", (("a", "1"), ("b", "x")))
    assert small is not None

    low, high = interval(system, pattern.hidden, small)

    assert low <= 4
    assert high >= 11


def test_the_small_cell_alone_would_be_computed_back_exactly() -> None:
    asked, numbers = square({("1", "x"): 4, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    _, system, guards = system_of(asked, counted(asked, numbers))
    hidden = nothing_hidden(system)
    hidden[system.spots[guards[0].variable]] = True

    assert interval(system, hidden, guards[0].variable) == pytest.approx((4, 4))


def test_a_hierarchy_is_protected_at_each_level() -> None:
    asked_plan = plan((SEX, AREA), ("sex", "area"))
    asked = Asked(asked_plan, None, asked_plan.tables)
    numbers = {
        ("d1", "M"): 3,
        ("d2", "M"): 40,
        ("d3", "M"): 50,
        ("d1", "F"): 60,
        ("d2", "F"): 70,
        ("d3", "F"): 80,
    }
    builder, system, guards = system_of(asked, counted(asked, numbers))

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    small = builder.number(FRAME, "persons", (("area", "d1"), ("sex", "M")))
    assert small is not None
    assert interval(system, pattern.hidden, small)[1] >= 11
    assert not pattern.hidden[builder.spots[FRAME, ()]]


def test_linked_tables_are_protected_together() -> None:
    # 3 men of d1: were the tables protected one by one, sex × year would give the men of d1 back.
    variables = (SEX, AREA, groups("year", "2021", "2022"))
    both = plan(variables, ("sex", "area"), ("area", "year"))
    asked = Asked(both, None, both.tables)
    numbers = {
        (area, sex, year): 20
        for area in ("d1", "d2", "d3")
        for sex in ("M", "F")
        for year in ("2021", "2022")
    }
    numbers["d1", "M", "2021"], numbers["d1", "M", "2022"] = 3, 0
    builder, system, guards = system_of(asked, counted(asked, numbers))

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    small = builder.number(FRAME, "persons", (("area", "d1"), ("sex", "M")))
    assert small is not None
    assert interval(system, pattern.hidden, small)[1] >= 11


def test_zeros_that_disclose_are_hidden_as_small_cells_are() -> None:
    asked, numbers = square({("1", "x"): 0, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    counts = counted(asked, numbers)
    strict = TabulationPolicy(zeros_disclose=True)
    builder, system, guards = system_of(asked, counts, strict)

    pattern = suppress(system, guards, hidden=nothing_hidden(system))

    assert pattern.hidden[builder.spots[FRAME, (("a", "1"), ("b", "x"))]]


def test_a_small_cell_between_numbers_published_before_is_refused() -> None:
    asked, numbers = square({("1", "x"): 4, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    builder, _, _ = system_of(asked, counted(asked, numbers))
    small = (("a", "1"), ("b", "x"))
    opened = [spot for spot in builder.spots if spot != (FRAME, small)]
    system = builder.made(opened)
    place = builder.number(FRAME, "persons", small)
    assert place is not None

    with pytest.raises(Refused, match="could be computed back"):
        suppress(system, [Guard(place, 7.0)], hidden=nothing_hidden(system))


def test_the_same_table_hides_the_same_cells_each_time() -> None:
    asked, numbers = square({("1", "x"): 4, ("1", "y"): 30, ("2", "x"): 9, ("2", "y"): 50})
    _, system, guards = system_of(asked, counted(asked, numbers))

    first = suppress(system, guards, hidden=nothing_hidden(system))
    second = suppress(system, guards[::-1], hidden=nothing_hidden(system))

    assert (first.hidden == second.hidden).all()


def test_a_proof_that_changes_a_shown_number_or_breaks_a_total_proves_nothing() -> None:
    asked, numbers = square({("1", "x"): 4, ("1", "y"): 30, ("2", "x"): 40, ("2", "y"): 50})
    _, system, guards = system_of(asked, counted(asked, numbers))
    pattern = suppress(system, guards, hidden=nothing_hidden(system))
    alone = Witness(np.array([guards[0].variable]), np.array([7.0]))

    assert not proves(system, pattern.hidden, guards[0], alone)
    assert not proves(system, nothing_hidden(system), guards[0], alone)
