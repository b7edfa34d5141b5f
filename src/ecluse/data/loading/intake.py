"""One delivered file becomes parts of slices: read once, keyed, stamped, sorted, cut, sealed."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow.parquet as pq

from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.reading import open_rows
from ecluse.data.engines import quoted
from ecluse.data.lake import Part
from ecluse.data.loading import keys, stamping
from ecluse.data.loading.contents import Contents, Sealed, nobody_by_group
from ecluse.data.loading.holding import RANK, Held
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.loading.persons import People
from ecluse.data.loading.slices import (
    PERSON_KEY,
    WHOLE,
    name_of,
    order,
    slice_name,
    slice_order,
    slicing_column,
)
from ecluse.data.loading.stamps import Stamps
from ecluse.data.schemas import TableSchema
from ecluse.domain.errors import LoadFailed

TAKEN: Final = "taken"
"""The view of the rows of a part being written again."""
FEW: Final = 500_000
"""Rows that may be sorted in memory to be dealt to small slices."""

SliceRange = tuple[str, object, object, int]
"""Name of a slice, least and greatest value of the column that tells it, rows."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A delivered file that was read: typed rows of the columns `columns`, not parts yet.

    When `is_stamped`, they are held in files of which the first one is stamped and sorted.
    """

    file: DeliveredFile
    held: Held
    columns: tuple[str, ...]
    is_stamped: bool
    rows_read: int
    rows_quarantined: int
    warnings: tuple[str, ...]

    @property
    def schema(self) -> TableSchema:
        """The schema of the table delivered."""
        return self.file.schema


@dataclass(frozen=True, slots=True)
class Placed:
    """The parts that a file became, by slice, and how many of its rows belong to nobody."""

    slices: dict[str, list[Part]]
    rows_without_person: int

    @property
    def rows(self) -> int:
        """How many rows the parts hold."""
        return sum(part.rows for parts in self.slices.values() for part in parts)


class Intake:
    """Turns delivered files into parts, for one load."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        contents: Contents,
        *,
        people: People,
        stamps: Stamps,
        event_key: keys.KeyOf,
    ) -> None:
        self._connection = connection
        self._contents = contents
        self._people = people
        self._stamps = stamps
        self._event_key = event_key
        self._numbers = itertools.count()

    def read(self, file: DeliveredFile, *, folder: Path, quarantine: Path) -> Scratch:
        """Read `file` in one scan; the lines that it cannot give are listed in `quarantine`.

        Large files of claims of a month or of stays are stamped and sorted on the way: most of
        those rows are then final. So are what belongs to the stays of a year. Others must first
        tell which slices they belong to, or keep the order of their file.

        Raises:
            LoadFailed: the file cannot be read, or its rows do not add up to its last line.
        """
        lines = Quarantine(quarantine)
        with open_rows(self._connection, file, scratch=folder, quarantine=lines) as opened:
            delivered = tuple(column.name for column in opened.columns)
            source, columns = self._with_event_key(opened.query, file.schema, delivered)
            is_stamped = self._is_final_soon(file) and EVENT_KEY in columns
            slices = (str(file.year),) if _is_of_one_year(file) else ()
            first = source
            if is_stamped:
                first = self._query(source, columns, file.schema, slices=slices)
            held = self._hold(first, in_table=not is_stamped and self._is_small(file))
            counts = opened.finish(rows=held.rows)
            if counts.second is not None:
                source, _ = self._with_event_key(counts.second, file.schema, delivered)
                held = self._hold_more(held, source)
            _check(file, held.rows, counts.rows_quarantined, counts.rows_read)
            return Scratch(
                file,
                held,
                columns,
                is_stamped,
                counts.rows_read,
                counts.rows_quarantined,
                opened.warnings,
            )

    def _is_small(self, file: DeliveredFile) -> bool:
        return file.size <= self._contents.limits.held_bytes

    def _is_final_soon(self, file: DeliveredFile) -> bool:
        """Say whether the rows of a file are likely to be final once they are stamped.

        A year of claims holds many months of flow: its rows are put in order month by month, later.
        Of a small file that names persons, the few rows of nobody would make it all again.
        """
        if file.schema.person_by is None:
            return _is_of_one_year(file) and file.schema.parent is not None
        return not self._is_small(file) and not (file.year and file.schema.slicing == "flow")

    def _hold(self, query: str, *, in_table: bool) -> Held:
        if not in_table:
            path, rows = self._contents.counted(query)
            return Held(rows, files=(path,))
        table = f"held_{next(self._numbers)}"
        told = self._connection.execute(f"CREATE TEMP TABLE {table} AS {query}")
        return Held(int(told.fetchall()[0][0]), table=table)

    def _hold_more(self, held: Held, query: str) -> Held:
        if not held.table:
            path, rows = self._contents.counted(query)
            return Held(held.rows + rows, files=(*held.files, path))
        told = self._connection.execute(f"INSERT INTO {held.table} {query}")
        return Held(held.rows + int(told.fetchall()[0][0]), table=held.table)

    def rows(self, scratch: Scratch) -> duckdb.DuckDBPyRelation:
        """Return the typed rows of a file, in no order."""
        return scratch.held.relation(self._connection)

    def unknown_claimants(self, scratch: Scratch) -> duckdb.DuckDBPyRelation:
        """Return, as (pseudonym, birth_rank), at least the claimants whom no name designates."""
        rows = self.rows(scratch)
        if scratch.is_stamped:
            rows = rows.filter(f"{PERSON_KEY} IS NULL")
        pairs = zip(scratch.schema.person, ("pseudonym", "birth_rank"), strict=True)
        return rows.project(", ".join(f"{quoted(column)} AS {name}" for column, name in pairs))

    def place(self, scratch: Scratch) -> Placed:
        """Seal the rows of a file as parts, by slice; its scratch files are gone afterwards."""
        parts: dict[str, list[Part]] = {}
        nobody = 0
        left = scratch.held
        if scratch.is_stamped:
            left = self._place_sorted(scratch, parts)
        for name, sealed in self._sealed_slices(left, scratch):
            nobody += sealed.rows_without_person if scratch.schema.is_about_persons else 0
            parts.setdefault(name, []).extend(sealed.parts)
        for held in {left, scratch.held}:
            held.drop(self._connection)
        return Placed(parts, nobody)

    def write_again(
        self, rows: duckdb.DuckDBPyRelation, schema: TableSchema, name: str
    ) -> list[Part]:
        """Return the parts that `rows` of a part become with their persons as they are now."""
        columns = tuple(column for column in rows.columns if column not in stamping.STAMP)
        kept = ", ".join(quoted(column) for column in columns)
        rows.create_view(TAKEN, replace=True)
        source = f"SELECT {kept}, row_number() OVER () AS {RANK} FROM {TAKEN}"  # noqa: S608 — names only
        query = self._query(source, columns, schema, ranks=(RANK,), slices=(name,))
        return self._contents.seal(
            self._contents.write(query), table=schema.name, slice_name=name
        ).parts

    def _place_sorted(self, scratch: Scratch, parts: dict[str, list[Part]]) -> Held:
        """Seal the rows that are final; return those that are not.

        Final are the first row groups without a row of nobody, when one slice holds them all:
        who was absent from the register has a number by now, and other slices are apart. What
        takes its person from a parent is final.
        """
        first, *second = scratch.held.files
        metadata = pq.read_metadata(first)
        unknown = nobody_by_group(metadata) if scratch.schema.person_by else []
        final = next((n for n, rows in enumerate(unknown) if rows), metadata.num_row_groups)
        held = Held(metadata.num_rows, files=(first,))
        names = [name for name, *_ in self._slice_ranges(held, scratch)] if final else []
        if len(names) != 1:
            return scratch.held
        if final < metadata.num_row_groups:
            left = range(final, metadata.num_row_groups)
            second = [self._contents.tail(first, groups=left), *second]
        sealed = self._contents.seal(
            first, table=scratch.schema.name, slice_name=names[0], groups=final
        )
        parts[names[0]] = sealed.parts
        rows = sum(metadata.row_group(group).num_rows for group in range(final))
        return Held(scratch.held.rows - rows, files=tuple(second))

    def _sealed_slices(self, held: Held, scratch: Scratch) -> Iterator[tuple[str, Sealed]]:
        """Give each slice of the rows held, stamped, sorted and sealed."""
        if held.is_nothing:
            return
        schema, columns = scratch.schema, scratch.columns
        ranges = self._slice_ranges(held, scratch)
        source = held.query(columns)
        names = tuple(name for name, *_ in ranges)
        if len(ranges) > 1 and sum(rows for *_, rows in ranges) <= FEW:
            query = self._query(source, columns, schema, ranks=held.ranks, slices=names)
            # Sorted by slice, nothing last; so are the ranges. A query for each would cost more.
            rows = self._connection.sql(query, params=held.values).to_arrow_table()
            counts = [(name, count) for name, _, _, count in ranges]
            sealed = self._contents.seal_few(rows, counts, table=schema.name)
            yield from zip(names, sealed, strict=True)
            return
        for name, first, last, _ in ranges:
            where, values = "", held.values
            if len(ranges) > 1:
                column = quoted(slicing_column(schema) or "")
                where = f" WHERE {column} BETWEEN ? AND ?" if first else f" WHERE {column} IS NULL"
                values += [first, last] if first else []
            query = self._query(source + where, columns, schema, ranks=held.ranks, slices=(name,))
            written = self._contents.write(query, values)
            yield name, self._contents.seal(written, table=schema.name, slice_name=name)

    def _slice_ranges(self, held: Held, scratch: Scratch) -> list[SliceRange]:
        """Return each slice that the rows held have: name, least and greatest value, rows."""
        column = slicing_column(scratch.schema)
        if column is None:
            return [(WHOLE, None, None, held.rows)]
        year = scratch.file.year if scratch.schema.is_yearly else None
        if year and _is_of_one_year(scratch.file):
            return [(str(year), year, year, held.rows)]
        alone = _only_slice(held.files, column)
        if alone is not None:
            return [alone]
        value = quoted(column)
        found: list[SliceRange] = self._connection.execute(
            f"SELECT {slice_name(scratch.schema)}, min({value}) AS first, max({value}), count(*) "  # noqa: S608 — names only
            f"FROM {held.source} GROUP BY 1 ORDER BY first NULLS LAST",
            held.values,
        ).fetchall()
        return found or [(str(year) if year else WHOLE, None, None, 0)]

    def _query(
        self,
        source: str,
        columns: tuple[str, ...],
        schema: TableSchema,
        *,
        ranks: tuple[str, ...] = (),
        slices: tuple[str, ...] = (),
    ) -> str:
        """Return the query of the rows of `source`, stamped and in the order of a part.

        `ranks`: what puts rows in order when nothing else does.
        """
        names, sorting = columns, [*ranks]
        if schema.is_about_persons:
            source = stamping.stamped(
                f"({source})", [*columns, *ranks], self._stamp(schema, columns, slices)
            )
            names = (*stamping.STAMP, *columns)
            sorting = [*order(has_event_key=EVENT_KEY in columns), *ranks]
        if len(slices) > 1:
            sorting = [*slice_order(schema), *sorting]
        kept = ", ".join(quoted(name) for name in names)
        ordered = f" ORDER BY {', '.join(sorting)}" if sorting else ""
        return f"SELECT {kept} FROM ({source}){ordered}"  # noqa: S608 — names only

    def _stamp(
        self, schema: TableSchema, columns: tuple[str, ...], slices: tuple[str, ...]
    ) -> stamping.Stamp:
        if schema.person_by or schema.parent is None:
            return stamping.by_person(schema, columns, self._people)
        return self._stamps.of(schema, slices, columns)

    def _with_event_key(
        self, query: str, schema: TableSchema, delivered: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...]]:
        """Return the query of the rows of `query` with their event key, and its columns."""
        if not schema.event_key or not set(schema.event_key) <= set(delivered):
            return query, delivered
        by_name = {column.name: column for column in schema.columns}
        keyed = self._event_key(query, [by_name[name] for name in schema.event_key])
        return keyed, (EVENT_KEY, *delivered)


def _is_of_one_year(file: DeliveredFile) -> bool:
    """Say whether the name of a file tells the slice of all its rows."""
    return file.schema.slicing == "year" and bool(file.schema.is_yearly and file.year)


def _only_slice(files: Sequence[Path], column: str) -> SliceRange | None:
    """Return the slice that all rows belong to, when the statistics of the files tell it."""
    found = [
        group.column(group_column)
        for metadata in map(pq.read_metadata, files)
        for group_column in [metadata.schema.names.index(column)]
        for group in map(metadata.row_group, range(metadata.num_row_groups))
    ]
    told = [item.statistics for item in found]
    if not told or any(item is None or item.null_count or not item.has_min_max for item in told):
        return None
    first, last = min(item.min for item in told), max(item.max for item in told)
    names = {name_of(first), name_of(last)}
    rows = sum(item.num_values for item in found)
    return (names.pop(), first, last, rows) if len(names) == 1 else None


def _check(file: DeliveredFile, found: int, refused: int, read: int) -> None:
    if found + refused != read:
        raise LoadFailed(
            f"{file.name}: of {read} rows, {found} were read and {refused} refused; the file may "
            "have changed under way. Nothing was loaded."
        )
