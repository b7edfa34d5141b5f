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
    Coarsening,
    ExtractedTable,
    ExtractionReceipt,
    FilterState,
    Precision,
    Removal,
    TableScope,
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
    "with-rows-in-care-period": _("Avec des soins dans la période"),
}
"""The steps that the secure zone counts; those of the cohort have the words of the order."""

REMOVALS: Final[Mapping[str, Promise]] = {
    Removal.OUTSIDE_COHORT: _("hors cohorte"),
    Removal.AFTER_CUT_OFF: _("arrivées après le dernier flux lu"),
    Removal.OUTSIDE_PERIOD: _("hors de la période de soins"),
    Removal.FILTERED: _("écartées par les filtres"),
}

FILTER_STATES: Final[Mapping[str, Promise]] = {
    FilterState.OFF: _("non appliqué"),
    FilterState.ON: _("appliqué"),
    FilterState.STRICT: _("appliqué, lignes indécidables écartées"),
}

PRECISIONS: Final[Mapping[str, Promise]] = {
    Precision.MONTH: _("au mois"),
    Precision.YEAR: _("à l’année"),
    Precision.AGE_BAND: _("par tranche d’âge"),
    Precision.ROUNDED: _("arrondie"),
    Precision.FIRST_CHARACTERS: _("premiers caractères"),
    Precision.DEPARTMENT: _("au département"),
    Precision.REGION: _("à la région"),
    Precision.CHOICE_ONLY: _("pour choisir seulement, non livrée"),
}


def attrition(receipt: ExtractionReceipt) -> list[tuple[str, int]]:
    """Return the persons left after each step, in words; steps too small to be told are left out.

    A bar cannot be drawn for a count that stays in the secure zone.
    """
    return [
        (_step(row), row.person_count) for row in receipt.attrition if row.person_count is not None
    ]


def flowchart(cohort: Cohort, receipt: ExtractionReceipt, language: str) -> str:
    """Return the drawing of the cohort's steps; the rest of the attrition is in the table."""
    boxes = 1 + len(cohort.steps) + (cohort.index is not None)
    counts = [row.person_count for row in receipt.attrition[:boxes]]
    # The label that our form gives has its translation; words of an author stay as they are.
    steps = tuple(replace(step, label=gettext(step.label)) for step in cohort.steps)
    shown = replace(cohort, steps=steps)
    return draw(shown, counts if len(counts) == boxes else None, language)


def masked(receipt: ExtractionReceipt) -> list[str]:
    """Return the steps whose count stays in the secure zone, in words."""
    return [_step(row) for row in receipt.attrition if row.person_count is None]


def removed(table: ExtractedTable) -> str:
    """Return why rows of a table were left out, in words; counts too small are not told."""
    return ", ".join(
        f"{REMOVALS[one.reason]} ({MASKED if one.row_count is None else one.row_count})"
        for one in table.removed
    )


def columns(scope: TableScope) -> str:
    """Return the columns of a table, each with how precisely it is given where not whole."""
    return ", ".join(
        name if one is None else coarsened([one])
        for name, one in ((name, scope.coarsening(name)) for name in scope.columns)
    )


def coarsened(coarsenings: Iterable[Coarsening]) -> str:
    """Return the columns given with less than their values, in words."""
    return ", ".join(
        f"{one.column} ({PRECISIONS[one.to]}{'' if one.step is None else f' {one.step}'})"
        for one in coarsenings
    )


def _step(row: AttritionStep) -> str:
    return str(STEPS.get(row.step) or gettext(row.step))
