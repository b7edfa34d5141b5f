"""A small lake in OMOP's words, whose persons and events a test gives in sight."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np

from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.data.tabulation import Answer, Memory, answer
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain.tabulation import (
    AgeBands,
    CodeGroup,
    CodeGroups,
    Measure,
    MeasureKind,
    Source,
    Suppression,
    TableOrder,
    TabulationPlan,
    TabulationPolicy,
    Years,
)
from tests.unit.data.lakes import LOADED_AT, Row, publish

MAN, WOMAN = 8507, 8532
SEX = CodeGroups(
    "sex",
    "Sex",
    "person",
    "gender_concept_id",
    (CodeGroup("M", "Men", (str(MAN),)), CodeGroup("F", "Women", (str(WOMAN),))),
    is_exact=True,
)
AGE = AgeBands(
    "age", "Age", "person", "year_of_birth", "month_of_birth", date(2022, 7, 1), (0, 40, 65)
)
YEAR = Years("year", "Year", 2021, 2022)
DISEASE = CodeGroups(
    "disease",
    "Disease",
    "condition_occurrence",
    "condition_source_value",
    (
        CodeGroup("diabetes", "Diabetes", ("E10", "E11")),
        CodeGroup("stroke", "Stroke", ("I63", "I64")),
    ),
)
PERSONS, EVENTS = Measure(MeasureKind.PERSONS), Measure(MeasureKind.EVENTS)
CARE = Source("condition_occurrence", date(2021, 1, 1), date(2022, 12, 31))
LAXEST = TabulationPolicy(minimum_count=2, dominance_percent=100)
"""Hides single persons alone: for tests of counting."""


@dataclass(frozen=True)
class Clinic:
    """A snapshot, and the folder where answers are kept."""

    snapshot: Snapshot
    memory: Memory

    @property
    def everybody(self) -> PersonKeys:
        """The keys of all persons."""
        return np.arange(self.snapshot.person_count, dtype=np.int32)

    def answer(
        self,
        plan: TabulationPlan,
        persons: Sequence[int] | PersonKeys | None = None,
        *,
        policy: TabulationPolicy | None = None,
    ) -> Answer:
        """Answer a request about some persons, everybody unless told."""
        with self.connected() as connection:
            return answer(
                plan,
                self.snapshot,
                self.everybody if persons is None else persons,
                policy=policy or TabulationPolicy(),
                connection=connection,
                memory=self.memory,
            )

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection that reads the dataset."""
        with connect(readable=[self.snapshot.folder.parent]) as connection:
            yield connection


def person(key: int, *, sex: int = WOMAN, born: int = 1950) -> Row:
    """Return one row of the table of persons."""
    return {
        "person_key": key,
        "event_date": None,
        "person_id": key,
        "gender_concept_id": sex,
        "year_of_birth": born,
        "month_of_birth": 1,
    }


def condition(key: int, code: str, on: date) -> Row:
    """Return one diagnosis of a person."""
    return {
        "person_key": key,
        "event_date": on,
        "person_id": key,
        "condition_source_value": code,
        "condition_start_date": on,
    }


def clinic(
    folder: Path,
    persons: Sequence[Row],
    conditions: Sequence[Row] = (),
    *,
    memory: Path | None = None,
    now: datetime = LOADED_AT,
) -> Clinic:
    """Publish a lake with these rows, and open the memory of its answers."""
    keys = sorted({int(str(row["person_key"])) for row in persons})
    people = [(key, str(key), None) for key in keys]
    tables: dict[str, Sequence[Row]] = {"person": persons}
    if conditions:
        tables["condition_occurrence"] = conditions
    snapshot = publish(folder / "lake", "clinic", tables, people, model_name="omop", now=now)
    return Clinic(snapshot, Memory(memory or folder / "memory"))


def plan(*tables: TableOrder, number: str = "D-1", protection: object = None) -> TabulationPlan:
    """Return a plan about all variables of this module."""
    return TabulationPlan(
        number,
        "A request",
        "everybody",
        (SEX, AGE, YEAR, DISEASE),
        tables,
        protection or Suppression(),  # type: ignore[arg-type]
    )


def table(
    *by: str, name: str = "t", measures: tuple[Measure, ...] = (PERSONS,), of: Source | None = None
) -> TableOrder:
    """Return one table by these variables."""
    return TableOrder(name, "A table", by, measures, of)


def read(made: Answer, name: str = "t") -> dict[tuple[str, ...], object]:
    """Return what a table shows of its first measure, by codes of the categories."""
    (found,) = (one for one in made.tables if one.name == name)
    return {
        tuple(category.code for category in categories): numbers[0]
        for categories, numbers in found.rows()
    }


LATER = datetime(2026, 2, 4, 8, tzinfo=UTC)
