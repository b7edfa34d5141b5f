"""Facts that could identify a person, which no project gets two of without authorisation.

Month of birth, municipality of residence, exact date of care, exact date of death, municipality of
death. Source: Santé publique France, guide to the SNDS (version 2), on the rules of access.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from ecluse.domain.documents import DatasetScope, TableScope
from ecluse.domain.precision import delivered


class Fact(StrEnum):
    """A fact that, with another, could say who somebody is."""

    BIRTH_MONTH = "month-of-birth"
    RESIDENCE = "municipality-of-residence"
    CARE_DAY = "day-of-care"
    DEATH_DAY = "day-of-death"
    DEATH_PLACE = "municipality-of-death"


FACTS: Final[Mapping[str, Fact]] = {
    # SNDS
    "BEN_NAI_MOI": Fact.BIRTH_MONTH,
    "BEN_NAI_ANM": Fact.BIRTH_MONTH,
    "BEN_RES_COM": Fact.RESIDENCE,
    "BDI_COD": Fact.RESIDENCE,
    "DCD_COM_COD": Fact.DEATH_PLACE,
    "BEN_DCD_DTE": Fact.DEATH_DAY,
    "DCD_DAT": Fact.DEATH_DAY,
    # OMOP
    "month_of_birth": Fact.BIRTH_MONTH,
    "day_of_birth": Fact.BIRTH_MONTH,
    "birth_datetime": Fact.BIRTH_MONTH,
    "birth_month": Fact.BIRTH_MONTH,
    "death_date": Fact.DEATH_DAY,
    "death_datetime": Fact.DEATH_DAY,
    "city": Fact.RESIDENCE,
    "zip": Fact.RESIDENCE,
    "latitude": Fact.RESIDENCE,
    "longitude": Fact.RESIDENCE,
}
"""The columns that hold one, by the name that every table gives them."""

CARE_DAY: Final = re.compile(
    r"event_date|(EXE_SOI|ENT|SOR|EXE_SPE|PRS_HOS|DEL)_(DTD|DTF|DAT)"
    r"|(visit|visit_detail|procedure|drug_exposure|condition|condition_era|drug_era|measurement"
    r"|observation|specimen|note|device_exposure|episode)_((start|end)_)?(date|datetime)"
)
"""The columns that give the exact day of care."""


def fact_of(column: str) -> Fact | None:
    """Return the fact that a column gives, None when none of these."""
    return FACTS.get(column) or (Fact.CARE_DAY if CARE_DAY.fullmatch(column) else None)


def facts_of(tables: Iterable[TableScope]) -> frozenset[Fact]:
    """Return the facts that these tables give, columns that are coarsened left aside."""
    found = (fact_of(column) for _, column in delivered(tables))
    return frozenset(fact for fact in found if fact is not None)


def forbidden_together(scope: DatasetScope, *, authorised: Iterable[str]) -> tuple[Fact, ...]:
    """Return the facts that the scope gives together and that nothing authorises, sorted.

    Facts of tables without persons would do no harm, but no table about places is told apart here:
    the answer errs on the side of the persons.
    """
    given = facts_of(scope.tables)
    beyond = given - {Fact(one) for one in authorised if one in _NAMES}
    return tuple(sorted(given)) if len(given) > 1 and beyond else ()


_NAMES: Final = frozenset(fact.value for fact in Fact)
