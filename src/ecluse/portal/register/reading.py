"""What pages of the register show: the lines wanted, what is to be published, the figures."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.desk import FILES, address_of
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.register.counters import Figure, Period
from ecluse.portal.register.models import Publication, PublicationQuerySet, Result
from ecluse.portal.register.rows import PUBLISHED, Kind, PublicRecall, PublicResult
from ecluse.portal.releases.models import ReleaseRecord

TO_PUBLISH = ("publish-application", "publish-decision", "results-public")
"""The rules that say until when something is to be public (EHDS art. 57(1)(j), 61(4))."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor looks for: words, a kind, a stage, a purpose, a dataset, the year decided."""

    words: str = ""
    kind: str = ""
    stage: str = ""
    purpose: str = ""
    dataset: str = ""
    year: int | None = None

    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def publications(wanted: Wanted, *, today: date) -> PublicationQuerySet:
    """The lines wanted; every line of every file where a kind is chosen, else one for a matter."""
    found = Publication.objects.all()
    found = found.filter(kind=wanted.kind) if wanted.kind else found.decisions()
    if wanted.stage:
        found = found.at_stage(wanted.stage, today=today)
    if wanted.purpose:
        found = found.filter(purposes__contains=wanted.purpose)
    if wanted.dataset:
        found = found.filter(datasets__contains=wanted.dataset)
    if wanted.year:
        found = found.filter(decided_on__year=wanted.year)
    return found.matching(wanted.words) if wanted.words else found.newest_first()


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be public by a day; `due_on` is None where law says without delay."""

    number: str
    address: str
    what: str
    article: str
    due_on: date | None


def due() -> list[Due]:
    """What is to be published, the first due first."""
    rows = ClockRow.objects.filter(RUNNING, rule__in=TO_PUBLISH).select_related("item__case")
    found = [_due(row) for row in rows if row.item.case.kind in (*PUBLISHED, Kind.PERMIT)]
    return sorted(found, key=lambda one: (one.due_on or date.min, one.number))


def _due(row: ClockRow) -> Due:
    case = row.item.case
    page = address_of(case, row.item) if case.kind in FILES else ""
    return Due(case.number, page, case_labels.rule_label(row.rule), row.article, row.due_on)


def results_of(numbers: Iterable[str]) -> list[PublicResult]:
    """The public results of these lines, the oldest first."""
    rows = Result.objects.filter(number__in=list(numbers)).order_by("public_on", "pk")
    return [one.public() for one in rows]


def recalls_of(numbers: Iterable[str]) -> list[PublicRecall]:
    """The releases of these lines that were taken back, the oldest recall first."""
    wanted = list(numbers)
    of_lines = Q(permit__number__in=wanted) | Q(tabulation__request__number__in=wanted)
    found = (
        ReleaseRecord.objects.filter(of_lines, recalled_at__isnull=False)
        .annotate(line=Coalesce("permit__number", "tabulation__request__number"))
        .order_by("recalled_at", "pk")
        .values_list("line", "released_at", "recalled_at", "recall_reason")
    )
    return [
        PublicRecall(line, _day(released_at), _day(recalled_at), reason)
        for line, released_at, recalled_at, reason in found
        if recalled_at is not None
    ]


def _day(instant: datetime) -> date:
    return timezone.localtime(instant).date()


def report_json(of: Period, figures: tuple[Figure, ...]) -> dict[str, object]:
    """The report for programs."""
    return {
        "source": "EHDS art. 59(1)",
        "years": list(of.years),
        "figures": [
            {
                "paragraph": f"59(1)({figure.paragraph})",
                "figure": figure.key,
                "title": figure.title,
                "unit": figure.unit,
                "stated": figure.is_stated,
                "lines": [
                    {"label": label, "words": words, "value": value}
                    for label, words, value in figure.lines
                ],
            }
            for figure in figures
        ],
    }


def report_csv(figures: tuple[Figure, ...]) -> Iterator[str]:
    """The lines of the same as CSV; a figure without lines has one, empty."""
    yield _line("paragraph", "figure", "label", "words", "value", "unit", "stated")
    for figure in figures:
        stated = "yes" if figure.is_stated else "no"
        for label, words, value in figure.lines or (("", "", ""),):
            where = (f"59(1)({figure.paragraph})", figure.key)
            yield _line(*where, label, words, value, figure.unit, stated)


def _line(*cells: object) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
