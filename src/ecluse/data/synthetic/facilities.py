"""Hospitals: invented ones, and the three that sent each stay twice until 2017."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import Flags, Ints
from ecluse.data.synthetic.care import PUBLIC_FACILITIES
from ecluse.data.synthetic.people import departments
from ecluse.data.synthetic.reading import read_rows

FACILITIES: Final = 40
"""Invented hospitals; those from PUBLIC_FACILITIES on are clinics, which also bill the insurer."""
DOUBLING: Final = {
    # entity: departments that it serves
    "AP-HP": ("75", "92", "93", "94", "91", "95", "78", "77"),
    "HCL": ("69",),
    "AP-HM": ("13",),
}
DOUBLING_SHARE: Final = 0.30
"""Share of the stays of those departments that go there."""


@dataclass(frozen=True, slots=True)
class Geographic:
    """A geographic number that a doubling hospital also used, with the years concerned."""

    entity: int
    finess: str
    first_year: int
    last_year: int


def finess_numbers() -> tuple[str, ...]:
    """Return ETA_NUM of each hospital: the invented, the doubling, then the geographic numbers."""
    invented = [f"99{number:06d}{number % 10}" for number in range(FACILITIES)]
    return (*invented, *(_legal(name) for name in DOUBLING), *(g.finess for g in geographics()))


def is_clinic(facility: Ints) -> Flags:
    """Say which facilities are private clinics (formerly OQN)."""
    clinic: Flags = (facility >= PUBLIC_FACILITIES) & (facility < FACILITIES)
    return clinic


@cache
def geographics() -> tuple[Geographic, ...]:
    """Return the geographic numbers whose stays were sent twice."""
    entities = list(DOUBLING)
    return tuple(
        Geographic(
            entities.index(row["entity"]),
            row["geographic"],
            int(row["first_year"]),
            int(row["last_year"]),
        )
        for row in read_rows("doubled_facilities")
    )


def draw_facilities(rng: np.random.Generator, department: Ints) -> Ints:
    """Return the hospital of each stay, among the invented and the doubling ones."""
    drawn = rng.integers(0, FACILITIES, len(department))
    goes = rng.random(len(department)) < DOUBLING_SHARE
    entity = _entity_by_department()[department]
    return np.where(goes & (entity >= 0), FACILITIES + entity, drawn)


@cache
def _entity_by_department() -> Ints:
    served = {code: rank for rank, codes in enumerate(DOUBLING.values()) for code in codes}
    return np.array([served.get(row["code"], -1) for row in departments()])


def _legal(entity: str) -> str:
    rows = read_rows("doubled_facilities")
    return next(row["legal"] for row in rows if row["entity"] == entity)
