"""Columns given with less than their values: which precision suits which column, and how."""

from typing import Final

import duckdb
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, FunctionExpression

from ecluse.data.schemas import Column
from ecluse.domain.documents import Coarsening, Precision
from ecluse.domain.errors import OutOfScope
from ecluse.domain.regions import REGIONS

DAYS: Final = frozenset({"date", "timestamp"})
NUMBERS: Final = frozenset({"integer", "bigint", "number", "year"})
SUITS: Final = {
    Precision.MONTH: DAYS,
    Precision.YEAR: DAYS | {"yearmonth"},
    Precision.AGE_BAND: NUMBERS,
    Precision.ROUNDED: NUMBERS,
    Precision.FIRST_CHARACTERS: frozenset({"text"}),
    Precision.DEPARTMENT: frozenset({"text"}),
    Precision.REGION: frozenset({"text"}),
}
DEPARTMENTS: Final = "IR_DPT_V"
OVERSEAS: Final = ("97", "98")
YEAR_DIGITS: Final = 4
NAMES_IN_THREE: Final = 3


def check_suits(column: Column, coarsening: Coarsening) -> None:
    """Pass if a column can be given so. Raises OutOfScope."""
    if coarsening.to is Precision.CHOICE_ONLY:
        return
    if column.role in {"person", "identifier", "link", "professional", "facility"}:
        raise OutOfScope(
            f"{column.name} names somebody or something: it leaves as a pseudonym or not at all, "
            "never in part."
        )
    if column.type not in SUITS[coarsening.to]:
        raise OutOfScope(
            f"{column.name} holds a {column.type}, which has no {coarsening.to.value}: choose "
            "another precision."
        )
    is_short = column.length in {"1", "2", "3"} and column.nomenclature != DEPARTMENTS
    if is_short and coarsening.to in {Precision.DEPARTMENT, Precision.REGION}:
        raise OutOfScope(
            f"{column.name} numbers municipalities inside a department, which it does not name: "
            "ask for the column of the department."
        )


def coarse(column: Column, coarsening: Coarsening) -> duckdb.Expression:
    """Return what is delivered of a column in place of its value; what is absent stays so."""
    value = ColumnExpression(column.name)
    step = ConstantExpression(coarsening.step)
    match coarsening.to:
        case Precision.MONTH | Precision.YEAR:
            return _beginning(column, coarsening.to)
        case Precision.AGE_BAND:
            return FunctionExpression("floor", value / step).cast("BIGINT") * step.cast("BIGINT")
        case Precision.ROUNDED:
            return FunctionExpression("round", value / step).cast("BIGINT") * step.cast("BIGINT")
        case Precision.FIRST_CHARACTERS:
            return FunctionExpression("left", value, step)
        case Precision.DEPARTMENT:
            return _department(value)
        case _:
            return _region(_department(value))


def type_of(column: Column, coarsening: Coarsening | None) -> str:
    """Return the type delivered, in the words of the schemas."""
    if coarsening is None:
        return column.type
    if coarsening.to in {Precision.AGE_BAND, Precision.ROUNDED}:
        return "integer"
    return "date" if column.type == "timestamp" else column.type


def _beginning(column: Column, precision: Precision) -> duckdb.Expression:
    value = ColumnExpression(column.name)
    if column.type == "yearmonth":
        return FunctionExpression("left", value, ConstantExpression(YEAR_DIGITS))
    unit = ConstantExpression(precision.value)
    return FunctionExpression("date_trunc", unit, value).cast("DATE")


def _department(code: duckdb.Expression) -> duckdb.Expression:
    """Return the department of a municipality (75056, 2A004, 97105) or of a code of its own.

    The SNDS writes departments in three characters, 075, 02A or 971.
    """
    text = FunctionExpression("trim", code)
    is_padded = (FunctionExpression("length", text) == ConstantExpression(NAMES_IN_THREE)) & (
        FunctionExpression("starts_with", text, ConstantExpression("0"))
    )
    is_overseas = FunctionExpression(
        "starts_with", text, ConstantExpression(OVERSEAS[0])
    ) | FunctionExpression("starts_with", text, ConstantExpression(OVERSEAS[1]))
    two, three = ConstantExpression(2), ConstantExpression(NAMES_IN_THREE)
    return (
        CaseExpression(is_padded, FunctionExpression("substr", text, two))
        .when(is_overseas, FunctionExpression("left", text, three))
        .otherwise(FunctionExpression("left", text, two))
    )


def _region(department: duckdb.Expression) -> duckdb.Expression:
    """Return the region of a department, absent where no region has it."""
    first, *others = ((code, region) for region, codes in REGIONS.items() for code in codes)
    case = CaseExpression(department == ConstantExpression(first[0]), ConstantExpression(first[1]))
    for code, region in others:
        case = case.when(department == ConstantExpression(code), ConstantExpression(region))
    return case
