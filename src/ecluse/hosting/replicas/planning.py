"""Planning: read everything at the source once, refuse what is in clear, sign what is there."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.hosting.replicas import digests, manifests
from ecluse.hosting.replicas.manifests import Header, Item, Manifest
from ecluse.hosting.stores.interface import Source, Stored
from ecluse.trust.envelopes import chunks
from ecluse.trust.keys import SigningKey, to_milliseconds
from ecluse.trust.zone.sealed_files import MAGIC

WORKERS: Final = 4
SEALED: Final = (MAGIC, chunks.MAGIC, b"PARE")
"""How sealed files and objects begin, and Parquet files whose footer is encrypted."""


def plan(
    source: Source,
    *,
    header: Header,
    key: SigningKey,
    clear: tuple[str, ...] = (),
    on_object: Callable[[Item], object] = lambda _: None,
) -> Manifest:
    """Return the signed manifest of everything at `source`.

    `clear` are patterns of paths (`*.json`) that may be in clear, because they tell of nobody.

    Raises:
        NotAllowed: an object is in clear: a host may only keep what it cannot read.
        InvalidInput: there is nothing to copy, or an object changed while it was read.
    """
    listed = sorted(source.list())
    if not listed:
        raise InvalidInput(f"{source.place} holds nothing: check the address of the source.")

    def read(stored: Stored) -> Item:
        item = _describe(source, stored, clear=clear)
        on_object(item)
        return item

    with ThreadPoolExecutor(WORKERS) as pool:
        items = list(pool.map(read, listed))
    return manifests.sign(header, items, key)


def next_header(
    dataset: str, former: Manifest | None, *, now: datetime, data_key: str | None = None
) -> Header:
    """Return the header of the version that follows `former`, or of the first."""
    at = codec.format_instant(to_milliseconds(now))
    if former is None:
        return Header(dataset, 1, at, None, data_key)
    return Header(dataset, former.header.number + 1, at, former.root, data_key)


def _describe(source: Source, stored: Stored, *, clear: tuple[str, ...]) -> Item:
    item = digests.describe(stored.key, _sealed(source, stored, clear=clear))
    if item.size != stored.size:
        raise InvalidInput(f"{stored.key} changed while it was read: let nothing write, then plan.")
    return item


def _sealed(source: Source, stored: Stored, *, clear: tuple[str, ...]) -> Iterator[bytes]:
    pieces = source.stream(stored.key)
    first = next(pieces, b"")
    may_be_clear = any(fnmatchcase(stored.key, pattern) for pattern in clear)
    if not may_be_clear and not first.startswith(SEALED):
        raise NotAllowed(
            f"{stored.key} is not sealed: encrypt the dataset (`ecluse lake encrypt`), or name "
            "with --clear the files that tell of nobody."
        )
    yield first
    yield from pieces
