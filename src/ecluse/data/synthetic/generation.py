"""Generating the synthetic country, start to end, always the same for the same seed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from ecluse.data.engines import OnProgress, storage_failures
from ecluse.data.synthetic import claims, hospital, registers
from ecluse.data.synthetic.calendar import NEVER, Period, date_texts, period_of
from ecluse.data.synthetic.care import Care
from ecluse.data.synthetic.conditions import Conditions, draw_conditions, draw_deaths
from ecluse.data.synthetic.people import People, draw_people
from ecluse.data.synthetic.stays import bleeding_risk, draw_stays
from ecluse.data.synthetic.traps import inject
from ecluse.data.synthetic.writing import Column, write_table
from ecluse.domain.errors import InvalidInput

FEWEST_PERSONS: Final = 10
STEPS: Final = ("population", "care", "stays", "files")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SyntheticReport:
    """What was generated: `rows` by file of the delivery, `traps` by name, with their truth.

    `delivery_path` is what `load_delivery` takes; `truth_path` is never loaded.
    """

    delivery_path: Path
    truth_path: Path
    persons: int
    years: tuple[int, ...]
    seed: int
    rows: dict[str, int]
    traps: dict[str, int]
    conditions: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Country:
    """Persons, their illnesses, and the years of care."""

    people: People
    conditions: Conditions
    period: Period


def generate(
    target: Path,
    *,
    persons: int = 10_000,
    years: Sequence[int] = (2021, 2022, 2023),
    seed: int = 1,
    national_key: bytes,
    on_progress: OnProgress | None = None,
) -> SyntheticReport:
    """Write a delivery of a small country under `target`, with its ground truth apart.

    Person `i` has the national number `synthetic_national_number(i)`, and BEN_NIR_ANO is its
    pseudonym under `national_key`: an opt-out made with that number and key finds the person.

    Raises:
        InvalidInput: no year, years that do not follow each other, or too few persons.
        StorageFull: no space is left.
    """
    _check(persons, years)
    rng = np.random.default_rng(seed)
    tell = _teller(on_progress)
    with storage_failures(target):
        delivery, truth = target / "delivery", target / "truth"
        delivery.mkdir(parents=True, exist_ok=True)
        truth.mkdir(exist_ok=True)
        tell("population")
        country = _populate(rng, persons, period_of(years))
        rows, traps = _write(rng, delivery, country, national_key, tell)
        report = SyntheticReport(
            delivery_path=delivery,
            truth_path=truth,
            persons=persons,
            years=tuple(years),
            seed=seed,
            rows=rows,
            traps=traps,
            conditions={
                name: int((onset != NEVER).sum()) for name, onset in country.conditions.items()
            },
        )
        _write_truth(truth, country, report)
    return report


def _check(persons: int, years: Sequence[int]) -> None:
    if persons < FEWEST_PERSONS:
        raise InvalidInput(f"{persons} persons do not make a country: ask for {FEWEST_PERSONS}.")
    if not years or list(years) != list(range(years[0], years[0] + len(years))):
        raise InvalidInput("Give years that follow each other, for example 2021 2022 2023.")


def _teller(on_progress: OnProgress | None) -> Tell:
    def tell(step: str) -> None:
        if on_progress:
            on_progress(step, STEPS.index(step), len(STEPS))

    return tell


def _populate(rng: np.random.Generator, persons: int, period: Period) -> _Country:
    people = draw_people(rng, persons, period)
    conditions = draw_conditions(rng, people, period)
    died = draw_deaths(rng, people, conditions, period)
    return _Country(replace(people, died=died), conditions, period)


def _write(
    rng: np.random.Generator,
    delivery: Path,
    country: _Country,
    national_key: bytes,
    tell: Tell,
) -> tuple[dict[str, int], dict[str, int]]:
    people, conditions, period = country.people, country.conditions, country.period
    tell("care")
    care = Care(rng, people, conditions, period)
    clean = care.draw()
    lines, traps = inject(rng, clean)
    tell("stays")
    risk = bleeding_risk(people, clean, care.drugs)
    stays = draw_stays(rng, people, conditions, period, risk)
    tell("files")
    grouped = claims.group(rng, lines, people)
    rows = claims.write_claims(rng, delivery, grouped, people, care.drugs)
    rows |= hospital.write_stays(delivery, stays, people)
    rows |= registers.write_persons(rng, delivery, people, national_key)
    rows |= registers.write_illnesses(rng, delivery, people, conditions)
    rows |= registers.write_deaths(rng, delivery, people, conditions, national_key)
    rows |= registers.write_drugs(delivery, care.drugs)
    traps |= {
        "stays_in_error_groups": int(stays.is_error_group.sum()),
        "stays_with_bad_return_code": int(stays.has_bad_return.sum()),
        "persons_without_own_number": int((~people.has_own_number).sum()),
        "persons_with_two_pseudonyms": int((people.second_pseudonym >= 0).sum()),
        "same_sex_twins": int((people.birth_rank > 1).sum()),
        "digestive_bleeding_stays": sum(
            code.startswith(("K25", "K26", "K92")) for code in stays.main_codes()
        ),
    }
    return rows, traps


def _write_truth(truth: Path, country: _Country, report: SyntheticReport) -> None:
    columns: dict[str, Column] = {
        "person_index": np.arange(country.people.count),
        "sex": country.people.sex,
        "born": date_texts(country.people.born),
        "died": date_texts(country.people.died, missing=""),
    }
    for name, onset in country.conditions.items():
        columns[name] = date_texts(onset, missing="")
    write_table(truth, "truth_persons", columns)
    counts = asdict(report) | {"delivery_path": "delivery", "truth_path": "truth"}
    (truth / "truth_counts.json").write_text(json.dumps(counts, indent=2), encoding="utf-8")
