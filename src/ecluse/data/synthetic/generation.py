"""Generating the synthetic country, start to end, always the same for the same seed."""

import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from ecluse.data.engines import OnProgress, storage_failures
from ecluse.data.synthetic.blocks import Made, Order, Recipe, make, orders
from ecluse.data.synthetic.calendar import period_of
from ecluse.data.synthetic.checks import check
from ecluse.data.synthetic.counting import Marginals, cut_off
from ecluse.data.synthetic.pages import write_page
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Gathering, Rendering
from ecluse.domain.errors import InvalidInput

FEWEST_PERSONS: Final = 10
MOST_PERSONS: Final = 2_400_000
"""Fictitious national numbers run out beyond."""
FIRST_YEAR: Final = 2006
INTENSITIES: Final = (0.1, 10.0)
CONDITION: Final = "condition:"


@dataclass(frozen=True, slots=True)
class Country:
    """What country to make: same values, same bytes.

    `intensity` multiplies acts and occasional drugs: 1 gives about 32 claim lines a person a year,
    and 3 about 85: real claims have 75 to 160.
    """

    persons: int = 10_000
    years: tuple[int, ...] = (2021, 2022, 2023)
    seed: int = 1
    rendering: Rendering = "delivery"
    intensity: float = 1.0


@dataclass(frozen=True, slots=True)
class SyntheticReport:
    """What was generated: `rows` by file of the delivery, `traps` by name, with their truth.

    `delivery_path` is what `load_delivery` takes; `truth_path` is never loaded. `claim_lines` are
    the rows of ER_PRS_F, `refinement_lines` those of the tables that refine them.
    """

    delivery_path: Path
    truth_path: Path
    persons: int
    years: tuple[int, ...]
    seed: int
    rendering: Rendering
    rows: dict[str, int]
    traps: dict[str, int]
    conditions: dict[str, int]

    @property
    def claim_lines(self) -> int:
        """Rows of ER_PRS_F."""
        return sum(rows for file, rows in self.rows.items() if "ER_PRS_F" in file)

    @property
    def refinement_lines(self) -> int:
        """Rows of the other claims tables."""
        claims = sum(rows for file, rows in self.rows.items() if "ER_" in file)
        return claims - self.claim_lines


def generate(
    target: Path,
    *,
    persons: int = 10_000,
    years: Sequence[int] = (2021, 2022, 2023),
    seed: int = 1,
    national_key: bytes,
    on_progress: OnProgress | None = None,
) -> SyntheticReport:
    """Write a small country under `target` as a project delivery: see `write_country`."""
    country = Country(persons=persons, years=tuple(years), seed=seed)
    return write_country(country, target, national_key=national_key, on_progress=on_progress)


def write_country(
    country: Country,
    target: Path,
    *,
    national_key: bytes,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> SyntheticReport:
    """Write a delivery of a country under `target`, with its ground truth apart.

    Person `i` has the national number `synthetic_national_number(i)`, and BEN_NIR_ANO is its
    pseudonym under `national_key`: an opt-out made with that number and key finds the person.
    Persons are made block by block, in `workers` processes: memory stays bounded, and the files
    are the same bytes whatever the number of workers. More than one worker starts new Python
    processes: call it from a module that can be imported again without effect.

    Raises:
        InvalidInput: no year, years that do not follow each other, too few or too many persons,
            an intensity out of bounds.
        StorageFull: no space is left.
    """
    _check(country.persons, country.years)
    _check_intensity(country.intensity)
    delivery, truth_path = target / "delivery", target / "truth"
    with storage_failures(target):
        delivery.mkdir(parents=True, exist_ok=True)
        truth_path.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix=".pieces-", dir=target) as pieces:
            blocks = orders_of(country, national_key, folder=Path(pieces))
            world = _gather(blocks, delivery, truth_path, workers=workers, tell=on_progress)
        report = SyntheticReport(
            delivery_path=delivery,
            truth_path=truth_path,
            persons=country.persons,
            years=country.years,
            seed=country.seed,
            rendering=country.rendering,
            rows=dict(sorted(world.rows.items())),
            traps=_trap_counts(world),
            conditions={
                name.removeprefix(CONDITION): count
                for name, count in world.counts.items()
                if name.startswith(CONDITION)
            },
        )
        _write_truth(report, world)
    return report


