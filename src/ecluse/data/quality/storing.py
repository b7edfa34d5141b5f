"""Reports kept for the snapshots they describe: `<dataset>/quality/<snapshot_id>.json`, `.html`.

Not in the snapshot's own folder: what was published is never changed afterwards.
"""

from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.lake import Snapshot
from ecluse.data.quality import reports
from ecluse.data.quality.measuring import report
from ecluse.data.quality.pages import page
from ecluse.data.quality.reports import QualityReport, Scope
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.trust import canonical, durable

FOLDER: Final = "quality"


def store(snapshot: Snapshot, *, connection: duckdb.DuckDBPyConnection, on: date) -> QualityReport:
    """Measure what a load brought, against the report of the snapshot before, and keep the report.

    Without a report of that snapshot, the whole dataset is measured.

    Raises:
        StorageFull: no space is left; the snapshot itself is untouched.
    """
    former = stored(snapshot.folder, snapshot.former) if snapshot.former else None
    made = report(snapshot, connection=connection, on=on, former=former, scope=Scope.LOAD)
    keep(made, snapshot.folder)
    return made


def keep(made: QualityReport, folder: Path) -> None:
    """Keep a report of the dataset in `folder`, as JSON and as a French page.

    Raises:
        InvalidInput: the report shows small counts, which are never kept.
        StorageFull: no space is left.
    """
    if made.minimum_count < DisclosurePolicy().minimum_count:
        raise InvalidInput("A report that shows small counts is not kept: make it without them.")
    path = json_path(folder, made.snapshot)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    durable.write(path, written(made))
    durable.write(path.with_suffix(".html"), page(made, language="fr").encode())


def stored(folder: Path, snapshot_id: str) -> QualityReport | None:
    """Return the report kept for a snapshot of the dataset in `folder`; None without a usable one.

    A report of an older version of the software is as good as none: it is made again.
    """
    try:
        return reports.decode(canonical.decode(json_path(folder, snapshot_id).read_bytes()))
    except (FileNotFoundError, Malformed):
        return None


def written(made: QualityReport) -> bytes:
    """Return the canonical JSON of a report."""
    return canonical.encode(reports.encode(made))


def json_path(folder: Path, snapshot_id: str) -> Path:
    """Return where the report of a snapshot of the dataset in `folder` is kept."""
    return folder / FOLDER / f"{snapshot_id}.json"
