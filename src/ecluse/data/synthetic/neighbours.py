"""The same persons as other holders know them: a hospital, a cohort, a registry."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ecluse.data.synthetic import blocks, registers
from ecluse.data.synthetic.calendar import Ints, period_of
from ecluse.data.synthetic.care import NO_DRUG, read_drugs
from ecluse.data.synthetic.generation import Country, orders_of
from ecluse.data.synthetic.twins import Block, TwinReport, generate_twins


def write_neighbours(country: Country, target: Path, *, national_key: bytes) -> TwinReport:
    """Write the other holders' databases about the persons of `country` under `target`.

    The persons are drawn again, exactly as `write_country` draws them.

    Raises:
        StorageFull: no space is left.
    """
    drawn = _blocks(country, national_key)
    return generate_twins(target, drawn, period=period_of(country.years), seed=country.seed)


def _blocks(country: Country, national_key: bytes) -> Iterator[Block]:
    for order in orders_of(country, national_key, folder=Path()):
        block = blocks.draw(order.rng(), order)
        yield Block(
            people=block.people,
            conditions=block.conditions,
            stays=block.stays,
            own_pseudonyms=registers.own_pseudonyms(block.people, national_key),
            first_person=block.people.first,
            dispensed=_dispensed(block),
        )


def _dispensed(block: blocks.Block) -> Mapping[str, Ints]:
    """Return the persons who received each ATC class."""
    lines = block.claims.lines
    rows = np.flatnonzero(lines.drug != NO_DRUG)
    drugs = read_drugs().rows
    pairs = np.unique(lines.person[rows].astype(np.int64) * len(drugs) + lines.drug[rows])
    found: dict[str, list[Ints]] = {}
    for rank, row in enumerate(drugs):
        persons = pairs[pairs % len(drugs) == rank] // len(drugs)
        found.setdefault(row["PHA_ATC_C07"], []).append(persons)
    return {atc: np.unique(np.concatenate(persons)) for atc, persons in found.items()}
