"""`ecluse hosting reconcile --tables`: are the rows of every table the same at every host?

Each host's lake is brought table by table into a private folder and never stands there whole. What
a replica gives is proved by its manifest first; a folder as it stands (layout = paths) is read as
it is, which is what the comparison is for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit
from ecluse.cli.hosting_key_room import KeyRoom
from ecluse.cli.lake_options import number, steps
from ecluse.domain.errors import InvalidInput, NotFound, SnapshotDamaged
from ecluse.trust import durable

if TYPE_CHECKING:
    from ecluse.cli.hosting_room import Room
    from ecluse.data.engines import OnProgress
    from ecluse.data.lake.table_sums import Difference, TableSum
    from ecluse.hosting.replicas.manifests import Manifest
    from ecluse.trust.zone.lake_keys import LakeKey

MEMORY = "2GiB"
POINTER = "current"
"""The file that names a dataset's snapshot in a lake."""

Bring = Callable[[Collection[str], Path], object]
"""Writes the objects of these paths under a folder, by path."""


@dataclass(frozen=True, slots=True)
class Side:
    """What a host holds of a version: the paths, and what brings them here."""

    paths: tuple[str, ...]
    bring: Bring


@dataclass(frozen=True, slots=True)
class Compared:
    """The sums of each host's tables, and how each host differs from the first."""

    sums: dict[str, dict[str, TableSum]]
    differences: dict[str, tuple[Difference, ...]]


def compare(room: Room, dataset: str, hosts: list[str], key_file: Path | None) -> Compared:
    """Return the sums of all tables at these hosts, two at least; the register keeps the end.

    Raises:
        InvalidInput: fewer than two hosts.
        NotFound: the version holds no lake, or a key is missing.
        SnapshotDamaged: a replica gives something else than what was signed.
    """
    from ecluse.data.lake.table_sums import differences

    if len({*hosts}) < len(hosts) or len(hosts) < 2:  # noqa: PLR2004 — nothing to compare with
        raise InvalidInput("Donnez deux hébergeurs au moins : le premier est la référence.")
    manifest, key = room.last(dataset), _lake_key(key_file)
    sums = {}
    for host in hosts:
        with steps(f"Tables de {host}") as tell:
            sums[host] = _sums(_side(room, host, manifest), (room.folder, key), tell)
    found = {host: differences(sums[hosts[0]], sums[host]) for host in hosts[1:]}
    for host, faults in found.items():
        rows = sum(one.rows for one in sums[host].values())
        now, counted = datetime.now(UTC), {"rows": rows, "faults": len(faults)}
        room.register.reconciled(manifest, host=host, now=now, **counted)
    return Compared(sums, found)


def tell(compared: Compared, *, json: bool) -> None:
    """Show what was compared. Raises typer.Exit: a host has not the rows of the first."""
    data = {
        "hosts": {host: _counts(tables) for host, tables in compared.sums.items()},
        "differences": {
            host: [{"table": one.table, "column": one.column, "gap": one.gap.value} for one in gaps]
            for host, gaps in compared.differences.items()
        },
    }
    emit(data, json=json, render=lambda: _show(compared))
    if any(compared.differences.values()):
        raise typer.Exit(SnapshotDamaged.exit_code)


def _lake_key(file: Path | None) -> LakeKey | None:
    from ecluse.trust.zone.lake_keys import load_lake_key

    return None if file is None else load_lake_key(file)


def _side(room: Room, host: str, manifest: Manifest) -> Side:
    from ecluse.hosting.replicas.copying import Layout
    from ecluse.hosting.replicas.opening import restore

    store = room.store(host)
    if room.placement.host(host).layout is Layout.CONTENT:
        sealing = manifest.header.data_key
        key = None if sealing is None else KeyRoom(room).open(sealing)
        paths = tuple(item.path for item in manifest.items)
        return Side(paths, lambda only, folder: restore(manifest, store, key, folder, only=only))

    def as_it_stands(only: Collection[str], folder: Path) -> None:
        for name in only:
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with durable.replacing(path) as file:
                file.writelines(store.stream(name))

    return Side(tuple(stored.key for stored in store.list()), as_it_stands)


def _sums(side: Side, place: tuple[Path, LakeKey | None], tell: OnProgress) -> dict[str, TableSum]:
    files = [PurePosixPath(path) for path in side.paths]
    lakes = [path.parent for path in files if path.name == POINTER]
    if not lakes:
        raise NotFound("Il n’y a là aucun jeu de données d’un entrepôt : rien à comparer.")
    found: dict[str, TableSum] = {}
    with TemporaryDirectory(prefix="tables-", dir=place[0]) as folder:
        for lake in lakes:
            within = [path for path in files if path.is_relative_to(lake)]
            side.bring([str(one) for one in within if one.suffix != ".parquet"], Path(folder))
            found |= _of_lake(Path(folder), lake, side.bring, place[1], tell)
    return found


def _of_lake(
    folder: Path, lake: PurePosixPath, bring: Bring, key: LakeKey | None, tell: OnProgress
) -> dict[str, TableSum]:
    from ecluse.data.engines import connect
    from ecluse.data.lake.table_sums import snapshot_in, sum_table

    snapshot = snapshot_in(folder / lake, key=key)
    tables, found = snapshot.every_table(), {}
    for done, table in enumerate(tables):
        tell(table.name, done, len(tables))
        bring([str(lake / part.file.as_posix()) for part in table.parts], folder)
        aside = folder / ".aside"
        aside.mkdir(exist_ok=True)
        with connect(memory_limit=MEMORY, readable=[folder], writable=[aside]) as connection:
            found[str(lake / table.name)] = sum_table(connection, snapshot, table)
        for path in snapshot.paths(table):
            path.unlink()
        shutil.rmtree(aside)
    return found


def _counts(tables: dict[str, TableSum]) -> dict[str, dict[str, object]]:
    return {
        name: {"rows": one.rows, "columns": len(one.columns), "checksum": f"{one.total:x}"}
        for name, one in sorted(tables.items())
    }


def _show(compared: Compared) -> None:
    for host, tables in compared.sums.items():
        rows, columns = (
            sum(one.rows for one in tables.values()),
            sum(len(one.columns) for one in tables.values()),
        )
        console.print(
            f"{escape(host)} : {number(len(tables))} tables, {number(rows)} lignes, "
            f"{number(columns)} colonnes sommées.",
            highlight=False,
        )
    for host, gaps in compared.differences.items():
        console.print(
            f"{escape(host)} : {len(gaps)} différences." if gaps else f"{escape(host)} : identique."
        )
        for one in gaps:
            where = f"{one.table}.{one.column}" if one.column else one.table
            console.print(f"[red]{one.gap.value}[/red] {escape(where)}", highlight=False)
