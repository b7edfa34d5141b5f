"""`ecluse lake quality`: what a snapshot is worth, measured again or compared with another."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, error_console, progress
from ecluse.cli.lake_options import (
    Dataset,
    Json,
    KeyFile,
    LakeFolder,
    SnapshotId,
    grid,
    open_lake,
)
from ecluse.domain.errors import JobFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import duckdb

    from ecluse.data.lake import Snapshot
    from ecluse.data.quality import CheckResult, QualityReport

COLOURS = {"failed": "red", "warning": "yellow", "passed": "green"}
MEMORY = "2GiB"


def quality(  # noqa: PLR0913 — a command line has as many options as people need
    dataset: Dataset,
    *,
    snapshot: SnapshotId = None,
    against: Annotated[
        str | None, typer.Option(help="Instantané de comparaison ; sinon le précédent.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Écrire aussi la page dans ce fichier.")] = None,
    lang: Annotated[str, typer.Option(help="Langue de la page : fr ou en.")] = "fr",
    exact: Annotated[
        bool,
        typer.Option(
            "--exact", help="Montrer aussi les petits effectifs : reste dans la zone, non gardé."
        ),
    ] = False,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Mesure la qualité d'un instantané : complétude, validité, unicité, fraîcheur, stabilité.

    Le rapport est gardé à côté des instantanés, en JSON et en page HTML.

    Exemples : [bold]ecluse lake quality snds[/bold],
    [bold]ecluse lake quality snds --html qualite.html --lang en[/bold]
    """
    from ecluse.data import quality as measures
    from ecluse.data.quality.pages.words import words

    words(lang)
    opened = open_lake(lake, key)
    found = opened.snapshot(dataset, snapshot)
    other = against or found.former
    with progress(f"Qualité de {dataset}"):
        # A comparison asked for is made; the usual one only if its snapshot was measured.
        former = measures.stored(found.folder, other) if other else None
        if against and former is None:
            former = _measured(opened.snapshot(dataset, against), None, exact=False)
        made = _measured(found, former, exact=exact)
        if not exact:
            measures.keep(made, found.folder)
    if html:
        html.write_text(measures.page(made, language=lang), encoding="utf-8")
    data = cast("dict[str, Any]", measures.encode(made))
    emit(data, json=json, render=lambda: _show(made, found, html))


def measure_load(snapshot: Snapshot) -> None:
    """Measure and keep what a load brought; a measure that fails does not undo the load."""
    from ecluse.data.quality import store

    try:
        with progress(f"Qualité de {snapshot.dataset}"), _connection(snapshot) as connection:
            store(snapshot, connection=connection, on=datetime.now(UTC).date())
    except JobFailed as failure:
        error_console.print(f"[yellow]Attention[/yellow] : {escape(str(failure))}")


def _measured(snapshot: Snapshot, former: QualityReport | None, *, exact: bool) -> QualityReport:
    from ecluse.data.quality import report

    with _connection(snapshot) as connection:
        return report(
            snapshot,
            connection=connection,
            on=datetime.now(UTC).date(),
            former=former,
            minimum_count=1 if exact else None,
        )


def _connection(snapshot: Snapshot) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Return a connection that reads the dataset, and sets aside what memory cannot hold."""
    from ecluse.data.engines import connect
    from ecluse.data.quality import json_path

    kept = json_path(snapshot.folder, snapshot.snapshot_id).parent
    kept.mkdir(mode=0o700, exist_ok=True)
    return connect(memory_limit=MEMORY, readable=[snapshot.folder], writable=[kept])


def _show(made: QualityReport, snapshot: Snapshot, html: Path | None) -> None:
    from ecluse.data.quality import json_path
    from ecluse.data.quality.pages.words import words

    told = words("fr")
    shown = grid("Dimension", "Contrôles", "À corriger", "À regarder", "Réussis")
    for score in made.scores:
        if score.checks:
            numbers = (str(score.checks), str(score.failed), str(score.warnings))
            shown.add_row(told(score.dimension.value), *numbers, told.percent(score.percent))
    console.print(shown)
    for line in _lines(made):
        console.print(line)
    kept = json_path(snapshot.folder, made.snapshot).with_suffix(".html")
    if html or made.minimum_count > 1:
        console.print(f"Page : {escape(str(html or kept))}")


def _lines(made: QualityReport) -> Iterator[str]:
    """Give the checks that ask for a look, the gravest first."""
    from ecluse.data.quality import Status

    for status in (Status.FAILED, Status.WARNING):
        yield from (_line(check) for check in made.checks if check.status is status)


def _line(check: CheckResult) -> str:
    from ecluse.data.quality import checks
    from ecluse.data.quality.pages.words import words

    told = words("fr")
    status = check.status.value
    place = ".".join(part for part in (check.table, check.column) if part)
    title = f"{checks()[check.check].title_fr} : {place} {told.counted(check)}".rstrip()
    return f"[{COLOURS[status]}]{told(status)}[/] {escape(title)}"
