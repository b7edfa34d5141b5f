"""The tables of an answer as its page shows them, read from the files that were released."""

import csv
import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ecluse.domain.errors import NotFound
from ecluse.domain.tabulation import OTHER, TOTAL, TableOrder, TabulationPlan
from ecluse.portal.mailbox import blobs
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.trust import canonical

HIDDEN = "s"
MOST_ROWS = 500


@dataclass(frozen=True)
class Table:
    """A table in words: the places of `numeric` columns, and how many rows are not shown here."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...]
    left_out: int
    hidden: int


def shown(release: ReleaseRecord) -> list[Table]:
    """Return the tables of an answer whose bytes are here; nothing for the outputs of a job."""
    if release.tabulation is None:
        return []
    plan = release.tabulation.order().plan
    digests = dict(release.files.values_list("name", "digest"))
    found = (_read(plan, one, digests.get(f"{one.name}.csv", "")) for one in plan.tables)
    return [table for table in found if table is not None]


def _read(plan: TabulationPlan, order: TableOrder, digest: str) -> Table | None:
    try:
        path = blobs.find(digest)
    except NotFound:
        return None
    content = path.read_bytes()
    if canonical.digest(content) != digest:
        return None  # changed on the disk: never shown, and the download refuses it too
    _headers, *rows = csv.reader(io.StringIO(content.decode()))
    width, count = len(order.by), len(order.measures)
    titles = [_titles(plan, name) for name in order.by]
    return Table(
        order.title,
        (*(plan.variable(name).title for name in order.by), *map(_measure, order.measures)),
        tuple((*_row(row[:width], titles), *row[width:]) for row in rows[:MOST_ROWS]),
        tuple(range(width, width + count)),
        max(0, len(rows) - MOST_ROWS),
        sum(HIDDEN in row[width:] for row in rows),
    )


def _titles(plan: TabulationPlan, name: str) -> dict[str, str]:
    said = {one.code: one.title for one in plan.variable(name).categories()}
    return {**said, TOTAL: _("Total"), OTHER: _("Autre ou inconnu")}


def _row(codes: list[str], titles: list[dict[str, str]]) -> tuple[str, ...]:
    pairs = zip(codes, titles, strict=True)
    return tuple(known.get(code.removeprefix("'"), code) for code, known in pairs)


def _measure(measure: object) -> str:
    words = {"persons": _("Personnes"), "events": _("Événements")}
    name = str(getattr(measure, "name", measure))
    return words.get(name, name)
