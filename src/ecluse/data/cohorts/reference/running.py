"""A whole cohort: steps, index days, controls, variables, in that order."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa

from ecluse.data.cohorts.reading import Reading
from ecluse.data.cohorts.reference.conditions import Answer, is_met, value_of
from ecluse.data.cohorts.reference.dataset import Dataset, World
from ecluse.data.cohorts.reference.events import day_of
from ecluse.data.cohorts.selected import EVERYONE, INDEX_STEP, Selected, schema_of
from ecluse.domain.cohorts import Cohort, Matching
from ecluse.domain.cohorts.matching import Candidate, draw


def run(cohort: Cohort, dataset: Dataset, reading: Reading) -> Selected:
    """Return who of `dataset` is in `cohort`, with the attrition of each step."""
    world = World(dataset, reading)
    kept = sorted(set(dataset.persons))
    attrition = [(EVERYONE, len(kept))]
    for step in cohort.steps:
        kept = [person for person in kept if is_met(step.keep, person, world)]
        attrition.append((step.label, len(kept)))
    if cohort.index is not None:
        ruled = {person: day_of(cohort.index, person, world) for person in kept}
        cases = {person: day for person, day in ruled.items() if day is not None}
        world, kept = replace(world, index_days=cases), list(cases)
        attrition.append((INDEX_STEP, len(kept)))
    sets: Mapping[int, tuple[int, bool]] = {}
    if cohort.matching is not None:
        sets, world = _matched(cohort.matching, world)
        kept = sorted(sets)
    rows = [_row(cohort, person, sets, world) for person in kept]
    return Selected(tuple(attrition), pa.Table.from_pylist(rows, schema=schema_of(cohort)))


def _matched(matching: Matching, world: World) -> tuple[Mapping[int, tuple[int, bool]], World]:
    """Return the number of the set of each person and whether they are its case, and the days."""
    everyone, alone = world.dataset.persons, replace(world, index_days={})
    controls = {person for person in everyone if is_met(matching.controls, person, alone)}
    drawn = draw(world.index_days, _candidates(everyone, world), controls, matching)
    sets: dict[int, tuple[int, bool]] = {}
    days: dict[int, date] = {}
    for number, found in enumerate(drawn, 1):
        for person in (found.case, *found.controls):
            sets[person] = (number, person == found.case)
            days[person] = world.index_days[found.case]
    return sets, replace(world, index_days=days)


def _candidates(persons: Collection[int], world: World) -> list[Candidate]:
    told = [(person, world.facts(person)) for person in persons]
    return [
        Candidate(person, facts.born_on, facts.died_on, facts.sex, facts.department)
        for person, facts in told
    ]


def _row(
    cohort: Cohort, person: int, sets: Mapping[int, tuple[int, bool]], world: World
) -> dict[str, Answer]:
    row: dict[str, Answer] = {"person_key": person}
    if cohort.index is not None:
        row["index_day"] = world.index_days[person]
    if cohort.matching is not None:
        row["set_number"], row["is_case"] = sets[person]
    values = {item.name: value_of(item.value, person, world) for item in cohort.variables}
    return row | values
