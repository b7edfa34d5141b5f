"""Answers to a question: datasets in the order of their worth, and what each facet would leave.

The entries that hold the words are ranked, narrowed and counted by the database in one pass, so
that a page takes as long for five thousand datasets as for fifty. A facet counts what the *other*
facets leave, as people expect: each entry says which facets leave it out, one bit for each.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity
from django.db import connection, transaction
from django.db.models import (
    Case,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from ecluse.portal.catalogue.models import Resource
from ecluse.portal.search.choices import FACETS, label_of
from ecluse.portal.search.choices import Value as FacetValue
from ecluse.portal.search.labelled import labelled
from ecluse.portal.search.models import (
    CONFIGURATION,
    Choice,
    Entry,
    Facet,
    ResourceEntry,
    VariableEntry,
    Word,
)
from ecluse.portal.search.questions import Question
from ecluse.portal.search.words import Term, terms_of

WEIGHTS: Final = [0.0, 0.2, 0.5, 1.0]
"""What a word is worth in what is said, in keywords, in the title (C, B, A): the head of an entry.

A word of a variable finds its dataset, and is worth nothing more.
"""
NEAR: Final = 0.4
"""Trigram similarity from which a known word may be what was meant; one letter less gives 0.6."""
MOST_NEAR: Final = 3
SHORTEST_PREFIX: Final = 3
MOST_VALUES: Final = 12


TALLY: Final = """
    WITH found AS MATERIALIZED ({})
    SELECT NULL, NULL, NULL, array_agg(dataset_key ORDER BY worth DESC, title, dataset_key)
    FROM found WHERE missed = 0
    UNION ALL
    SELECT missed, key, count(*), NULL
    FROM found CROSS JOIN unnest(keys) AS key GROUP BY missed, key
"""
"""The keys, best first, and how many entries each value has, by the facets that leave them out."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass gives: keys best first, and how many entries hold a value.

    `counts` has one number for each (missed, value): `missed` has one bit for each facet chosen.
    """

    keys: tuple[int, ...]
    counts: Mapping[tuple[int, int], int]


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


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The keys of the values of an entry, as the database finds them, and those of each facet."""

    held: Combinable
    chosen: Sequence[Sequence[int]]


def find(question: Question) -> Answer:
    """Answer a question."""
    terms = terms_of(question.words, correct=near_words)
    values = {
        key: FacetValue(Facet(facet), code, french, english)
        for key, facet, code, french, english in Choice.objects.values_list(
            "pk", "facet", "code", "label_fr", "label_en"
        )
    }
    labels = labelled()
    values |= {key: FacetValue(Facet.LABEL, letter) for key, (letter, _) in labels.items()}
    chosen = [
        (facet, [key for key, one in values.items() if one.facet == facet and one.code in codes])
        for facet, codes in question.chosen.items()
    ]
    held = _choices({key: datasets for key, (_, datasets) in labels.items()})
    tally, is_partial = _holding(terms, question, Narrowing(held, [keys for _, keys in chosen]))
    counts = _left(tally, values, [facet for facet, _ in chosen])
    return Answer(terms, tally.keys, _offers(counts, values, question), is_partial)


def _left(tally: Tally, values: Mapping[int, FacetValue], facets: Sequence[Facet]) -> Counter[int]:
    """Return how many entries each value has among those that the other facets leave."""
    alone = {1 << place: facet for place, facet in enumerate(facets)}
    left: Counter[int] = Counter()
    for (missed, key), count in tally.counts.items():
        if not missed or (key in values and alone.get(missed) == values[key].facet):
            left[key] += count
    return left


def near_words(word: str) -> Sequence[str]:
    """Return the known words nearest to one that no description holds; none if some does."""
    if _is_held(word):
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


def _is_held(word: str) -> bool:
    """Whether some description holds a word, in the quickest way for the likely answer.

    To find one, the database reads documents one by one; to count them all, it reads the index.
    """
    holding = Entry.objects.filter(document=_query(word))
    is_known = Word.objects.filter(word=word).exists()
    is_held = holding.exists() if is_known else bool(holding.count())
    return is_held or ResourceEntry.objects.filter(document=_query(word)).exists()


