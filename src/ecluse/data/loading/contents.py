"""What the snapshot to be is made of: parts carried over from the former one, and new ones."""

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.lake import Part, Staging
from ecluse.data.loading.cutting import Footer, cut, footer_of, group_rows, spans
from ecluse.data.loading.limits import Limits
from ecluse.data.loading.slices import PERSON_KEY

# Cheapest of those measured at equal size: a tenth less time than the engine's own choices.
WRITTEN_AS: Final = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2, "
    "WRITE_BLOOM_FILTER false"
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The parts that rows became, and how many of these rows belong to nobody.

    The parts are not on the disk for good before the step that gave them is.
    """

    parts: list[Part]
    rows_without_person: int


class Contents:
    """The parts of every slice of every table, as they will be published."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, staging: Staging, limits: Limits
    ) -> None:
        self._connection = connection
        self._staging = staging
        self.limits = limits
        self._numbers = itertools.count(1)
        self._footer: tuple[Path, Footer] | None = None
        self._tables: dict[str, dict[str, tuple[Part, ...]]] = {}
        self.changed: dict[str, set[str]] = {}
        """Slices that this load set, by table."""
        self.replaced: dict[str, set[str]] = {}
        """Those of them that the former snapshot had."""
        for table in staging.former.tables.values() if staging.former else ():
            for part in table.parts:
                slices = self._tables.setdefault(table.name, {})
                slices[part.slice] = (*slices.get(part.slice, ()), part)

    def tables(self) -> dict[str, list[Part]]:
        """Return all parts by table."""
        return {
            table: [part for parts in slices.values() for part in parts]
            for table, slices in self._tables.items()
        }

    def slices(self, table: str) -> dict[str, tuple[Part, ...]]:
        """Return the parts of each slice of a table."""
        return dict(self._tables.get(table, {}))

    def parts(self, table: str, slice_name: str) -> tuple[Part, ...]:
        """Return the parts of one slice."""
        return self._tables.get(table, {}).get(slice_name, ())

    def add(self, table: str, slice_name: str, parts: Iterable[Part]) -> None:
        """Add parts to a slice; what the former snapshot had of it goes at the first time."""
        changed = self.changed.setdefault(table, set())
        slices = self._tables.setdefault(table, {})
        if slice_name not in changed:
            changed.add(slice_name)
            if slices.pop(slice_name, None) is not None:
                self.replaced.setdefault(table, set()).add(slice_name)
        slices[slice_name] = (*slices.get(slice_name, ()), *parts)

    def replace(self, table: str, slice_name: str, parts: Iterable[Part]) -> None:
        """Give a slice these parts instead of those that it has."""
        self.changed.setdefault(table, set()).add(slice_name)
        self._tables.setdefault(table, {})[slice_name] = tuple(parts)

    def drop_others(self, table: str) -> None:
        """Forget the slices of `table` that this load did not deliver: it replaces the table."""
        kept = self.changed.get(table, set())
        slices = self._tables.get(table, {})
        self._tables[table] = {name: parts for name, parts in slices.items() if name in kept}

    def rows(self, parts: Sequence[Part]) -> duckdb.DuckDBPyRelation | None:
        """Return the rows of parts, None when there is no part."""
        return self._staging.rows(self._connection, parts) if parts else None

    def scratch(self) -> Path:
        """Return a new name for a file that is not a part yet; names sort by age."""
        return self._staging.writing(f"rows-{next(self._numbers):08}.parquet")

    def write(self, query: str, values: Sequence[object] = ()) -> Path:
        """Write the rows of `query`, in their order, to a new scratch file."""
        return self.counted(query, values)[0]

    def counted(self, query: str, values: Sequence[object] = ()) -> tuple[Path, int]:
        """Do what `write` does; return also how many rows there are."""
        path = self.scratch()
        options = f"{WRITTEN_AS}, ROW_GROUP_SIZE {self.limits.group_rows}"
        told = self._connection.execute(f"COPY ({query}) TO ? ({options})", [*values, str(path)])
        return path, int(told.fetchall()[0][0])

    def seal_few(
        self, rows: pa.Table, counts: Sequence[tuple[str, int]], *, table: str
    ) -> list[Sealed]:
        """Return, per slice of `counts` (name, rows), the part of its rows, which are in order."""
        starts = itertools.accumulate((count for _, count in counts), initial=0)
        # A dictionary of numbers, or of times, would be as large as they are.
        texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
        pieces = [
            (rows.slice(start, count), self.scratch(), name)
            for start, (name, count) in zip(starts, counts, strict=False)
        ]

        def seal_one(piece: tuple[pa.Table, Path, str]) -> Sealed:
            few, path, name = piece
            pq.write_table(
                few,
                path,
                compression="zstd",
                compression_level=1,
                row_group_size=self.limits.group_rows,
                use_dictionary=texts,
            )
            return self.seal(path, table=table, slice_name=name)

        with ThreadPoolExecutor(self.limits.threads) as pool:
            return list(pool.map(seal_one, pieces))

    def seal(self, path: Path, *, table: str, slice_name: str, groups: int | None = None) -> Sealed:
        """Return the parts that a sorted scratch file becomes; with `groups`, its first ones."""
        metadata = pq.read_metadata(path)
        nobody = sum(nobody_by_group(metadata)[:groups])
        is_whole = groups is None or groups == metadata.num_row_groups
        if is_whole and metadata.num_rows <= self.limits.part_rows:
            part = self._staging.seal_unsynced(
                path, table=table, slice_name=slice_name, metadata=metadata
            )
            return Sealed([part], nobody)
        footer = self.footer(path)
        runs = spans(group_rows(footer)[:groups], most=self.limits.part_rows)

        def seal_run(run: tuple[range, Path]) -> Part:
            cut(path, footer, run[1], groups=run[0])
            return self._staging.seal_unsynced(run[1], table=table, slice_name=slice_name)

        with ThreadPoolExecutor(self.limits.threads) as pool:
            parts = list(pool.map(seal_run, [(run, self.scratch()) for run in runs]))
        path.unlink()
        return Sealed(parts, nobody)

    def tail(self, path: Path, *, groups: range) -> Path:
        """Return a new scratch file of these row groups of `path`."""
        tail = self.scratch()
        cut(path, self.footer(path), tail, groups=groups)
        return tail

    def footer(self, path: Path) -> Footer:
        """Return the footer of a scratch file, the last one asked for remembered."""
        known = self._footer
        if known is None or known[0] != path:
            known = self._footer = (path, footer_of(path))
        return known[1]


def nobody_by_group(metadata: pq.FileMetaData) -> list[int]:
    """Return, per row group, how many rows have no person: all of them without that column."""
    names = metadata.schema.names
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    if PERSON_KEY not in names:
        return [group.num_rows for group in groups]
    column = names.index(PERSON_KEY)
    return [group.column(column).statistics.null_count for group in groups]
