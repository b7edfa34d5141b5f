"""Descriptions into the index when they changed; the index can be made again at any time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Final

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.expressions import Combinable

from ecluse.domain.metadata import DatasetDescription, Text, Variable
from ecluse.portal.catalogue.actions import digest_of, in_full
from ecluse.portal.catalogue.models import Dataset, DescriptionRecord, Resource
from ecluse.portal.search import choices
from ecluse.portal.search.models import CONFIGURATION, Choice, Entry, ResourceEntry, Word
from ecluse.portal.search.words import words_of

AT_ONCE: Final = 50
"""Descriptions that a search itself indexes; the rest wait for `ecluse portal daily`."""
LOCK: Final = 0x5EA2C4
LONGEST_TEXT: Final = 100_000
"""Characters of one text that are indexed: a document of the database has 1 MiB at most."""
SHORTEST_WORD, LONGEST_WORD = 3, 60
LANGUAGES: Final = ("fr", "en")
BATCH: Final = 200
"""Descriptions that one transaction indexes."""
CODE: Final = 300
"""The longest code of a value that is kept, in characters."""
VARIABLES: Final = """
    INSERT INTO search_variableentry
        (entry_id, "table", name, label_fr, label_en, datatype, document)
    SELECT entry_id, "table", name, label_fr, label_en, datatype,
        setweight(to_tsvector('french', words), 'A')
    FROM unnest(
        %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]
    ) AS given (entry_id, "table", name, label_fr, label_en, datatype, words)
"""
"""Variables given column by column, stemmed by the database (`CONFIGURATION`)."""


@dataclass(frozen=True, slots=True)
class Named:
    """A variable as people look for it."""

    table: str
    name: str
    label_fr: str
    label_en: str
    datatype: str

    @property
    def text(self) -> str:
        """All its words."""
        return f"{self.name} {self.label_fr} {self.label_en}"


@dataclass(frozen=True, slots=True)
class Page:
    """What the index keeps of one dataset; `texts` are its words by weight."""

    key: int
    digest: str
    texts: Mapping[str, str]
    values: frozenset[choices.Value]
    years: tuple[int | None, int | None]
    person_count: int | None
    variables: tuple[Named, ...]


def refresh(*, now: datetime, at_most: int | None = AT_ONCE) -> int:
    """Index the descriptions that changed since; return how many. Safe to run side by side."""
    done = 0
    while at_most is None or done < at_most:
        size = BATCH if at_most is None else min(BATCH, at_most - done)
        found = _refresh(size, now=now) if _stale().exists() else 0
        if not found:
            break
        done += found
    return done


def refresh_resources() -> None:
    """Index the series and services that changed since; they are few."""
    changed = Resource.objects.exclude(entry__digest=F("digest"))
    if not changed.exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for one in changed:
            title, summary = f"{one.title_fr} {one.title_en}", f"{one.summary_fr} {one.summary_en}"
            texts = {"A": title, "C": summary}
            ResourceEntry.objects.update_or_create(
                resource=one, defaults={"digest": one.digest, "document": _document(texts)}
            )
            _learn(words_of(" ".join(texts.values())))


def _stale() -> QuerySet[DescriptionRecord]:
    return DescriptionRecord.objects.shown().unindexed()


@transaction.atomic
def _refresh(size: int, *, now: datetime) -> int:
    """Index some descriptions; those locked are not changed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    held = list(_stale().select_for_update(of=("self",))[:size])
    datasets = Dataset.objects.select_related("record", "harvested").in_bulk(
        [one.dataset_id for one in held]
    )
    _index(list(datasets.values()))
    DescriptionRecord.objects.filter(pk__in=[one.pk for one in held]).update(indexed_at=now)
    return len(held)


def _index(datasets: Sequence[Dataset]) -> None:
    """Put descriptions into the index, in place of what was there."""
    held = dict(Entry.objects.filter(dataset__in=datasets).values_list("pk", "digest"))
    pages = [_page(dataset) for dataset in datasets]
    changed = [page for page in pages if held.get(page.key) != page.digest]
    Entry.objects.filter(pk__in=[page.key for page in changed]).delete()
    keys = _keys({value for page in changed for value in page.values})
    Entry.objects.bulk_create([_entry(page, keys) for page in changed])
    _write_variables(changed)
    _learn(word for page in changed for text in page.texts.values() for word in words_of(text))


