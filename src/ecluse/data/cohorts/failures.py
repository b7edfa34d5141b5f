"""What it means that an engine stopped, in words that quote no row.

The engine's own words never appear: they can quote the row that it was working on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from ecluse.data.engines import is_full
from ecluse.domain.errors import JobFailed, StorageFull


@contextmanager
def engine_stops(*kinds: type[Exception], doing: str) -> Iterator[None]:
    """Turn the errors of an engine into ours; `doing` says what it was asked.

    `kinds` are those of an engine beside DuckDB and Arrow.

    Raises:
        StorageFull: it had too little memory, or disk to spill into.
        JobFailed: it stopped for another reason, whose kind alone is told.
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, pa.ArrowMemoryError, MemoryError):
        raise StorageFull(
            f"Too little memory to {doing}: give it more, or a folder to spill into, then retry."
        ) from None
    except (duckdb.Error, pa.ArrowException, *kinds) as error:
        if is_full(error):
            raise StorageFull(f"No space is left to {doing}: free some, then retry.") from None
        raise JobFailed(
            f"The engine stopped ({type(error).__name__}) and could not {doing}: retry; if it "
            "stops again, report it with this kind of error."
        ) from None