@dataclass(frozen=True, slots=True)
class _World:
    """What all blocks add up to."""

    rows: dict[str, int]
    truth: Truth
    marginals: Marginals
    counts: Counter[str]


def orders_of(country: Country, national_key: bytes, *, folder: Path) -> list[Order]:
    """Return the blocks of persons that make `country`."""
    period = period_of(country.years)
    recipe = Recipe(period, country.seed, national_key, country.rendering, country.intensity)
    return orders(recipe, country.persons, folder=folder)


def _check(persons: int, years: Sequence[int]) -> None:
    if persons < FEWEST_PERSONS:
        raise InvalidInput(f"{persons} persons do not make a country: ask for {FEWEST_PERSONS}.")
    if persons > MOST_PERSONS:
        raise InvalidInput(
            f"{persons:,} persons: fictitious national numbers run out after {MOST_PERSONS:,}."
        )
    if not years or list(years) != list(range(years[0], years[0] + len(years))):
        raise InvalidInput("Give years that follow each other, for example 2021 2022 2023.")
    if years[0] < FIRST_YEAR:
        raise InvalidInput(f"Claims begin in {FIRST_YEAR}: ask for later years than {years[0]}.")


def _check_intensity(intensity: float) -> None:
    least, most = INTENSITIES
    if not least <= intensity <= most:
        raise InvalidInput(
            f"An intensity of {intensity:g} makes no country: ask for {least:g} to {most:g}."
        )


def _gather(
    blocks: Sequence[Order],
    delivery: Path,
    truth_path: Path,
    *,
    workers: int,
    tell: OnProgress | None,
) -> _World:
    gathering = Gathering(delivery, truth_path)
    truth, figures, counts = Truth(), dict[str, Counter[str]](), Counter[str]()
    for rank, made in enumerate(_made(blocks, workers)):
        gathering.add(made.pieces)
        truth.merge([made.truth])
        counts.update(made.counts)
        for name, counted in made.marginals.items():
            figures.setdefault(name, Counter()).update(counted)
        if tell:
            tell("persons", rank + 1, len(blocks))
    gathering.close()
    return _World(gathering.rows, truth, figures, counts)


def _made(blocks: Sequence[Order], workers: int) -> Iterator[Made]:
    """Yield the blocks in their order, whoever makes them."""
    if workers <= 1 or len(blocks) == 1:
        yield from map(make, blocks)
        return
    # Spawned, not forked: a fork of a process with threads may never wake up.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(blocks)), mp_context=context) as pool:
        yield from pool.map(make, blocks)


def _trap_counts(world: _World) -> dict[str, int]:
    """Return how many of each trap: the names that reports and tests know."""
    injected = {name: counts["injected"] for name, counts in world.truth.counts.items()}
    persons = {
        name: count for name, count in world.counts.items() if not name.startswith(CONDITION)
    }
    return {
        "regularisation_triplets": injected["regularisations"],
        "surcharge_lines": injected["surcharges"],
        "stays_in_error_groups": injected["error_groups"],
        "stays_with_bad_return_code": injected["return_codes"],
        **injected,
        **persons,
    }


def _write_truth(report: SyntheticReport, world: _World) -> None:
    counts = asdict(report) | {"delivery_path": "delivery", "truth_path": "truth"}
    traps = {name: dict(trap) for name, trap in world.truth.as_json().items()}
    until = np.datetime64(cut_off(period_of(report.years)), "D")
    traps["late_claims"]["flux_until"] = str(until)
    traps["late_claims"]["available_by_month"] = _cumulated(world.marginals["flux"])
    findings = check(world.marginals, persons=report.persons, years=len(report.years))
    counts["checks"] = [asdict(finding) for finding in findings]
    for name, value in (("truth_counts", counts), ("traps", traps)):
        path = report.truth_path / f"{name}.json"
        path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
    write_page(report.truth_path / "report.html", counts, traps, world.marginals, findings)


def _cumulated(flux: Counter[str]) -> dict[str, int]:
    months = sorted(flux, key=int)
    totals = np.cumsum([flux[month] for month in months]).tolist()
    first = np.array(months, dtype=np.int64).astype("datetime64[M]")
    return dict(zip([f"{month}-01" for month in first], totals, strict=True))
