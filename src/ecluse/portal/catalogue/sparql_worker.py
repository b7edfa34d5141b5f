"""One question in SPARQL, in a process of its own: `sparql_worker.py FOLDER FORMAT < question`.

It imports nothing of the product. It leaves the network, where the system lets it, before it reads
the question; memory and processor time are bounded. Ends with 2 where the question is refused.
"""

import contextlib
import ctypes
import io
import os
import resource
import sys

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
)

MEMORY_BYTES = 4 * 1024**3
SECONDS = 12
ANSWER_BYTES = 20_000_000
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
FORMATS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}


class TooMuch(Exception):
    """The answer is larger than what is given."""


class Bounded(io.BytesIO):
    """Bytes up to a limit."""

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Write, or raise TooMuch."""
        if self.tell() + len(data) > ANSWER_BYTES:
            raise TooMuch
        return super().write(data)


def _leave() -> None:
    """Bound this process, and put it where no network is."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK)


def main(folder: str, kind: str) -> int:
    """Answer the question of the standard input."""
    _leave()
    query = sys.stdin.buffer.read().decode()
    store = Store.read_only(folder)
    out = Bounded()
    try:
        answer = store.query(query)
        out.write(b"graph\n" if isinstance(answer, QueryTriples) else b"rows\n")
        if isinstance(answer, QueryTriples):
            answer.serialize(out, format=RdfFormat.TURTLE)
        elif isinstance(answer, QuerySolutions | QueryBoolean):
            answer.serialize(out, format=FORMATS[kind])
    except (SyntaxError, ValueError) as error:
        sys.stderr.write(str(error))
        return 2
    sys.stdout.buffer.write(out.getvalue())
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1], sys.argv[2])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
