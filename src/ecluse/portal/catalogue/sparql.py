"""Questions in SPARQL, answered apart: read-only, bounded in time, memory and size, no network.

The graph of the catalogue is written by `index` to a folder that each question opens read-only, in
a process of its own: a question that never ends is ended with it.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from pyoxigraph import RdfFormat, Store

from ecluse.domain.errors import InvalidInput, SetupIncomplete, Unreachable
from ecluse.portal.catalogue import actions, resources
from ecluse.portal.catalogue.models import DescriptionRecord

SECONDS: Final = 10
QUERY_LENGTH: Final = 20_000
RESULTS: Final = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""How rows are given, by media type."""
WORKER: Final = Path(__file__).with_name("sparql_worker.py")
REFUSED: Final = 2
"""How the worker ends when the question cannot be read."""

AT_ONCE: Final = 2
WAITING: Final = threading.BoundedSemaphore(AT_ONCE)
"""How many questions one server process answers at once: each may take a processor whole."""

NAMES: Final = re.compile(r"[:?$][A-Za-z_]*service", re.IGNORECASE)
ADDRESSES: Final = re.compile(r"<[^<>\"{}|^`\\\s]*>")


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows, or a graph in Turtle, as bytes."""

    data: bytes
    media_type: str


def index(*, now: datetime, is_judged: bool) -> int:
    """Write the graph of the catalogue anew; return how many datasets it holds."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / now.strftime("%Y%m%dT%H%M%S%f")
    store, count = Store(str(new)), 0
    for held in DescriptionRecord.objects.shown().exportable(is_judged=is_judged).iterator():
        store.bulk_load(actions.rendered(held), RdfFormat.N_TRIPLES)
        count += 1
    for resource in resources.exportable():
        store.bulk_load(resources.rendered(resource), RdfFormat.N_TRIPLES)
    store.flush()
    del store
    for old in sorted(folder.iterdir())[:-2]:
        # The one before the last may still be read by a question that goes on.
        shutil.rmtree(old, ignore_errors=True)
    return count


def ask(query: str, media_type: str) -> Answer:
    """Return the answer to a question.

    Raises:
        InvalidInput: not a question in SPARQL, too long, or one that asks another server.
        Unreachable: it takes too long.
        SetupIncomplete: the graph was never written.
    """
    _check(query)
    if not WAITING.acquire(timeout=SECONDS):
        raise Unreachable("Too many questions are being answered: ask again in a minute.")
    try:
        return _answer(query, media_type)
    finally:
        WAITING.release()


def _answer(query: str, media_type: str) -> Answer:
    given = [sys.executable, "-I", str(WORKER), str(_latest()), RESULTS.get(media_type, "json")]
    try:
        done = subprocess.run(  # noqa: S603 - our own worker, its arguments are ours
            given,
            input=query.encode(),
            capture_output=True,
            timeout=SECONDS,
            env={"PATH": os.defpath},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreachable(f"The question takes over {SECONDS} s: ask for less.") from None
    if done.returncode == REFUSED:
        raise InvalidInput(f"The question cannot be answered: {done.stderr.decode()[:300]}")
    if done.returncode:
        raise Unreachable("The question takes too much memory or answers too much: add a LIMIT.")
    kind, _, data = done.stdout.partition(b"\n")
    return Answer(data, "text/turtle" if kind == b"graph" else media_type)


def _check(query: str) -> None:
    if not query.strip() or len(query) > QUERY_LENGTH:
        raise InvalidInput(f"Give a question in SPARQL, of {QUERY_LENGTH} characters at most.")
    # Oxigraph would call the server that a SERVICE names; names and addresses may hold the word.
    if "service" in ADDRESSES.sub("", NAMES.sub("", query)).lower():
        raise InvalidInput("SERVICE is not answered here: ask the other server yourself.")


def _folder() -> Path:
    return Path(settings.ECLUSE_HOME) / "portal" / "catalogue-graph"


def _latest() -> Path:
    found = sorted(_folder().iterdir()) if _folder().is_dir() else []
    if not found:
        raise SetupIncomplete(
            "The graph of the catalogue was not written yet: run `ecluse catalogue verify`."
        )
    return found[-1]
