"""Connections that can reach the folders they are given, and nothing else."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from ecluse.domain.errors import InvalidInput

OnProgress = Callable[[str, int, int], None]
"""Called with (step, done, total): what a long stage is doing and how far it is."""


def connect(
    *,
    memory_limit: str = "1GiB",
    threads: int = 2,
    readable: Sequence[Path],
    writable: Sequence[Path] = (),
    keeps_join_sides: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Return a fresh in-memory database that reaches only the files and folders given.

    No network, no extension, no setting can be changed afterwards. What does not fit in
    `memory_limit` spills into the first folder of `writable`; without one, it fails rather than
    leave rows of persons in a shared temporary folder. DuckDB has one list of allowed folders,
    so `readable` protects against reading elsewhere, not against writing there: give a read-only
    mount where that matters.

    `keeps_join_sides`: of a join written `a.join(b)`, b is the side held in memory. The engine
    takes every text file for 42 rows, and would otherwise hold it instead of what it is joined to.

    Raises:
        InvalidInput: a folder or file given does not exist.
    """
    allowed = [_existing(path) for path in (*readable, *writable)]
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "disabled_optimizers": "build_side_probe_side" if keeps_join_sides else "",
        },
    )
    folders = [str(path) for path in allowed if path.is_dir()]
    files = [str(path) for path in allowed if not path.is_dir()]
    spill = str(_existing(writable[0]) / f".spill-{os.getpid()}") if writable else ""
    connection.execute("SET allowed_directories = ?", [folders])
    connection.execute("SET allowed_paths = ?", [files])
    connection.execute("SET temp_directory = ?", [spill])
    connection.execute("SET parquet_metadata_cache = true")  # parts never change
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InvalidInput(f"{path} does not exist: give a folder or a file that does.")
    return path.resolve()
