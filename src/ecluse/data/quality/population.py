"""Who the register describes, and what it says of a person twice."""

from collections.abc import Iterator
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.quality.examinations import PERSONS, Examination, view
from ecluse.data.quality.reports import AgeBand, CheckResult, Population, Unit
from ecluse.data.quality.rules import RegisterRules

OLDEST: Final = 120
BAND_YEARS: Final = 5
LAST_BAND: Final = 95
DAYS_AFTER_DEATH: Final = 60
"""Care may be dated after a death by as much, as invoices are (OHDSI's own tolerance)."""


def keep_persons(examination: Examination) -> bool:
    """Keep one row a person of the register: birth, sex, death. False without a register.

    A person with several rows is born on the earliest birth, and dead on the latest death, that
    they tell: rows that disagree must not make sound care look impossible.
    """
    register = examination.rules.register
    if register is None or not examination.has(
        register.table, "person_key", register.birth_year, register.sex
    ):
        return False
    year = f"TRY_CAST({quoted(register.birth_year)} AS INTEGER)"
    sex = f"CAST({quoted(register.sex)} AS VARCHAR)"
    examination.keep(
        PERSONS,
        f"""
        SELECT person_key, min({_birth(examination, register)}) AS born_on,
               min({year}) AS birth_year, count(DISTINCT {year}) AS birth_years,
               CASE WHEN count(DISTINCT {sex}) = 1 THEN min({sex}) END AS sex,
               count(DISTINCT {sex}) AS sexes, any_value(died.day) AS died_on,
               any_value(died.day) + {DAYS_AFTER_DEATH:d} AS last_care_on
        FROM {view(register.table)} LEFT JOIN ({_deaths(examination, register)}) AS died
          USING (person_key)
        WHERE person_key IS NOT NULL GROUP BY person_key
        """,  # noqa: S608 — every name is quoted
    )
    return True


def check(examination: Examination) -> Iterator[CheckResult]:
    """Give the checks of the register, persons as rows."""
    register = examination.rules.register
    if register is None:
        return
    persons, sexes, births, dead_before, implausible = examination.row(
        f"""
        SELECT count(*), count(*) FILTER (sexes > 1), count(*) FILTER (birth_years > 1),
               count(*) FILTER (died_on < born_on),
               count(*) FILTER (birth_year < ? OR birth_year > ?)
        FROM {quoted(PERSONS)}
        """,  # noqa: S608 — our own table
        [examination.on.year - OLDEST, examination.on.year],
    )
    for check_id, violations in (
        ("several-sexes", sexes),
        ("several-birth-years", births),
        ("death-before-birth", dead_before),
        ("implausible-birth-year", implausible),
    ):
        yield examination.judge(
            check_id,
            table=register.table,
            violations=violations,
            examined=persons,
            unit=Unit.PERSONS,
        )
    women, men = _sexes(examination, register)
    yield examination.judge(
        "unbalanced-sexes",
        table=register.table,
        violations=abs(women - men),
        examined=women + men,
        unit=Unit.PERSONS,
    )


def describe(examination: Examination, register: RegisterRules) -> Population:
    """Return the persons by sex and age at the day of the examination."""
    persons, dead = examination.row(
        f"SELECT count(*), count(died_on) FROM {quoted(PERSONS)}"  # noqa: S608 — our own table
    )
    women, men = _sexes(examination, register)
    return Population(
        persons=persons, women=women, men=men, dead=dead, ages=_ages(examination, register)
    )


def _ages(examination: Examination, register: RegisterRules) -> tuple[AgeBand, ...]:
    found = examination.rows(
        f"""
        SELECT greatest(0, least(?, (? - birth_year) // ? * ?)) AS band,
               count(*) FILTER (list_contains(?, sex)), count(*) FILTER (list_contains(?, sex))
        FROM {quoted(PERSONS)}
        WHERE died_on IS NULL AND birth_year BETWEEN ? AND ? GROUP BY band
        """,  # noqa: S608 — our own table
        [
            LAST_BAND,
            examination.on.year,
            BAND_YEARS,
            BAND_YEARS,
            list(register.women),
            list(register.men),
            examination.on.year - OLDEST,
            examination.on.year,
        ],
    )
    by_band = {int(band): (women, men) for band, women, men in found}
    return tuple(
        AgeBand(first, *by_band.get(first, (0, 0))) for first in range(0, LAST_BAND + 1, BAND_YEARS)
    )


def _sexes(examination: Examination, register: RegisterRules) -> tuple[int, int]:
    women, men = examination.row(
        f"SELECT count(*) FILTER (list_contains(?, sex)), count(*) FILTER (list_contains(?, sex)) "  # noqa: S608
        f"FROM {quoted(PERSONS)}",
        [list(register.women), list(register.men)],
    )
    return int(women), int(men)


def _birth(examination: Examination, register: RegisterRules) -> str:
    """Return the first day on which the person may be born: of the month if told, or the year."""
    year = f"TRY_CAST({quoted(register.birth_year)} AS INTEGER)"
    if register.birth_month is None or not examination.has(register.table, register.birth_month):
        return f"CASE WHEN {year} BETWEEN 1 AND 9999 THEN make_date({year}, 1, 1) END"
    month = f"TRY_CAST({quoted(register.birth_month)} AS INTEGER)"
    real = f"CASE WHEN {month} BETWEEN 1 AND 12 THEN {month} ELSE 1 END"
    return f"CASE WHEN {year} BETWEEN 1 AND 9999 THEN make_date({year}, {real}, 1) END"


def _deaths(examination: Examination, register: RegisterRules) -> str:
    table, column = register.death_table, register.death_date
    if table is None or column is None or not examination.has(table, "person_key", column):
        return "SELECT NULL::INTEGER AS person_key, NULL::DATE AS day WHERE false"
    return (
        f"SELECT person_key, max({quoted(column)})::DATE AS day FROM {view(table)} "  # noqa: S608
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY person_key"
    )
