"""A study asked of the persons of a page."""

from collections.abc import Mapping
from datetime import date

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts.reference import Dataset
from ecluse.domain.studies import study
from tests.spec.cohorts.engines import Engine

ALL_YEARS = Reading(date(2005, 1, 1), date(2030, 12, 31), flux_until=date(2031, 1, 1))


def found(engine: Engine, name: str, year: int, data: Dataset) -> Mapping[int, dict[str, object]]:
    """The persons whom a study finds, with what it tells of each."""
    rows = engine(study(name).cohort(year), data, ALL_YEARS).rows
    return {row["person_key"]: row for row in rows.to_pylist()}
