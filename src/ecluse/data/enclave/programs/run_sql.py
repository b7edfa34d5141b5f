"""Runs, inside the sandbox, an action written in SQL; its arguments: the script, then the outputs.

Every table of the extract is there under its name, every table that a needed action left under
`action.file`. The configuration is then locked: the script reaches no other file, loads no
extension, changes no setting. A declared output `name.parquet` or `name.csv` is written from the
table or view `name`.

Imports nothing of ours: the sandbox shows this file alone.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

DATA, INPUTS, OUTPUTS = Path("/data"), Path("/inputs"), Path("/outputs")
READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
WRITERS = {".parquet": "FORMAT parquet", ".csv": "FORMAT csv, HEADER"}


def main() -> None:
    """Run the script, then write the outputs; an error is told with the line of the script."""
    script, *outputs = sys.argv[1:]
    connection = _connect()
    _show_tables(connection)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    text = Path(script).read_text(encoding="utf-8")
    for line, statement in _statements(connection, text):
        try:
            connection.execute(statement)
        except duckdb.Error:
            # The form of a trace of Python, from which the summary takes its place.
            sys.stderr.write(f'  File "{script}", line {line}, in SQL\n')
            raise
    for name in outputs:
        _write(connection, Path(name))


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": int(os.environ["ECLUSE_THREADS"]),
            # The rest is for Python and for what the engine does not count.
            "memory_limit": f"{int(os.environ['ECLUSE_MEMORY_BYTES']) * 3 // 4}B",
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        },
    )
    folders = [str(folder) for folder in (DATA, INPUTS, OUTPUTS) if folder.is_dir()]
    connection.execute("SET allowed_directories = ?", [folders])
    connection.execute("SET temp_directory = '/tmp/spill'")
    return connection


def _show_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for path in _tables(DATA):
        _show(connection, _quoted(path.stem), path)
    for folder in sorted(INPUTS.iterdir()) if INPUTS.is_dir() else ():
        connection.execute(f"CREATE SCHEMA {_quoted(folder.name)}")
        for path in _tables(folder):
            _show(connection, f"{_quoted(folder.name)}.{_quoted(path.stem)}", path)


def _tables(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in READERS)


def _show(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    place = str(path).replace("'", "''")  # a view cannot hold a bound value
    reader = READERS[path.suffix]
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {reader}('{place}')")  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _statements(
    connection: duckdb.DuckDBPyConnection, text: str
) -> Iterator[tuple[int, duckdb.Statement]]:
    """Yield each statement with the line where it begins."""
    place = 0
    for statement in connection.extract_statements(text):
        found = text.find(statement.query.strip(), place)
        place = found if found >= 0 else place
        yield text.count("\n", 0, place) + 1, statement
        place += len(statement.query.strip())


def _write(connection: duckdb.DuckDBPyConnection, name: Path) -> None:
    """A name that is no table of ours ends the action: the study declares it."""
    if name.suffix not in WRITERS:
        return
    connection.table(name.stem).create_view("ecluse_output", replace=True)
    target = OUTPUTS / name.name
    connection.execute(f"COPY ecluse_output TO '{target}' ({WRITERS[name.suffix]})")


if __name__ == "__main__":
    main()
