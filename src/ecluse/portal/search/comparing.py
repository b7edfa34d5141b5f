"""Datasets side by side: the same lines for each, and which lines differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.search.choices import FACETS, label_of
from ecluse.portal.search.choices import Value as FacetValue
from ecluse.portal.search.models import Choice, Facet

MOST: Final = 4
"""Datasets that stand side by side: more do not fit a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said of each dataset, in their order."""

    name: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the datasets differ there."""
        return len(set(self.cells)) > 1


def lines_of(datasets: Sequence[Dataset]) -> list[Line]:
    """Return what may be compared; a line where nothing is said of any is left out."""
    keys = {key for one in datasets for key in one.entry.choices}
    values = {choice.pk: choice for choice in Choice.objects.filter(pk__in=keys)}
    lines = [
        Line(_("Années"), tuple(_years(one) for one in datasets)),
        Line(_("Couverture"), tuple(text_of(one).coverage for one in datasets)),
        Line(_("Personnes"), tuple(_persons(one) for one in datasets)),
        Line(_("Variables décrites"), tuple(str(one.entry.variable_count) for one in datasets)),
        *(
            Line(str(words), tuple(_listed(one, facet, values) for one in datasets))
            for facet, words in FACETS.items()
        ),
        Line(_("Conditions d’accès"), tuple(text_of(one).conditions for one in datasets)),
    ]
    return [line for line in lines if any(line.cells)]


def _years(dataset: Dataset) -> str:
    first, last = dataset.entry.from_year, dataset.entry.to_year
    if first is None:
        return ""
    return f"{first} – {last}" if last else _("depuis %(year)s") % {"year": first}


def _persons(dataset: Dataset) -> str:
    count = dataset.entry.person_count
    if count is None:
        return ""
    if count < MINIMUM_COUNT.value:
        return _("moins de %(minimum)s") % {"minimum": MINIMUM_COUNT.value}
    return f"{count:,}".replace(",", " ")


def _listed(dataset: Dataset, facet: Facet, values: dict[int, Choice]) -> str:
    chosen = (values[key] for key in dataset.entry.choices if values[key].facet == facet)
    labels = (label_of(FacetValue(facet, one.code, one.label_fr, one.label_en)) for one in chosen)
    return ", ".join(sorted(labels))
