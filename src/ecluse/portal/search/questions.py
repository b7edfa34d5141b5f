"""What is asked of the catalogue: words, chosen values, years. What makes no sense is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

from django.http import QueryDict

from ecluse.portal.search.models import Facet
from ecluse.portal.search.words import LONGEST_QUERY

FIRST_YEAR, LAST_YEAR = 1800, 2199
MOST_CHOICES = 50


@dataclass(frozen=True, slots=True)
class Question:
    """A search. `chosen` holds codes by facet: one of them in each facet is enough."""

    words: str = ""
    chosen: Mapping[Facet, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    from_year: int | None = None
    to_year: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words was asked."""
        return bool(self.chosen or self.from_year or self.to_year)

    def query(self) -> str:
        """Return the question as it stands in an address."""
        pairs = [("q", self.words)] if self.words else []
        for facet in Facet:
            pairs.extend((facet.value, code) for code in sorted(self.chosen.get(facet, ())))
        years = (("from", self.from_year), ("to", self.to_year))
        return urlencode([*pairs, *((name, year) for name, year in years if year)])

    def without(self, facet: Facet, code: str) -> "Question":
        """Return the same question with one value less."""
        chosen = {**self.chosen, facet: self.chosen.get(facet, frozenset()) - {code}}
        return replace(self, chosen=MappingProxyType({k: v for k, v in chosen.items() if v}))


def question_of(given: QueryDict) -> Question:
    """Read a question from the query string of an address."""
    chosen = {
        facet: frozenset(code for code in given.getlist(facet.value)[:MOST_CHOICES] if code)
        for facet in Facet
    }
    return Question(
        words=" ".join(given.get("q", "").replace("\0", " ").split())[:LONGEST_QUERY],
        chosen=MappingProxyType({facet: codes for facet, codes in chosen.items() if codes}),
        from_year=_year(given.get("from", "")),
        to_year=_year(given.get("to", "")),
    )


def _year(text: str) -> int | None:
    is_year = text.isascii() and text.isdigit() and len(text) == len(str(FIRST_YEAR))
    return int(text) if is_year and FIRST_YEAR <= int(text) <= LAST_YEAR else None
