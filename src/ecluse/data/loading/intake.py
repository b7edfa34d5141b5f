"""One delivered file becomes parts of slices: read once, keyed, stamped, sorted, cut, sealed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow.parquet as pq

from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.reading import open_rows
from ecluse.data.engines import literal_path, quoted
from ecluse.data.lake import Part
from ecluse.data.loading import keys, stamping
from ecluse.data.loading.contents import Contents, nobody_by_group
from ecluse.data.loading.cutting import cut, footer_of
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.loading.persons import People
from ecluse.data.loading.slices import (
    PERSON_KEY,
    WHOLE,
    order,
    slice_name,
    slice_order,
    slicing_column,
)
from ecluse.data.loading.stamps import Stamps
from ecluse.data.schemas import TableSchema
from ecluse.domain.errors import LoadFailed

ROW_RANK: Final = "file_row_number"
RANKS: Final = ("filename", ROW_RANK)
DELIVERED: Final = "delivered"
TAKEN: Final = "taken"
"""Views: the rows of the file being read, and those of a part being written again."""
FILES: Final = (
    "read_parquet(?, union_by_name = true, filename = true, file_row_number = true, "
    "hive_partitioning = false)"
)
"""The rows being put in order, from a list of files: to name a view would bind them once more."""
FEW: Final = 500_000
"""Rows that may be sorted in memory to be dealt to small slices."""

SliceRange = tuple[str, object, object, int]
"""Name of a slice, least and greatest value of the column that tells it, rows."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A delivered file that was read: typed rows in scratch files, not parts yet.

    All `files` have the columns `columns`; when `is_stamped`, the first one is stamped and sorted.
    """

    file: DeliveredFile
    files: tuple[Path, ...]
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
        event_key: keys.Expression,
    ) -> None:
        self._connection = connection
        self._contents = contents
        self._people = people
        self._stamps = stamps
        self._event_key = event_key

    def read(self, file: DeliveredFile, *, folder: Path, quarantine: Path) -> Scratch:
        """Read `file` in one scan; the lines that it cannot give are listed in `quarantine`.

        Claims of a month and stays are stamped and sorted on the way: most of those rows are then
        final. Others must first tell which slices they belong to, or keep the order of their file.

        Raises:
            LoadFailed: the file cannot be read, or its rows do not add up to its last line.
        """
        lines = Quarantine(quarantine)
        with open_rows(self._connection, file, scratch=folder, quarantine=lines) as opened:
            delivered = tuple(column.name for column in opened.columns)
            source, columns = self._with_event_key(file.schema, delivered)
            is_stamped = _is_final_soon(file) and EVENT_KEY in columns
            opened.relation.create_view(DELIVERED, replace=True)
            query = self._query(source, columns, file.schema) if is_stamped else source
            files = [self._contents.write(query)]
            found = rows_in(files[0])
            counts = opened.finish(rows=found)
            if counts.second is not None:
                counts.second.create_view(DELIVERED, replace=True)
                files.append(self._contents.write(source))
                found += rows_in(files[1])
            _check(file, found, counts.rows_quarantined, counts.rows_read)
            return Scratch(
                file,
                tuple(files),
                columns,
                is_stamped,
                counts.rows_read,
                counts.rows_quarantined,
                opened.warnings,
            )

    def rows(self, scratch: Scratch) -> duckdb.DuckDBPyRelation:
        """Return the typed rows of a file, in no order."""
        return self._connection.read_parquet(
            _literal(scratch.files),
            union_by_name=True,
            hive_partitioning=False,
        )

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
        left = list(scratch.files)
        if scratch.is_stamped:
            left = self._place_sorted(scratch, parts)
        for name, path in self._sorted_slices(left, scratch):
            nobody += sum(nobody_by_group(path)) if scratch.schema.is_about_persons else 0
            parts.setdefault(name, []).extend(self._seal(path, scratch.schema, name))
        for path in {*left, *scratch.files}:
            path.unlink(missing_ok=True)
        return Placed(parts, nobody)

    def write_again(
        self, rows: duckdb.DuckDBPyRelation, schema: TableSchema, name: str
    ) -> list[Part]:
        """Return the parts that `rows` of a part become with their persons as they are now."""
        columns = tuple(column for column in rows.columns if column not in stamping.STAMP)
        kept = ", ".join(quoted(column) for column in columns)
        rows.create_view(TAKEN, replace=True)
        source = f"SELECT {kept}, row_number() OVER () AS {ROW_RANK} FROM {TAKEN}"  # noqa: S608 — names only
        query = self._query(source, columns, schema, ranks=(ROW_RANK,), slices=(name,))
        return self._seal(self._contents.write(query), schema, name)

    def _place_sorted(self, scratch: Scratch, parts: dict[str, list[Part]]) -> list[Path]:
        """Seal the rows that are final; return the files of those that are not.

        Final are the first row groups without a row of nobody, when one slice holds them all:
        who was absent from the register has a number by now, and other slices are apart.
        """
        first, *second = scratch.files
        names = [name for name, *_ in self._slice_ranges([first], scratch)]
        unknown = nobody_by_group(first)
        final = next((n for n, rows in enumerate(unknown) if rows), len(unknown))
        if len(names) != 1 or not final:
            return list(scratch.files)
        if final < len(unknown):
            tail = self._contents.scratch()
            cut(first, footer_of(first), tail, groups=range(final, len(unknown)))
            second = [tail, *second]
        parts[names[0]] = self._contents.seal(
            first, table=scratch.schema.name, slice_name=names[0], groups=final
        )
        return second

    def _sorted_slices(self, files: list[Path], scratch: Scratch) -> Iterator[tuple[str, Path]]:
        """Give each slice that the files hold, with the file of its rows, stamped and sorted."""
        if not files:
            return
        schema, columns = scratch.schema, scratch.columns
        ranges = self._slice_ranges(files, scratch)
        taken = ", ".join([*(quoted(name) for name in columns), *RANKS])
        source = f"SELECT {taken} FROM {FILES}"  # noqa: S608 — names only
        names = tuple(name for name, *_ in ranges)
        if len(ranges) > 1 and sum(rows for *_, rows in ranges) <= FEW:
            query = self._query(source, columns, schema, ranks=RANKS, slices=names)
            yield from self._few(query, files, ranges)
            return
        for name, first, last, _ in ranges:
            where, values = "", list[object]([_literal(files)])
            if len(ranges) > 1:
                column = quoted(slicing_column(schema) or "")
                where = f" WHERE {column} BETWEEN ? AND ?" if first else f" WHERE {column} IS NULL"
                values += [first, last] if first else []
            query = self._query(source + where, columns, schema, ranks=RANKS, slices=(name,))
            yield name, self._contents.write(query, values)

    def _few(
        self, query: str, files: list[Path], ranges: list[SliceRange]
    ) -> Iterator[tuple[str, Path]]:
        """Give small slices, sorted together in memory: a query for each would cost more."""
        rows = self._connection.sql(query, params=[_literal(files)]).to_arrow_table()
        start = 0
        # Sorted by slice, nothing last; so are the ranges.
        for name, _, _, count in ranges:
            yield name, self._contents.write_few(rows.slice(start, count))
            start += count

    def _slice_ranges(self, files: list[Path], scratch: Scratch) -> list[SliceRange]:
        """Return each slice that the files hold: name, least and greatest value, rows."""
        column = slicing_column(scratch.schema)
        if column is None:
            return [(WHOLE, None, None, sum(rows_in(path) for path in files))]
        value = quoted(column)
        found: list[SliceRange] = self._connection.execute(
            f"SELECT {slice_name(scratch.schema)}, min({value}) AS first, max({value}), count(*) "  # noqa: S608 — names only
            f"FROM {FILES} GROUP BY 1 ORDER BY first NULLS LAST",
            [_literal(files)],
        ).fetchall()
        year = scratch.file.year if scratch.schema.is_yearly else None
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

    def _seal(self, path: Path, schema: TableSchema, name: str) -> list[Part]:
        return self._contents.seal(path, table=schema.name, slice_name=name)

    def _with_event_key(
        self, schema: TableSchema, delivered: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...]]:
        """Return the query of the rows delivered with their event key, and its columns."""
        names = ", ".join(quoted(name) for name in delivered)
        if not schema.event_key or not set(schema.event_key) <= set(delivered):
            return f"SELECT {names} FROM {DELIVERED}", delivered  # noqa: S608 — names only
        by_name = {column.name: column for column in schema.columns}
        key = self._event_key([by_name[name] for name in schema.event_key])
        query = f"SELECT {key} AS {EVENT_KEY}, {names} FROM {DELIVERED}"  # noqa: S608 — names only
        return query, (EVENT_KEY, *delivered)


def _is_final_soon(file: DeliveredFile) -> bool:
    """Say whether rows that name their person are likely to be of one slice.

    A year of claims holds many months of flow: its rows are put in order month by month, later.
    """
    return file.schema.person_by is not None and not (file.year and file.schema.slicing == "flow")


def _literal(files: Iterable[Path]) -> list[str]:
    return [literal_path(path) for path in files]


def rows_in(path: Path) -> int:
    """Return how many rows a file holds."""
    return int(pq.read_metadata(path).num_rows)


def _check(file: DeliveredFile, found: int, refused: int, read: int) -> None:
    if found + refused != read:
        raise LoadFailed(
            f"{file.name}: of {read} rows, {found} were read and {refused} refused; the file may "
            "have changed under way. Nothing was loaded."
        )
