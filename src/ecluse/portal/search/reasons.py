"""Why a dataset was found: where each term stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q, Value, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from ecluse.portal.search.finding import query_of
from ecluse.portal.search.models import Entry, VariableEntry
from ecluse.portal.search.words import Term

PLACES: Final = {
    "A": _("le titre"),
    "B": _("les mots-clés, les listes ou le détenteur"),
    "C": _("la description"),
    "D": _("les variables"),
}
"""What people read for each weight of the index, the worthiest first."""
MOST_VARIABLES: Final = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Where one term stands, the worthiest place first; nowhere if the dataset lacks it."""

    term: Term
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons of one dataset, and some of its variables that hold a term."""

    reasons: tuple[Reason, ...]
    variables: tuple[VariableEntry, ...]


def reasons_of(keys: Sequence[int], terms: Sequence[Term]) -> Mapping[int, Why]:
    """Return why each of these datasets was found, for the few of one page."""
    if not terms:
        return {}
    entries = Entry.objects.filter(pk__in=keys).only("pk")
    for weight in PLACES:
        part = Func(
            "document",
            Value(f"{{{weight.lower()}}}"),
            function="ts_filter",
            output_field=SearchVectorField(),
            template='%(function)s(%(expressions)s::"char"[])',
        )
        entries = entries.alias(**{f"part_{weight}": part})
    for number, term in enumerate(terms):
        for weight in PLACES:
            holds = Q(**{f"part_{weight}": query_of(term)})
            told = ExpressionWrapper(holds, output_field=BooleanField())
            entries = entries.annotate(**{f"term_{number}_{weight}": told})
    variables = _variables(keys, terms)
    return {
        entry.pk: Why(
            tuple(_reason(entry, number, term) for number, term in enumerate(terms)),
            tuple(variables.get(entry.pk, ())),
        )
        for entry in entries
    }


def _reason(entry: Entry, number: int, term: Term) -> Reason:
    held = (weight for weight in PLACES if getattr(entry, f"term_{number}_{weight}"))
    return Reason(term, tuple(str(PLACES[weight]) for weight in held))


def _variables(keys: Sequence[int], terms: Sequence[Term]) -> dict[int, list[VariableEntry]]:
    found: dict[int, list[VariableEntry]] = {}
    place = Window(RowNumber(), partition_by=F("entry"), order_by="pk")
    holding = VariableEntry.objects.filter(
        entry__in=keys, document=reduce(or_, map(query_of, terms))
    )
    for one in holding.annotate(place=place).filter(place__lte=MOST_VARIABLES).order_by("pk"):
        found.setdefault(one.entry_id, []).append(one)
    return found
