"""Descriptions into the index when they changed; the index can be made again at any time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Final

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from ecluse.domain.metadata import DatasetDescription, Text, Variable
from ecluse.portal.catalogue.actions import digest_of, in_full
from ecluse.portal.catalogue.models import Dataset, Snapshot
from ecluse.portal.search import choices
from ecluse.portal.search.models import CONFIGURATION, Choice, Entry, VariableEntry, Word
from ecluse.portal.search.words import words_of

AT_ONCE: Final = 50
"""Descriptions that a search itself indexes; the rest wait for `ecluse portal daily`."""
LOCK: Final = 0x5EA2C4
LONGEST_TEXT: Final = 100_000
"""Characters of one text that are indexed: a document of the database has 1 MiB at most."""
SHORTEST_WORD, LONGEST_WORD = 3, 60
LANGUAGES: Final = ("fr", "en")


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


def refresh(*, now: datetime, at_most: int | None = AT_ONCE) -> int:
    """Index the descriptions that changed since; return how many. Safe to run side by side."""
    if not _stale().exists():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        found = list(_stale()[:at_most])
        for dataset in found:
            index(dataset, now=now)
    return len(found)


def _stale() -> QuerySet[Dataset]:
    late = Snapshot.objects.filter(
        dataset=OuterRef("pk"), received_at__gte=OuterRef("entry__indexed_at")
    )
    return (
        Dataset.objects.described()
        .filter(record__isnull=False)
        .filter(Q(entry=None) | Q(record__changed_at__gte=F("entry__indexed_at")) | Exists(late))
    )


def index(dataset: Dataset, *, now: datetime) -> None:
    """Put one description into the index, in place of what was there."""
    description = in_full(dataset)
    digest = digest_of(description)
    known = Entry.objects.filter(dataset=dataset, digest=digest)
    if known.update(indexed_at=now):
        return
    variables = [_named(table, one) for table, one in description.every_variable()]
    from_year, to_year = choices.years_of(description.temporal)
    texts = {**_texts(description), "D": " ".join(one.text for one in variables)}
    Entry.objects.filter(dataset=dataset).delete()
    entry = Entry.objects.create(
        dataset=dataset,
        digest=digest,
        indexed_at=now,
        document=_document(texts),
        choices=sorted(_keys(choices.values_of(description))),
        from_year=from_year,
        to_year=to_year,
        person_count=description.person_count,
        variable_count=len(variables),
    )
    VariableEntry.objects.bulk_create((_variable(entry, one) for one in variables), batch_size=500)
    _learn(word for text in texts.values() for word in words_of(text))


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


def _document(texts: dict[str, str]) -> Combinable:
    return reduce(add, (_vector(text, weight) for weight, text in texts.items()))


def _vector(text: str, weight: str) -> SearchVector:
    plain = " ".join(words_of(text[:LONGEST_TEXT]))
    return SearchVector(Value(plain), config=CONFIGURATION, weight=weight)


def _variable(entry: Entry, one: Named) -> VariableEntry:
    return VariableEntry(
        entry=entry,
        table=one.table[:200],
        name=one.name[:200],
        label_fr=one.label_fr[:500],
        label_en=one.label_en[:500],
        datatype=one.datatype[:60],
        document=_vector(one.text, "A"),
    )


def _keys(values: Iterable[choices.Value]) -> Iterator[int]:
    for value in values:
        labels = {"label_fr": value.label_fr[:300], "label_en": value.label_en[:300]}
        choice, _made = Choice.objects.get_or_create(
            facet=value.facet, code=value.code[:300], defaults=labels
        )
        yield choice.pk


def _learn(words: Iterable[str]) -> None:
    known = {word for word in words if SHORTEST_WORD <= len(word) <= LONGEST_WORD}
    Word.objects.bulk_create(
        (Word(word=word) for word in sorted(known) if not word.isdigit()), ignore_conflicts=True
    )
