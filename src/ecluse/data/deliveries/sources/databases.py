"""Tables of a PostgreSQL database, read as they all were at one instant.

The server copies each table as CSV (`COPY … TO STDOUT`), streamed to the scratch folder. One
read-only, repeatable-read transaction holds for the whole load. The address may carry a password:
it appears in no message, and nothing here keeps it.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from ecluse.data.deliveries.sources.origins import Readable
from ecluse.domain.errors import InvalidInput, LoadFailed, Unreachable

_copies = count()
WAIT_SECONDS: Final = 10
TABLES: Final = """
    SELECT c.relname, greatest(pg_total_relation_size(c.oid), 0),
           array_agg(a.attname ORDER BY a.attnum),
           array_agg(a.atttypid = 'boolean'::regtype ORDER BY a.attnum)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND has_table_privilege(c.oid, 'SELECT')
    GROUP BY c.oid, c.relname ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table of an open database, read like a file: see `Origin`."""

    source: "DatabaseSource"
    table: str
    columns: tuple[str, ...]
    booleans: tuple[bool, ...]
    size: int
    """Bytes in the database."""

    @property
    def name(self) -> str:
        """The name that reports give to it: database, schema and table."""
        return f"{self.source.name}.{self.table}"

    @property
    def identity(self) -> str:
        """The instant of the transaction: another load never takes over what this one did."""
        return self.source.instant

    @contextmanager
    def stream(self) -> Iterator[Readable]:
        """See `Origin`: no byte, for the columns are known."""
        yield io.BytesIO()

    @contextmanager
    def open(self, scratch: Path) -> Iterator[Path]:
        """See `Origin`."""
        copy = scratch / f"copied_{next(_copies)}"
        try:
            self.source.copy(self, copy)
            yield copy
        finally:
            copy.unlink(missing_ok=True)


class DatabaseSource:
    """An open database and the tables of one of its schemas. Made by `open_database`."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self.name: str = f"{connection.info.dbname}.{schema}"
        with _speaking(self.name):
            found = connection.execute("SELECT pg_export_snapshot(), now()").fetchone()
            self.instant = " ".join(map(str, found or ()))
            self.tables = self._tables()

    def copy(self, table: DatabaseTable, target: Path) -> None:
        """Write the rows of `table` to `target` as CSV with a header.

        Raises:
            LoadFailed: the server stopped before the last row.
        """
        with _speaking(table.name), target.open("wb") as file:
            cursor = self._connection.cursor()
            with cursor.copy(self._statement(table)) as stream:
                for block in stream:
                    file.write(block)

    def _tables(self) -> tuple[DatabaseTable, ...]:
        rows = self._connection.execute(TABLES, [self._schema]).fetchall()
        return tuple(
            DatabaseTable(self, name, tuple(columns), tuple(booleans), int(size))
            for name, size, columns, booleans in rows
        )

    def _statement(self, table: DatabaseTable) -> sql.Composed:
        columns: Sequence[sql.Composable] = [
            sql.SQL("{}::int AS {}").format(sql.Identifier(name), sql.Identifier(name))
            if is_boolean
            else sql.Identifier(name)
            for name, is_boolean in zip(table.columns, table.booleans, strict=True)
        ]
        return sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv, HEADER)").format(
            sql.SQL(", ").join(columns), sql.Identifier(self._schema, table.table)
        )


@contextmanager
def open_database(url: str, *, schema: str = "public") -> Iterator[DatabaseSource]:
    """Give the tables of `schema` in the database at `url`, for the time of the `with`.

    `url`: `postgresql://user@host/database`; a password belongs in PGPASSFILE or in the URL.

    Raises:
        InvalidInput: not the address of a PostgreSQL database.
        Unreachable: the database does not answer, or refuses.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidInput("The address of a database starts with postgresql:// .")
    try:
        connection = psycopg.connect(
            url,
            connect_timeout=WAIT_SECONDS,
            options="-c datestyle=ISO -c timezone=UTC -c client_encoding=UTF8",
        )
    except psycopg.Error as error:
        # `from None`, and no text of the error: it can repeat the address, password included
        raise Unreachable(
            f"The database does not answer or refuses ({type(error).__name__}): check its address, "
            "its account and its password."
        ) from None
    with connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield DatabaseSource(connection, schema)
        connection.rollback()


@contextmanager
def _speaking(name: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        # `from None`: a server's message can quote a row
        raise LoadFailed(
            f"{name}: the database stopped answering or refuses ({type(error).__name__}); check "
            "the account's rights, then retry. Nothing was loaded."
        ) from None
