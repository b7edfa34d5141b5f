"""States and steps of an extraction in words."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ecluse.domain.cohorts import Cohort
from ecluse.domain.cohorts.flowchart import draw
from ecluse.domain.documents import (
    AttritionStep,
    ExtractedTable,
    ExtractionReceipt,
    FileFormat,
    FilterState,
    FilterSwitch,
    Removal,
    SnapshotNotice,
)
from ecluse.portal.extractions.models import State

MASKED: Final = "…"
"""In place of a count that stays in the secure zone."""

STATES: Final[Mapping[str, Promise]] = {
    State.ORDERED: _("Commandée"),
    State.DELIVERED: _("Livrée"),
    State.REFUSED: _("Refusée par la zone sécurisée"),
}

BADGES: Final[Mapping[str, str]] = {
    State.ORDERED: "info",
    State.DELIVERED: "success",
    State.REFUSED: "error",
}
"""The kind of badge of each state."""

STEPS: Final[Mapping[str, Promise]] = {
    "persons-of-dataset": _("Personnes du jeu de données"),
    "index-day": _("Avec un jour index"),
    "with-controls": _("Cas et témoins appariés"),
    "known-to-the-opt-out-register": _("Identifiables par le registre des oppositions"),
    "not-opted-out": _("Non opposées"),
    "linked-persons-not-opted-out": _("Dont les personnes liées ne sont pas opposées"),
    "opt-out-exception-applied": _("Exception au droit d’opposition appliquée"),
    "in-a-set-with-its-case": _("Témoins dont le cas est gardé, et cas"),
    "in-a-set-whose-case-has-rows": _("Témoins dont le cas a des soins, et cas"),
    "with-rows-in-care-period": _("Avec des soins dans la période"),
}
"""The steps that the secure zone counts; those of the cohort have the words of the order."""

REMOVALS: Final[Mapping[str, Promise]] = {
    Removal.OUTSIDE_COHORT: _("Écartées : hors cohorte"),
    Removal.AFTER_CUT_OFF: _("Écartées : arrivées après le dernier flux lu"),
    Removal.OUTSIDE_PERIOD: _("Écartées : hors de la période de soins"),
    Removal.FILTERED: _("Écartées : par les filtres"),
}

FILTER_STATES: Final[Mapping[str, Promise]] = {
    FilterState.OFF: _("non appliqué"),
    FilterState.ON: _("appliqué"),
    FilterState.STRICT: _("appliqué, lignes indécidables écartées"),
}

FORMATS: Final[Mapping[str, str]] = {
    FileFormat.CSV: "CSV",
    FileFormat.XPORT: "SAS XPORT",
}


def attrition(receipt: ExtractionReceipt) -> list[tuple[str, int]]:
    """Return the persons left after each step, in words; steps too small to be told are left out.

    A bar cannot be drawn for a count that stays in the secure zone.
    """
    return [
        (_step(row), row.person_count) for row in receipt.attrition if row.person_count is not None
    ]


def flowchart(cohort: Cohort, receipt: ExtractionReceipt | None, language: str) -> str:
    """Return the drawing of the cohort's steps; the rest of the attrition is in the table."""
    boxes = 1 + len(cohort.steps) + (cohort.index is not None)
    counts = [row.person_count for row in receipt.attrition[:boxes]] if receipt else []
    # The label that our form gives has its translation; words of an author stay as they are.
    steps = tuple(replace(step, label=gettext(step.label)) for step in cohort.steps)
    shown = replace(cohort, steps=steps)
    return draw(shown, counts if len(counts) == boxes else None, language)


def masked(receipt: ExtractionReceipt) -> list[str]:
    """Return the steps whose count stays in the secure zone, in words."""
    return [_step(row) for row in receipt.attrition if row.person_count is None]


def rows(table: ExtractedTable) -> list[tuple[str, int]]:
    """Return the rows read, left out for each reason, and delivered; those that can be told."""
    told = [
        (gettext("Lignes lues"), table.row_count_in),
        *((str(REMOVALS[one.reason]), one.row_count) for one in table.removed),
        (gettext("Lignes livrées"), table.row_count_out),
    ]
    return [(words, count) for words, count in told if count is not None]


def masked_rows(table: ExtractedTable) -> list[str]:
    """Return why rows were left out whose count stays in the secure zone, in words."""
    kept = [str(REMOVALS[one.reason]) for one in table.removed if one.row_count is None]
    return kept if table.row_count_out is not None else [*kept, gettext("Lignes livrées")]


def filter_titles(notice: SnapshotNotice | None, language: str) -> dict[str, str]:
    """Return the title of every filter of a dataset, by name."""
    found = notice.filters if notice is not None else ()
    is_english = language.startswith("en")
    return {one.name: one.title_en if is_english else one.title_fr for one in found}


def filters(switches: Iterable[FilterSwitch], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each filter with its state, in words."""
    return [(titles.get(one.filter, one.filter), str(FILTER_STATES[one.state])) for one in switches]


def formats(asked: Iterable[FileFormat]) -> str:
    """Return the forms in which the tables are delivered."""
    return ", ".join(("Parquet", *(FORMATS[one] for one in asked)))


def persons(receipt: ExtractionReceipt | None) -> int | str | None:
    """Return the persons of an extract: those left after the last step, None before it is made."""
    if receipt is None or not receipt.attrition:
        return None
    last = receipt.attrition[-1].person_count
    return MASKED if last is None else last


def _step(row: AttritionStep) -> str:
    return str(STEPS.get(row.step) or gettext(row.step))