def _page(dataset: Dataset) -> Page:
    said = in_full(dataset)
    variables = tuple(_named(table, one) for table, one in said.every_variable())
    return Page(
        key=dataset.pk,
        digest=digest_of(said),
        texts={**_texts(said), "D": " ".join(one.text for one in variables)},
        values=choices.values_of(said),
        years=choices.years_of(said.temporal),
        person_count=said.person_count,
        variables=variables,
    )


def _entry(page: Page, keys: Mapping[tuple[str, str], int]) -> Entry:
    return Entry(
        dataset_id=page.key,
        digest=page.digest,
        document=_document(page.texts),
        head=_document({weight: text for weight, text in page.texts.items() if weight != "D"}),
        choices=sorted({keys[value.facet, value.code[:CODE]] for value in page.values}),
        from_year=page.years[0],
        to_year=page.years[1],
        person_count=page.person_count,
        variable_count=len(page.variables),
    )


def _named(table: str, variable: Variable) -> Named:
    labels = (*variable.titles, *variable.descriptions)
    name = variable.name.words if variable.name else ""
    datatype = variable.datatype.words if variable.datatype else ""
    return Named(table, name, _in(labels, "fr"), _in(labels, "en"), datatype)


def _in(texts: tuple[Text, ...], language: str) -> str:
    return next((text.words for text in texts if text.language.partition("-")[0] == language), "")


def _texts(said: DatasetDescription) -> dict[str, str]:
    """Return the words of a description, by the weight that they have."""
    listed = (*said.health_themes, *said.coding_systems, *said.conforms_to, *said.kinds)
    agents = (*said.holders, *said.publishers, *said.creators)
    values = choices.values_of(said)
    stated = [one.labels for one in (*said.provenance, *said.purposes)]
    stated += [one.labels for one in said.generated_by]
    return {
        "A": _join(*said.titles, *said.alternative_titles, *said.identifiers),
        "B": _join(
            *said.keywords,
            *(label for concept in listed for label in concept.labels),
            *(name for agent in agents for name in agent.names),
            *(Text(choices.label_of(value, tongue)) for value in values for tongue in LANGUAGES),
        ),
        "C": _join(
            *said.descriptions,
            *said.population_coverage,
            *(label for labels in stated for label in labels),
        ),
    }


def _join(*texts: Text) -> str:
    return " ".join(text.words for text in texts)


def _document(texts: Mapping[str, str]) -> Combinable:
    return reduce(add, (_vector(text, weight) for weight, text in texts.items()))


def _vector(text: str, weight: str) -> SearchVector:
    plain = " ".join(words_of(text[:LONGEST_TEXT]))
    return SearchVector(Value(plain), config=CONFIGURATION, weight=weight)


def _write_variables(pages: Sequence[Page]) -> None:
    """Write the variables of these descriptions in one statement: there are many."""
    rows = [
        (
            page.key,
            one.table[:200],
            one.name[:200],
            one.label_fr[:500],
            one.label_en[:500],
            one.datatype[:60],
            " ".join(words_of(one.text[:LONGEST_TEXT])),
        )
        for page in pages
        for one in page.variables
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(VARIABLES, [list(column) for column in zip(*rows, strict=True)])


def _keys(values: Iterable[choices.Value]) -> Mapping[tuple[str, str], int]:
    """Return the key of each value, by facet and code; those met for the first time are made."""
    Choice.objects.bulk_create(
        (
            Choice(
                facet=value.facet,
                code=value.code[:CODE],
                label_fr=value.label_fr[:300],
                label_en=value.label_en[:300],
            )
            for value in sorted(values, key=lambda one: (one.facet, one.code))
        ),
        ignore_conflicts=True,
    )
    codes = {value.code[:CODE] for value in values}
    known = Choice.objects.filter(code__in=codes).values_list("facet", "code", "pk")
    return {(facet, code): key for facet, code, key in known}


def _learn(words: Iterable[str]) -> None:
    known = {word for word in words if SHORTEST_WORD <= len(word) <= LONGEST_WORD}
    Word.objects.bulk_create(
        (Word(word=word) for word in sorted(known) if not word.isdigit()), ignore_conflicts=True
    )
