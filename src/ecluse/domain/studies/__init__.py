"""The library: fifteen studies of the SNDS written in the language of cohorts.

    study("diabetes").cohort(2019)      the tree, ready for an order

Each carries what it is for, its code lists with their sources, its validation and its limits.
"""

from collections.abc import Mapping
from typing import Final

from ecluse.domain.errors import NotFound
from ecluse.domain.studies import (
    births,
    cancers,
    cardiology,
    diabetes,
    illnesses,
    injuries,
    neurology,
)
from ecluse.domain.studies.study import CodeList, Study, Validated, Validation

STUDIES: Final[Mapping[str, Study]] = {
    found.name: found
    for room in (diabetes, cardiology, cancers, injuries, neurology, births, illnesses)
    for found in room.STUDIES
}


def study(name: str) -> Study:
    """Return one study. Raises NotFound."""
    if name not in STUDIES:
        raise NotFound(f"No study is called {name[:60]!r}: use one of {', '.join(STUDIES)}.")
    return STUDIES[name]


__all__ = ["STUDIES", "CodeList", "Study", "Validated", "Validation", "study"]
