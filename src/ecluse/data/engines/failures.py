"""What an engine's errors mean to the person who runs a command."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ecluse.domain.errors import LoadFailed, StorageFull

FULL = (errno.ENOSPC, errno.EDQUOT)
FULL_WORDS = ("no space left", "disk quota exceeded", "max_temp_directory_size")


@contextmanager
def storage_failures(folder: Path) -> Iterator[None]:
    """Turn a full disk, met by Python or by DuckDB, into StorageFull naming `folder`."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        raise StorageFull(_message(folder)) from None
    except duckdb.Error as error:
        if not is_full(error):
            raise
        # `from None`: the engine's message can quote the row it was writing.
        raise StorageFull(_message(folder)) from None


@contextmanager
def engine_failures(told: Callable[[], str]) -> Iterator[None]:
    """Turn an engine that stopped into LoadFailed; `told` begins its message. A full disk passes.

    The engine's own words never appear: they can quote the row that it was working on.
    """
    try:
        yield
    except duckdb.Error as error:
        if is_full(error):
            raise
        raise LoadFailed(
            f"{told()} ({type(error).__name__}): retry with more memory or more disk; if it stops "
            "there again, report it. Nothing was published."
        ) from None


def is_full(error: Exception) -> bool:
    """Say whether `error` means that no space is left on a disk."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(words in str(error).lower() for words in FULL_WORDS)


def _message(folder: Path) -> str:
    return (
        f"No space is left under {folder}. What was published before is untouched: free some "
        "space, then run the same command again."
    )
