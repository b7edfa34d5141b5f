"""Attacks by numbers that are each harmless: sums and differences, one person at a time.

Each test first does what the attacker does with the numbers alone, then asks the gate.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import Budget, Decided, Released, Spending
from ecluse.data.results import Amount, Results
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.documents import Verdict
from ecluse.domain.errors import Refused
from tests.unit.data.disclosure.results import decided, frame, lines, rules

VICTIM = 7
COUNT = 60
PERSONS = list(range(1, COUNT + 1))
SICK = [1.0 if person == VICTIM or person % 3 == 0 else 0.0 for person in PERSONS]
AGES = [float(20 + (7 * n) % 60) for n in range(COUNT)]


def asked(
    folder: Path, persons: list[int], earlier: tuple[Released, ...] = (), **columns: object
) -> Decided:
    """The decision on a table of these persons by all their columns."""
    folder.mkdir()
    Results(folder).tabulate(frame(persons, **columns), name="t", by=list(columns))  # type: ignore[arg-type]
    return decided(folder, earlier=earlier)


def careless_count(rows: Collection[object]) -> int:
    """What a program that counts rows publishes."""
    return len(rows)


def careless_mean(values: Sequence[float]) -> float:
    """What a program that averages publishes."""
    return float(np.mean(values))


def careless_fit(indicator: Sequence[float], outcome: Sequence[float]) -> float:
    """What the coefficients of a published model add up to."""
    design = np.column_stack([np.ones(len(outcome)), indicator])
    return float(np.linalg.lstsq(design, np.array(outcome), rcond=None)[0].sum())


def is_blocked(made: Decided) -> bool:
    return made.verdicts[0].verdict is Verdict.BLOCKED


def test_a33_two_tables_that_differ_by_one_person_do_not_both_leave(tmp_path: Path) -> None:
    others = [person for person in PERSONS if person != VICTIM]
    sick = {person for person, is_sick in zip(PERSONS, SICK, strict=True) if is_sick}
    assert (
        careless_count(sick) - careless_count(sick & set(others)) == 1
    )  # the difference says that the victim is sick

    first = asked(tmp_path / "all", sorted(sick), x=["a"] * len(sick))
    second = asked(
        tmp_path / "less", sorted(sick - {VICTIM}), (first.released,), x=["a"] * (len(sick) - 1)
    )

    assert rules(first) == []
    assert is_blocked(second)
    assert "R16" in rules(second)


def test_a33_the_same_row_twice_changes_no_number(tmp_path: Path) -> None:
    assert careless_count([*PERSONS, VICTIM]) - careless_count(PERSONS) == 1

    made = asked(tmp_path / "twice", [*PERSONS, VICTIM], x=["a"] * (COUNT + 1))

    assert lines(made)[1] == f"Total,{COUNT}"


def test_a33_a_window_that_slides_by_a_day_does_not_leave_twice(tmp_path: Path) -> None:
    # Who came from day 1 to 50, then from day 1 to 51: one joined.
    assert careless_count(PERSONS[:51]) - careless_count(PERSONS[:50]) == 1
    first = asked(tmp_path / "first", PERSONS[:50], x=["a"] * 50)

    wider = asked(tmp_path / "wider", PERSONS[:51], (first.released,), x=["a"] * 51)

    assert is_blocked(wider)


def test_a33_a_filter_on_a_random_number_is_seen_by_its_persons(tmp_path: Path) -> None:
    # Half of the persons by a hash, then the same half without the victim.
    half = [person for person in PERSONS if (person * 7919) % 2 == VICTIM * 7919 % 2]
    first = asked(tmp_path / "half", half, x=["a"] * len(half))

    second = asked(
        tmp_path / "less", [p for p in half if p != VICTIM], (first.released,),
        x=["a"] * (len(half) - 1),
    )  # fmt: skip

    assert "R16" in rules(second)


def test_a33_three_users_together_tell_of_nobody(tmp_path: Path) -> None:
    # 60 = 30 + 27 + the three of whom nobody asked.
    assert careless_count(PERSONS) - careless_count(PERSONS[:57]) == 3
    first = asked(tmp_path / "one", PERSONS[:30], x=["a"] * 30)
    second = asked(tmp_path / "two", PERSONS[30:57], (first.released,), x=["a"] * 27)

    third = asked(tmp_path / "three", PERSONS, (first.released, second.released), x=["a"] * COUNT)

    assert rules(first) == rules(second) == []
    assert "R16" in rules(third)


def test_a34_a_column_that_is_null_for_all_but_one_is_hidden(tmp_path: Path) -> None:
    vector = [cost if person == VICTIM else 0.0 for person, cost in zip(PERSONS, AGES, strict=True)]
    assert careless_mean(vector) * COUNT == pytest.approx(AGES[PERSONS.index(VICTIM)])
    Results(tmp_path).tabulate(
        frame(PERSONS, x=["a"] * COUNT, cost=vector), name="t", by=["x"], amount="cost"
    )

    made = decided(tmp_path)

    assert all(line.endswith(",s,s,s") for line in lines(made)[1:]) or not made.files


def test_a35_a_model_with_a_variable_true_of_one_person_is_blocked(tmp_path: Path) -> None:
    him = [float(person == VICTIM) for person in PERSONS]
    assert careless_fit(him, AGES) == pytest.approx(AGES[PERSONS.index(VICTIM)])
    Results(tmp_path).regress(
        frame(PERSONS, him=him, cost=AGES), name="r", outcome="cost", on=["him"]
    )

    made = decided(tmp_path)

    assert is_blocked(made)
    assert "R12" in rules(made)


def test_a36_a_model_with_as_many_parameters_as_cells_is_blocked(tmp_path: Path) -> None:
    towns = ["A"] * 50 + ["B"] * 10
    Results(tmp_path).regress(
        frame(PERSONS, town=towns, cost=AGES), name="r", outcome="cost", on=["town"]
    )
    in_b = [float(town == "B") for town in towns]
    assert careless_fit(in_b, AGES) == pytest.approx(np.mean(AGES[50:]))  # of ten persons

    assert is_blocked(decided(tmp_path))


def test_a37_the_same_question_asked_with_noise_again_and_again_is_refused(tmp_path: Path) -> None:
    draws = np.random.default_rng(0).laplace(0, 10, 10_000)
    assert abs(careless_mean(draws.tolist())) < 0.5  # averaged, the noise is gone
    budget = Budget(tmp_path, DisclosurePolicy())
    budget.reserve("snds", Spending(500, columns=1), project="P-1")
    budget.reserve("snds", Spending(500, columns=1), project="P-2")

    with pytest.raises(Refused, match="0 left"):
        budget.reserve("snds", Spending(1, columns=1), project="P-3")


def test_the_largest_value_is_one_persons_value(tmp_path: Path) -> None:
    Results(tmp_path).tabulate(
        frame(PERSONS, x=["a"] * COUNT, cost=AGES),
        name="t",
        by=["x"],
        amount=Amount("cost", (100,)),
    )

    assert is_blocked(decided(tmp_path))
