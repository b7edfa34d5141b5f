"""Whom each study of the library should find in a country of a year: read from its truth alone.

A study is compared with those who truly live with the illness, or to whom it truly happens that
year: what a definition misses of the first may never have been seen by a hospital or a pharmacy.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import literal_path, quoted

WRITTEN: Final = "%d/%m/%Y"
PERSONS: Final = ("person_index", "sex", "pseudonym", "birth_rank", "in_register", "mother_index")
ADULT, OLD, MIDDLE_AGE, OLDEST_TREATED = 18, 65, 40, 80
FIRST_BLADDER_YEARS: Final = 2
"""Years before the year asked when the cohort of bladder cancer begins: it lasts several."""
FALLS: Final = ("S02", "S12", "S22", "S32", "S42", "S52", "S62", "S72", "S82", "S92")


class Truth:
    """The truth of a country, and the year asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, year: int) -> None:
        self._connection = connection
        self.first, self.last = date(year, 1, 1), date(year, 12, 31)
        self.year = year
        self._view(path, "persons")
        self._view(path, "stays")
        self._view(path, "casts")
        self._view(path, "registrations")

    def ask(self, condition: str, values: Collection[object] = ()) -> set[int]:
        """Return the persons of whom a condition on `persons`, made of names alone, is true."""
        query = f"SELECT person_index FROM persons WHERE {condition}"  # noqa: S608 — names only
        return {row[0] for row in self._connection.execute(query, [*values]).fetchall()}

    def living_with(self, illness: str) -> set[int]:
        """Return those ill by the end of the year who were alive when it began."""
        return self.ask(
            f"{quoted(illness)} <= ? AND coalesce(died, ?) >= ?", [self.last, self.last, self.first]
        )

    def in_hospital_for(self, codes: Collection[str], *, from_age: int = 0) -> set[int]:
        """Return those with a stay of the year whose main diagnosis begins with one of `codes`."""
        return self._aged(
            "SELECT person_index, min(entered) AS day FROM stays WHERE entered BETWEEN ? AND ? "
            "AND len(list_filter(?, lambda code: starts_with(main_code, code))) > 0 GROUP BY ALL",
            [self.first, self.last, [*codes]],
            from_age=from_age,
        )

    def broken(self) -> set[int]:
        """Return those of 65 and more with a fracture in the year, in a stay or put in a cast."""
        cast = self._aged(
            "SELECT person_index, min(day) AS day FROM casts WHERE day BETWEEN ? AND ? "
            "GROUP BY ALL",
            [self.first, self.last],
            from_age=OLD,
        )
        return cast | self.in_hospital_for(FALLS, from_age=OLD)

    def born_in_hospital(self, *, with_mother: bool = False) -> set[int]:
        """Return those born in hospital in the year; those alone whose mother lives here."""
        born = self._rows(
            "SELECT person_index FROM stays WHERE special = 'birth' AND entered BETWEEN ? AND ?",
            [self.first, self.last],
        )
        return born & self.ask("mother_index IS NOT NULL") if with_mother else born

    def registered(self) -> set[int]:
        """Return those alive with a long-term illness registered for some day of the year."""
        found = self._rows(
            "SELECT DISTINCT person_index FROM registrations WHERE start <= ? "
            'AND coalesce("end", ?) >= ?',
            [self.last, self.last, self.first],
        )
        return found & self.ask("coalesce(died, ?) >= ?", [self.last, self.first])

    def newly(self, illness: str) -> set[int]:
        """Return those who fell ill in the year."""
        return self.ask(f"{quoted(illness)} BETWEEN ? AND ?", [self.first, self.last])

    def diabetics_followed(self) -> set[int]:
        """Return the diabetics of 40 to 80 of the first year of the cohort of bladder cancer."""
        aged = date(self.year - FIRST_BLADDER_YEARS + 1, 1, 1)
        return self.ask(
            "diabetes <= ? AND date_diff('year', born, ?) BETWEEN ? AND ? "
            "AND coalesce(died, ?) >= ? AND coalesce(bladder_cancer > ?, true)",
            [aged, aged, MIDDLE_AGE, OLDEST_TREATED, aged, aged, aged],
        )

    def _aged(self, query: str, values: list[object], *, from_age: int) -> set[int]:
        return self._rows(
            f"SELECT person_index FROM ({query}) JOIN persons USING (person_index) "  # noqa: S608 — our own queries
            "WHERE date_sub('year', born, day) >= ?",
            [*values, from_age],
        )

    def _rows(self, query: str, values: list[object]) -> set[int]:
        return {row[0] for row in self._connection.execute(query, values).fetchall()}

    def _view(self, path: Path, name: str) -> None:
        """Make a table of a file of the truth, its days as dates."""
        rows = self._connection.read_parquet(literal_path(path / f"{name}.parquet"))
        plain = {*PERSONS, "main_code", "special", "act", "code"}
        columns = ", ".join(
            quoted(column)
            if column in plain
            else f"CAST(try_strptime({quoted(column)}, '{WRITTEN}') AS DATE) AS {quoted(column)}"
            for column in rows.columns
        )
        rows.project(columns).create(name)


@dataclass(frozen=True, slots=True)
class Expected:
    """Whom a study should find, `of` saying in what sense.

    `column`: one of the study's own, true of those found, when not all that it finds are meant.
    """

    study: str
    of: str
    whom: Callable[[Truth], set[int]]
    column: str = ""


def _living_with(study: str, illness: str) -> Expected:
    return Expected(study, "live with it", lambda truth: truth.living_with(illness))


def _in_hospital(study: str, codes: tuple[str, ...], from_age: int = 0) -> Expected:
    return Expected(
        study,
        "in hospital for it",
        lambda truth: truth.in_hospital_for(codes, from_age=from_age),
    )


EXPECTED: Final = (
    _living_with("diabetes", "diabetes"),
    _living_with("diabetes-types", "diabetes"),
    _living_with("treated-hypertension", "hypertension"),
    _living_with("cancer-history", "cancer"),
    _living_with("dementia", "dementia"),
    _living_with("heart-failure", "heart_failure"),
    _in_hospital("heart-failure", ("I50",)),
    _living_with("stroke", "stroke"),
    _in_hospital("stroke", ("I60", "I61", "I62", "I63", "I64"), ADULT),
    _living_with("acute-coronary-syndrome", "ischaemic_heart_disease"),
    _in_hospital("acute-coronary-syndrome", ("I21", "I22", "I23", "I24")),
    _living_with("parkinson", "parkinson"),
    _living_with("vasculitis", "vasculitis"),
    _in_hospital("vasculitis", ("M300", "M302", "M308", "M313", "M314", "M317", "M352")),
    Expected("breast-cancer", "new in the year", lambda truth: truth.newly("breast_cancer")),
    Expected("bladder-cancer-pioglitazone", "treated age", Truth.diabetics_followed),
    Expected("fall-fractures", "broke a bone", Truth.broken),
    Expected("births", "born in hospital", Truth.born_in_hospital),
    Expected(
        "births",
        "with their mother",
        lambda truth: truth.born_in_hospital(with_mother=True),
        column="has_mother",
    ),
    Expected("long-term-illness", "registered", Truth.registered),
)
