"""What the commands of `ecluse lake` share: options, the lake they open, how they show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ecluse.cli.console import error_console
from ecluse.cli.home import Home
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from ecluse.data.engines import OnProgress
    from ecluse.data.lake import Lake, Snapshot

KEY_FILE = "lake.key"
MEGABYTE = 1_000_000

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Dataset = Annotated[str, typer.Argument(help="Nom du jeu de données.")]
LakeFolder = Annotated[
    Path | None, typer.Option("--lake", help="Dossier de l'entrepôt (par défaut, celui d'Écluse).")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="Clé de l'entrepôt chiffré (par défaut, keys/lake.key de la zone)."),
]
SnapshotId = Annotated[
    str | None, typer.Option("--snapshot", help="Instantané ; sinon le courant.")
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="L'instantané courant à la fin de ce jour."),
]
Archive = Annotated[bool, typer.Option("--archive", help="Dans l'archive de l'entrepôt.")]


def open_lake(path: Path | None, key: Path | None = None, *, archive: bool = False) -> Lake:
    """Return the lake at `path`, or that of this installation, with the key that opens it.

    A lake given by its folder has no key but the one given with it.
    """
    from ecluse.data.lake import Lake
    from ecluse.trust.zone.lake_keys import load_lake_key

    home = Home.find()
    usual = home.keys(home.zone) / KEY_FILE
    file = key or (usual if path is None and usual.exists() else None)
    lake = Lake(path or home.lake, key=load_lake_key(file) if file else None)
    return lake.archive if archive else lake


def choose(
    lake: Lake, dataset: str, *, snapshot: str | None = None, as_of: datetime | None = None
) -> Snapshot:
    """Return the snapshot named, or the one of a day, or the current one. Raises NotFound."""
    if snapshot and as_of:
        raise InvalidInput("Donnez --snapshot ou --as-of, pas les deux.")
    if as_of is None:
        return lake.snapshot(dataset, snapshot)
    return lake.as_of(dataset, as_of.replace(tzinfo=UTC) + timedelta(days=1, seconds=-1))


@contextmanager
def steps(title: str) -> Iterator[OnProgress]:
    """Give a function that shows the step under way on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=error_console) as bar:
        task = bar.add_task(title, total=None)

        def tell(step: str, done: int, total: int) -> None:
            description = f"{title} : {escape(step)}"
            bar.update(task, description=description, completed=done, total=total)

        yield tell
        total = bar.tasks[0].total or 1
        bar.update(task, description=f"{title} : fini", completed=total, total=total)


def grid(first: str, *others: str) -> Table:
    """Return an empty table: a column of names, then columns of numbers."""
    made = Table()
    made.add_column(first)
    for title in others:
        made.add_column(title, justify="right")
    return made


def number(value: int) -> str:
    """Return `value` with a narrow no-break space between thousands, as French writes it."""
    return f"{value:,}".replace(",", "\u202f")


def megabytes(size: int) -> str:
    """Return a number of bytes in millions."""
    return f"{size / MEGABYTE:.1f}".replace(".", ",") + "\u202fMo"
