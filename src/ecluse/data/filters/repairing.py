"""Codes that follow from other columns: CIP13 of a pack from its former CIP7."""

from typing import Final

from duckdb import DuckDBPyRelation

from ecluse.data.engines import quoted
from ecluse.data.filters.definitions import Repair

PREFIX: Final = 34009
"""Every French pack: country and family of the product, before its seven digits."""
CHECK_BASE: Final = 24
"""What the five digits of the prefix add to the check sum (3 + 4x3 + 0 + 0x3 + 9)."""
DIGITS: Final = 7


def repaired(relation: DuckDBPyRelation, repair: Repair) -> DuckDBPyRelation:
    """Return the rows with the 13 digits filled in where they follow from the former 7."""
    code = quoted(repair.column)
    kind = dict(zip(relation.columns, map(str, relation.types), strict=True))[repair.column]
    made = f"CASE WHEN {is_repairable(repair)} THEN {_cip13(repair)} ELSE {code} END"
    return relation.project(f"* REPLACE (CAST({made} AS {kind}) AS {code})")


def is_repairable(repair: Repair) -> str:
    """Return the condition that a row lacks the 13 digits and has the former 7."""
    code, former = quoted(repair.column), quoted(repair.cip7)
    digits = f"TRY_CAST({former} AS BIGINT)"
    return (
        f"coalesce(TRY_CAST({code} AS BIGINT), 0) = 0 AND {digits} BETWEEN 1 AND {10**DIGITS - 1}"
    )


def can_repair(relation: DuckDBPyRelation, repair: Repair) -> str | None:
    """Return what `relation` lacks to be repaired, None when nothing."""
    needed = (repair.column, repair.cip7)
    return ", ".join(name for name in needed if name not in relation.columns) or None


def _cip13(repair: Repair) -> str:
    """Return the EAN-13 rule: weights 1 and 3 in turn, and the digit that makes a multiple of 10.

    The seven digits stand sixth to twelfth, so the first of them weighs 3.
    """
    former = f"TRY_CAST({quoted(repair.cip7)} AS BIGINT)"
    weighed = " + ".join(
        f"{3 if rank % 2 == 0 else 1} * ({former} // {10 ** (DIGITS - 1 - rank)} % 10)"
        for rank in range(DIGITS)
    )
    check = f"(10 - ({CHECK_BASE} + {weighed}) % 10) % 10"
    return f"({PREFIX * 10 ** (DIGITS + 1)} + 10 * {former} + {check})"
