"""Random persons and events: every cell counted by DuckDB is the one that plain Python counts."""

import random
from collections import defaultdict
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from ecluse.data.tabulation.counting import count_cells, count_differences
from ecluse.data.tabulation.holdings import Asked, Holdings
from ecluse.domain.tabulation import Cell, TabulationPlan, tree
from tests.unit.data.lakes import Row
from tests.unit.data.tabulation.clinics import (
    CARE,
    EVENTS,
    MAN,
    PERSONS,
    WOMAN,
    clinic,
    condition,
    person,
    plan,
    table,
)

CODES = ("E10", "E119", "I63", "J45")


def drawn(seed: int) -> tuple[list[Row], list[Row]]:
    """Persons and their diagnoses, some outside the period."""
    chance = random.Random(seed)  # noqa: S311 — rows of a test
    people = [
        person(key, sex=chance.choice((MAN, WOMAN, 0)), born=chance.randint(1930, 2021))
        for key in range(60)
    ]
    events = [
        condition(
            chance.randrange(60),
            chance.choice(CODES),
            date(2020, 7, 1) + timedelta(days=chance.randrange(1100)),
        )
        for _ in range(300)
    ]
    return people, events


def by_hand(
    asked: TabulationPlan, people: list[Row], events: list[Row], among: set[int]
) -> tuple[dict[Cell, set[int]], dict[Cell, int]]:
    """The persons and the number of events of each cell, one event at a time."""
    born = {row["person_key"]: row for row in people}
    persons: dict[Cell, set[int]] = defaultdict(set)
    count: dict[Cell, int] = defaultdict(int)
    names = sorted(asked.tables[0].by)
    for event in events:
        key, day = event["person_key"], event["event_date"]
        assert isinstance(key, int)
        assert isinstance(day, date)
        if key not in among or not CARE.first <= day <= CARE.last:
            continue
        read = {
            "sex": (str(born[key]["gender_concept_id"]),),
            "age": (str(born[key]["year_of_birth"]), "1"),
            "year": (day.isoformat(),),
            "disease": (str(event["condition_source_value"]),),
        }
        paths = []
        for name in names:
            variable = asked.variable(name)
            grown = tree(variable.categories())
            path = grown.paths[grown.codes.index(variable.leaf(read[name]))]
            paths.append([(name, grown.codes[rank]) for rank in path])
        for chosen in product(*paths):
            cell = tuple(one for one in chosen if one[1] != "_T")
            persons[cell].add(key)
            count[cell] += 1
    return persons, count


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("by", [("sex", "age"), ("year", "disease"), ("age", "year", "disease")])
def test_persons_and_events_are_those_counted_by_hand(
    tmp_path: Path, seed: int, by: tuple[str, ...]
) -> None:
    people, events = drawn(seed)
    here = clinic(tmp_path, people, events)
    made = plan(table(*by, measures=(PERSONS, EVENTS), of=CARE))
    asked = Asked(made, CARE, made.tables)
    among = set(range(0, 60, 2))

    with here.connected() as connection, Holdings(connection, here.snapshot) as holdings:
        counts = count_cells(holdings.of(here.everybody[::2], asked), asked)

    persons, count = by_hand(made, people, events, among)
    assert {cell: one.persons for cell, one in counts.cells.items()} == {
        cell: len(found) for cell, found in persons.items()
    }
    assert {cell: one.holdings["events"].total for cell, one in counts.cells.items()} == count


@pytest.mark.parametrize("seed", range(5))
def test_differences_are_those_of_the_sets_of_persons(tmp_path: Path, seed: int) -> None:
    people, events = drawn(seed)
    here = clinic(tmp_path, people, events)
    made = plan(table("sex", "disease", of=CARE))
    asked = Asked(made, CARE, made.tables)
    even, low = here.everybody[::2], here.everybody[:40]

    with here.connected() as connection, Holdings(connection, here.snapshot) as holdings:
        held = [(holdings.of(keys, asked), asked) for keys in (even, low)]
        found = count_differences(held[0], held[1]).cells

    first = by_hand(made, people, events, set(even.tolist()))[0]
    second = by_hand(made, people, events, set(low.tolist()))[0]
    assert found == {
        cell: (
            len(first[cell] & second[cell]),
            len(first[cell] - second[cell]),
            len(second[cell] - first[cell]),
        )
        for cell in {*first, *second}
    }
