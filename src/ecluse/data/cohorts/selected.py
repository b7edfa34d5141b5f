"""What every engine answers: who is in a cohort, with what is asked about them."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from ecluse.domain.cohorts import (
    AgeOn,
    CodeAt,
    Cohort,
    ColumnAt,
    Count,
    DayIs,
    DaysBetween,
    DepartmentIs,
    ExposedDays,
    IsMet,
    SexIs,
    Total,
)

EVERYONE: Final = "persons-of-dataset"
INDEX_STEP: Final = "index-day"

_TYPES: Final = {
    IsMet: pa.bool_(),
    DayIs: pa.date32(),
    Count: pa.int64(),
    Total: pa.decimal128(38, 4),
    CodeAt: pa.string(),
    ColumnAt: pa.string(),
    SexIs: pa.string(),
    DepartmentIs: pa.string(),
    AgeOn: pa.int32(),
    DaysBetween: pa.int32(),
    ExposedDays: pa.int32(),
}


@dataclass(frozen=True, slots=True)
class Selected:
    """The persons of a cohort, and how many were left after each step.

    `attrition` begins with the persons of the dataset, then has each step by its label, then
    `index-day` where one is ruled: a person without it leaves. `rows` has the columns of
    `schema_of` the cohort, one row a person, sorted by `person_key`.
    """

    attrition: tuple[tuple[str, int], ...]
    rows: pa.Table


def schema_of(cohort: Cohort) -> pa.Schema:
    """Return the columns of the rows that the cohort gives, in order."""
    fields = [("person_key", pa.int32())]
    if cohort.index is not None:
        fields.append(("index_day", pa.date32()))
    if cohort.matching is not None:
        fields += [("set_number", pa.int32()), ("is_case", pa.bool_())]
    fields += [(variable.name, _TYPES[type(variable.value)]) for variable in cohort.variables]
    return pa.schema(fields)
