"""What the gastrointestinal bleeding study must find, in plain Python on the source files."""

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

EUNOMIA = Path(__file__).parents[4] / "shared/snds/samples/omop_eunomia_gibleed"
INGREDIENTS = {"celecoxib", "diclofenac"}
NAMES = {1118084: "celecoxib", 1124300: "diclofenac"}
BLEEDING = 192671
HEADER = ["drug", "persons", "bleedings", "person_years", "per_1000_person_years"]

Row = dict[str, object]


def source(table: str) -> list[Row]:
    """Every row of a source file."""
    rows: list[Row] = pq.read_table(EUNOMIA / f"{table}.parquet").to_pylist()
    return rows


def concepts() -> tuple[str, ...]:
    """The two ingredients and all that descends from them."""
    roots = {
        row["concept_id"]
        for row in source("concept")
        if str(row["concept_name"]).lower() in INGREDIENTS
        and row["concept_class_id"] == "Ingredient"
    }
    pairs = source("concept_ancestor")
    below = {row["descendant_concept_id"] for row in pairs if row["ancestor_concept_id"] in roots}
    return tuple(sorted(str(concept) for concept in roots | below))


def exposures() -> Iterator[Row]:
    """Every exposure to one of the two drugs."""
    wanted = {int(concept) for concept in concepts()}
    return (row for row in source("drug_exposure") if row["drug_concept_id"] in wanted)


def incidence(opted_out: Collection[object] = ()) -> list[list[str]]:
    """The lines of the released table, without the persons who opted out."""
    entries, bleedings = _entries(), _bleedings()
    totals = {name: [0, 0, 0] for name in sorted(NAMES.values())}
    for row in source("observation_period"):
        person = row["person_id"]
        if person not in entries or person in opted_out:
            continue
        first, last = row["observation_period_start_date"], row["observation_period_end_date"]
        assert isinstance(first, date)
        assert isinstance(last, date)
        (day, drug), bled = entries[person], bleedings.get(person)
        if not first <= day <= last or (bled is not None and bled <= day):
            continue
        has_bled = bled is not None and bled <= last
        end = bled if has_bled and bled is not None else last
        total = totals[drug]
        totals[drug] = [total[0] + 1, total[1] + has_bled, total[2] + (end - day).days]
    return [_line(drug, *numbers) for drug, numbers in totals.items()]


def _entries() -> dict[object, tuple[date, str]]:
    entries: dict[object, tuple[date, str]] = {}
    for row in exposures():
        entry = (row["drug_exposure_start_date"], NAMES[row["drug_concept_id"]])  # type: ignore[index]
        person = row["person_id"]
        entries[person] = min(entry, entries.get(person, entry))  # type: ignore[type-var,assignment]
    return entries


def _bleedings() -> dict[object, date]:
    bleedings: dict[object, date] = {}
    for row in source("condition_occurrence"):
        if row["condition_concept_id"] == BLEEDING:
            person, day = row["person_id"], row["condition_start_date"]
            bleedings[person] = min(day, bleedings.get(person, day))  # type: ignore[type-var,assignment]
    return bleedings


def _line(drug: str, persons: int, bleedings: int, days: int) -> list[str]:
    years = round(days / 365.25)
    return [drug, str(persons), str(bleedings), str(years), str(round(1000 * bleedings / years, 1))]
