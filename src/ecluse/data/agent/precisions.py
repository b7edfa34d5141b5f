"""Which precisions the catalogue may offer of a column: what the extraction can do, where it helps.

The extraction can round a code or cut a free text; nobody is offered it, since what is left would
mean nothing.
"""

import re
from typing import Final

from ecluse.data.extraction.plans import NEVER
from ecluse.data.extraction.precision import DEPARTMENTS, check_suits
from ecluse.data.schemas import Column
from ecluse.domain.documents import Coarsening, Precision
from ecluse.domain.documents.permits import STEPPED
from ecluse.domain.errors import OutOfScope
from ecluse.domain.identifying import Fact, fact_of

PLACES: Final = frozenset({Fact.RESIDENCE, Fact.DEATH_PLACE})
MUNICIPALITIES: Final = "IR_GEO_V"
AGE: Final = re.compile(r"\b(âges?|ages?|aged)\b", re.IGNORECASE)
DEPARTMENT: Final = re.compile(r"\bd[ée]partements?\b", re.IGNORECASE)
MEASURES: Final = frozenset({"quantity", "amount", "attribute"})


def precisions(column: Column) -> tuple[Precision, ...]:
    """Return the precisions in which a column can be given, none of one that is never given."""
    if column.role in NEVER:
        return ()
    return tuple(one for one in Precision if _makes_sense(column, one) and _suits(column, one))


def _suits(column: Column, precision: Precision) -> bool:
    try:
        check_suits(column, Coarsening(column.name, precision, 1 if precision in STEPPED else None))
    except OutOfScope:
        return False
    return True


def _makes_sense(column: Column, precision: Precision) -> bool:
    match precision:
        case Precision.AGE_BAND:
            return column.type == "year" or bool(AGE.search(_titles(column)))
        case Precision.ROUNDED:
            return column.role in MEASURES
        case Precision.FIRST_CHARACTERS:
            is_code = column.role in {"code", "attribute"} and column.length != "1"
            return is_code and not _is_place(column)  # 075 and 07512 begin alike and are not
        case Precision.DEPARTMENT:
            return _is_place(column) and not _is_department(column)
        case Precision.REGION:
            return _is_place(column)
        case _:
            return True


def _is_place(column: Column) -> bool:
    is_municipality = fact_of(column.name) in PLACES or column.nomenclature == MUNICIPALITIES
    return is_municipality or _is_department(column)


def _is_department(column: Column) -> bool:
    return column.nomenclature == DEPARTMENTS or bool(DEPARTMENT.search(_titles(column)))


def _titles(column: Column) -> str:
    return f"{column.title_fr} {column.title_en}"
