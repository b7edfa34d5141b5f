"""What a description says of each facet, as codes and labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from ecluse.domain.metadata import Concept, DatasetDescription, Period, Place, words_in
from ecluse.portal.catalogue.labels import CATEGORIES
from ecluse.portal.catalogue.lists import letter_of
from ecluse.portal.search.models import Facet

ADULT, ELDERLY = 18, 65
CHILDREN, ADULTS, SENIORS = "children", "adults", "seniors"
FACETS: Final = {
    Facet.CATEGORY: _("Catégorie de données"),
    Facet.THEME: _("Thème"),
    Facet.POPULATION: _("Population"),
    Facet.PLACE: _("Territoire"),
    Facet.ACCESS: _("Accès"),
    Facet.HOLDER: _("Détenteur"),
    Facet.STANDARD: _("Nomenclature ou standard"),
    Facet.ASSESSED: _("Qualité"),
    Facet.LABEL: _("Label de qualité et d’utilité"),
}
"""What people read for each facet, in the order of the page."""
LABELS: Final = {
    Facet.CATEGORY: CATEGORIES,
    Facet.ACCESS: {
        "PUBLIC": _("public"),
        "RESTRICTED": _("restreint"),
        "NON_PUBLIC": _("sur autorisation"),
    },
    Facet.POPULATION: {
        CHILDREN: _("enfants"),
        ADULTS: _("adultes"),
        SENIORS: _("65 ans et plus"),
    },
    Facet.ASSESSED: {"yes": _("qualité évaluée")},
}
"""What people read for the values of closed lists."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one facet; labels are empty where `LABELS` has them."""

    facet: Facet
    code: str
    label_fr: str = ""
    label_en: str = ""


def values_of(description: DatasetDescription) -> frozenset[Value]:
    """Return everything that a description may be narrowed by."""
    return frozenset(one for one in _values(description) if one.code)


def years_of(periods: tuple[Period, ...]) -> tuple[int | None, int | None]:
    """Return the first and the last year of these periods, None where they do not say."""
    starts = [year for one in periods if (year := _year(one.start.words if one.start else ""))]
    ends = [year for one in periods if (year := _year(one.end.words if one.end else ""))]
    is_open = len(ends) < len(periods)
    return min(starts, default=None), None if is_open else max(ends, default=None)


def _year(text: str) -> int | None:
    return int(text[:4]) if text[:4].isdigit() else None


def _values(said: DatasetDescription) -> Iterator[Value]:
    for code in said.category_codes:
        yield Value(Facet.CATEGORY, letter_of([code]))
    for concept in said.access_rights:
        yield Value(Facet.ACCESS, _last(concept.address))
    for concept in said.health_themes:
        yield _named(Facet.THEME, concept)
    for place in said.spatial:
        yield _placed(place)
    for holder in said.holders or said.publishers:
        names = words_in(holder.names, "fr"), words_in(holder.names, "en")
        yield Value(Facet.HOLDER, names[0], *names)
    for concept in (*said.coding_systems, *said.conforms_to):
        yield _named(Facet.STANDARD, concept)
    for code in _ages(said.minimum_age, said.maximum_age):
        yield Value(Facet.POPULATION, code)
    yield Value(Facet.ASSESSED, "yes" if said.quality_notes else "")


def _named(facet: Facet, concept: Concept) -> Value:
    names = words_in(concept.labels, "fr"), words_in(concept.labels, "en")
    last = _last(concept.address)
    return Value(facet, concept.address or names[0], names[0] or last, names[1] or last)


def _placed(place: Place) -> Value:
    labels = (*place.labels, *place.names)
    code = _last(place.address)
    french, english = words_in(labels, "fr"), words_in(labels, "en")
    return Value(Facet.PLACE, code or french, french or code, english or code)


def _ages(minimum: int | None, maximum: int | None) -> Iterator[str]:
    """Yield the groups that the ages cover; nothing where no age is said."""
    if minimum is None and maximum is None:
        return
    first, last = minimum or 0, maximum if maximum is not None else ELDERLY
    if first < ADULT:
        yield CHILDREN
    if last >= ADULT and first < ELDERLY:
        yield ADULTS
    if last >= ELDERLY:
        yield SENIORS


def _last(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def label_of(value: Value, language: str | None = None) -> str:
    """Return what people read for a value, in a language, or in that of the page."""
    wanted = (language or get_language() or "fr")[:2]
    listed = LABELS.get(value.facet, {}).get(value.code)
    if listed is not None:
        with override(wanted):
            return str(listed)
    return (value.label_en if wanted == "en" else value.label_fr) or value.code
