"""Answers to a question: datasets in the order of their worth, and what each facet would leave.

All entries that hold the words come in one query, with the keys of their values; narrowing and
counting are done here, so that a facet counts what the *other* facets leave, as people expect.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity
from django.db.models import F, FloatField, QuerySet, Value

from ecluse.portal.search.choices import FACETS, label_of
from ecluse.portal.search.choices import Value as FacetValue
from ecluse.portal.search.models import CONFIGURATION, Choice, Entry, Facet, VariableEntry, Word
from ecluse.portal.search.questions import Question
from ecluse.portal.search.words import Term, terms_of

WEIGHTS: Final = [0.05, 0.2, 0.5, 1.0]
"""What a word is worth in a variable, in what is said, in keywords, in the title (D, C, B, A)."""
NEAR: Final = 0.4
"""Trigram similarity from which a known word may be what was meant; one letter less gives 0.6."""
MOST_NEAR: Final = 3
SHORTEST_PREFIX: Final = 3
MOST_VALUES: Final = 12


@dataclass(frozen=True, slots=True)
class Found:
    """One entry that answers, and what its words are worth."""

    pk: int
    choices: frozenset[int]
    from_year: int | None
    to_year: int | None
    rank: float


@dataclass(frozen=True, slots=True)
class Offer:
    """A value of a facet: how many datasets it would leave or add, and whether it is chosen."""

    code: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Keys of datasets, best first. `is_partial`: no dataset holds all the words."""

    terms: tuple[Term, ...]
    keys: tuple[int, ...]
    offers: Mapping[Facet, tuple[Offer, ...]]
    is_partial: bool

    @property
    def corrections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The words that nothing holds, with those that were looked for instead."""
        return tuple((term.typed, term.corrected) for term in self.terms if term.corrected)


def find(question: Question) -> Answer:
    """Answer a question."""
    terms = terms_of(question.words, correct=near_words)
    found, is_partial = _holding(terms)
    values = {choice.pk: choice for choice in Choice.objects.all()}
    chosen = {
        facet: {pk for pk, one in values.items() if one.facet == facet and one.code in codes}
        for facet, codes in question.chosen.items()
    }
    kept: list[Found] = []
    counts: Counter[int] = Counter()
    for one in found:
        if not _overlaps(one, question):
            continue
        failing = [facet for facet, keys in chosen.items() if not one.choices & keys]
        if not failing:
            kept.append(one)
            counts.update(one.choices)
        elif len(failing) == 1:
            counts.update(key for key in one.choices if values[key].facet == failing[0])
    keys = tuple(one.pk for one in sorted(kept, key=lambda one: -one.rank))
    return Answer(terms, keys, _offers(counts, values.values(), question), is_partial)


def near_words(word: str) -> Sequence[str]:
    """Return the known words nearest to one that no description holds; none if some does."""
    if Entry.objects.filter(document=_query(word)).exists():
        return ()
    if len(word) >= SHORTEST_PREFIX:
        longer = Word.objects.filter(word__startswith=word).exclude(word=word).order_by("word")
        if begun := [one.word for one in longer[:MOST_NEAR]]:
            return begun
    near = Word.objects.filter(word__trigram_similar=word).annotate(
        near=TrigramSimilarity("word", word)
    )
    near = near.exclude(word=word).filter(near__gte=NEAR)
    return [one.word for one in near.order_by("-near", "word")[:MOST_NEAR]]


def query_of(term: Term) -> SearchQuery:
    """Return the search for any of the phrases of a term."""
    return reduce(or_, (_query(phrase) for phrase in term.phrases))


def variables_holding(terms: Sequence[Term], words: str) -> QuerySet[VariableEntry]:
    """Return the variables that hold all the terms, or whose name begins with what was typed."""
    shown = VariableEntry.objects.filter(entry__dataset__withdrawn_at=None)
    named = shown.filter(name__istartswith=words.strip()) if words.strip() else shown.none()
    if not terms:
        return named
    return shown.filter(document=reduce(and_, map(query_of, terms))) | named


def _query(phrase: str) -> SearchQuery:
    return SearchQuery(phrase, search_type="phrase", config=CONFIGURATION)


def _holding(terms: Sequence[Term]) -> tuple[list[Found], bool]:
    """Return the entries that hold every term; else those that hold some of them."""
    if not terms:
        return _read(_shown().order_by("dataset__title_fr", "pk"), Value(0.0)), False
    queries = [query_of(term) for term in terms]
    # What was typed is worth more than what means the same, and so are words far from each other.
    typed = reduce(or_, (_query(word) for term in terms for word in term.phrases[0].split()))
    for is_partial, together in ((False, and_), (True, or_)):
        query = reduce(together, queries)
        # F: a plain name would be parsed again as text, and lose its weights.
        rank = SearchRank(F("document"), query, weights=WEIGHTS) + SearchRank(
            F("document"), typed, weights=WEIGHTS
        )
        found = _read(_shown().filter(document=query).order_by("dataset__title_fr", "pk"), rank)
        if found:
            return found, is_partial
    return [], False


def _shown() -> QuerySet[Entry]:
    return Entry.objects.filter(dataset__withdrawn_at=None).exclude(dataset__title_fr="")


def _read(entries: QuerySet[Entry], rank: Any) -> list[Found]:
    rows = entries.annotate(rank=_as_float(rank)).values_list(
        "pk", "choices", "from_year", "to_year", "rank"
    )
    return [Found(pk, frozenset(keys), first, last, worth) for pk, keys, first, last, worth in rows]


def _as_float(rank: Any) -> Any:
    return rank if not isinstance(rank, Value) else Value(rank.value, output_field=FloatField())


def _overlaps(one: Found, question: Question) -> bool:
    """Whether the data have something of the years asked; unknown years are never left out."""
    starts_late = question.to_year and one.from_year and one.from_year > question.to_year
    ends_early = question.from_year and one.to_year and one.to_year < question.from_year
    return not (starts_late or ends_early)


def _offers(
    counts: Mapping[int, int], values: Iterable[Choice], question: Question
) -> dict[Facet, tuple[Offer, ...]]:
    offers: dict[Facet, list[Offer]] = {facet: [] for facet in FACETS}
    for one in values:
        facet = Facet(one.facet)
        is_chosen = one.code in question.chosen.get(facet, ())
        if counts.get(one.pk) or is_chosen:
            label = label_of(FacetValue(facet, one.code, one.label_fr, one.label_en))
            offers[facet].append(Offer(one.code, label, counts.get(one.pk, 0), is_chosen))
    return {
        facet: tuple(sorted(found, key=lambda one: (not one.is_chosen, -one.count, one.label)))
        for facet, found in offers.items()
        if found
    }