def _choices(labels: Mapping[int, Sequence[int]]) -> Combinable:
    """Return the keys of the values of an entry, with that of its label, which no row holds."""
    if not labels:
        return F("choices")
    keys = ArrayField(IntegerField())
    own = Case(
        *(When(pk__in=held, then=Value([key], keys)) for key, held in labels.items()),
        default=Value([], keys),
    )
    return Func(
        F("choices"), own, template="(%(expressions)s)", arg_joiner=" || ", output_field=keys
    )


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


def resources_holding(terms: Sequence[Term]) -> QuerySet[Resource]:
    """Return the series and services that hold all the terms, best first; none without a term."""
    if not terms:
        return Resource.objects.none()
    query = reduce(and_, map(query_of, terms))
    found = Resource.objects.filter(withdrawn_at=None, entry__document=query)
    return found.order_by(SearchRank(F("entry__document"), query).desc(), "title_fr", "pk")


def _query(phrase: str) -> SearchQuery:
    return SearchQuery(phrase, search_type="phrase", config=CONFIGURATION)


def _holding(terms: Sequence[Term], question: Question, narrowing: Narrowing) -> tuple[Tally, bool]:
    """Return the entries that hold every term; else those that hold some of them."""
    entries = _overlapping(question)
    if not terms:
        return _tally(entries, Value(0.0, output_field=FloatField()), narrowing), False
    queries = [query_of(term) for term in terms]
    # What was typed is worth more than what means the same, and so are words far from each other.
    typed = reduce(or_, (_query(word) for term in terms for word in term.phrases[0].split()))
    for is_partial, together in ((False, and_), (True, or_)):
        query = reduce(together, queries)
        worth = _rank(query) if typed == query else _rank(query) + _rank(typed)
        tally = _tally(entries.filter(document=query), worth, narrowing)
        if tally.counts or tally.keys or len(terms) == 1:
            return tally, is_partial
    return tally, False


def _rank(query: SearchQuery) -> SearchRank:
    # F: a plain name would be parsed again as text, and lose its weights.
    return SearchRank(F("head"), query, weights=WEIGHTS)


def _overlapping(question: Question) -> QuerySet[Entry]:
    """Return what is shown and has something of the years asked; unknown years are kept."""
    shown = Entry.objects.filter(dataset__withdrawn_at=None).exclude(dataset__title_fr="")
    if question.to_year:
        shown = shown.filter(Q(from_year=None) | Q(from_year__lte=question.to_year))
    if question.from_year:
        shown = shown.filter(Q(to_year=None) | Q(to_year__gte=question.from_year))
    return shown


def _tally(entries: QuerySet[Entry], worth: Any, narrowing: Narrowing) -> Tally:
    """Rank, narrow and count these entries."""
    missed = reduce(
        add,
        (
            Case(When(held__overlap=list(keys), then=0), default=1 << place)
            for place, keys in enumerate(narrowing.chosen)
        ),
        Value(0),
    )
    found = (
        entries.order_by()
        .alias(held=narrowing.held)
        .values(
            keys=F("held"),
            dataset_key=F("pk"),
            title=F("dataset__title_fr"),
            worth=worth,
            missed=missed,
        )
    )
    query, parameters = found.query.sql_with_params()
    keys: list[int] = []
    counts: dict[tuple[int, int], int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner does not know that a document is long to read: it would read all of them.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(TALLY.format(query), parameters)
        for bits, key, count, ranked in cursor.fetchall():
            if key is None:
                keys = ranked or []
            else:
                counts[bits, key] = count
    return Tally(tuple(keys), counts)


def _offers(
    counts: Mapping[int, int], values: Mapping[int, FacetValue], question: Question
) -> dict[Facet, tuple[Offer, ...]]:
    offers: dict[Facet, list[Offer]] = {facet: [] for facet in FACETS}
    for key, one in values.items():
        is_chosen = one.code in question.chosen.get(one.facet, ())
        if counts.get(key) or is_chosen:
            offers[one.facet].append(Offer(one.code, label_of(one), counts.get(key, 0), is_chosen))
    return {
        facet: tuple(sorted(found, key=lambda one: (not one.is_chosen, -one.count, one.label)))
        for facet, found in offers.items()
        if found
    }
