"""Who is behind each number that was released: sets of persons, kept inside the zone alone.

A set is stored as runs of 65,536 persons, each as a list of 16-bit numbers or, when that is
longer, as one bit a person: the containers of roaring bitmaps (Lemire et al., 2018).
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecluse.data.results.requests import Persons
from ecluse.data.tabulation import Memory
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.data.tabulation.memory import Earlier
from ecluse.domain.errors import Refused
from ecluse.trust import durable

RUN: Final = 1 << 16
MOST_LISTED: Final = RUN // 16
FOLDER: Final = "released"
PERSONS: Final = "persons"
"""Who the ordinals are: 64 bits of a pseudonym of the zone alone, in order."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A number of persons shown somewhere: its place, who they are (ordinals, rising)."""

    place: str
    persons: PersonKeys


@dataclass(frozen=True, slots=True)
class Released:
    """What one file told of persons: its release, its project, its predicates."""

    release: str
    project: str
    file: str
    predicates: tuple[Predicate, ...]

    @property
    def digest(self) -> str:
        """What may be told outside of who is behind the file."""
        return f"sha256:{hashlib.sha256(encoded(self)).hexdigest()}"


class Releases:
    """The files released, by dataset, beside the answers given to data requests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def of(self, dataset: str) -> Iterator["DatasetReleases"]:
        """Give the releases of one dataset; whoever else asks waits until this is done.

        Raises:
            InvalidInput: the name of the dataset cannot be that of a folder.
        """
        # The lock is that of the answers: both spend one budget, and compare with each other.
        with Memory(self._folder).of(dataset) as answers:
            folder = self._folder / dataset / FOLDER
            folder.mkdir(mode=0o700, exist_ok=True)
            yield DatasetReleases(folder, answers.earlier(), secret=answers.secret())


class DatasetReleases:
    """The releases of one dataset, held while one more is compared or made."""

    def __init__(self, folder: Path, answers: tuple[Earlier, ...], *, secret: bytes) -> None:
        self._folder = folder
        self._answers = answers
        self.secret = secret
        """What draws on this dataset are keyed with."""

    def earlier(self) -> tuple[Released, ...]:
        """Return all files released. Raises Refused if one was altered."""
        return tuple(_read(file) for file in sorted(self._folder.glob("*.predicates")))

    def answered(
        self, snapshot: str, lake_keys: PersonKeys, ordinals: PersonKeys
    ) -> tuple[Released, ...]:
        """Return the populations whose number was answered from one snapshot.

        Keys of the lake hold in one snapshot: `ordinals` are those of `lake_keys`, in their order.
        """
        order = np.argsort(lake_keys)
        found = []
        for given in self._answers:
            is_told = any(shown.get(()) is not None for shown in given.shown.values())
            if is_told and given.snapshot == snapshot:
                places = order[np.searchsorted(lake_keys[order], given.persons)]
                persons = np.sort(ordinals[places])
                number = given.plan.number
                one = Predicate("total", persons)
                found.append(Released(f"answer {number}", number, "population", (one,)))
        return tuple(found)

    def ordinals(self, identities: Persons) -> PersonKeys:
        """Return the ordinals of persons, the same whatever the project, the order, the snapshot.

        Who is met for the first time gets the next one.
        """
        path = self._folder / PERSONS
        known = np.frombuffer(path.read_bytes() if path.exists() else b"", "<u8")
        new = np.setdiff1d(identities, known)
        if new.size:
            known = np.concatenate([known, new.astype("<u8")])
            durable.write(path, known.tobytes())
        order = np.argsort(known)
        return order[np.searchsorted(known[order], identities)].astype(np.int32)

    def remember(self, released: Released) -> str:
        """Keep what a file tells, once; return its digest. Nothing is released before."""
        body = encoded(released)
        digest = hashlib.sha256(body).hexdigest()
        path = self._folder / f"{digest}.predicates"
        if not path.exists():
            durable.write(path, body)
        return f"sha256:{digest}"


def encoded(released: Released) -> bytes:
    """Return the bytes of a file's predicates; the same predicates give the same bytes."""
    packed = [_packed(one.persons) for one in released.predicates]
    header = {
        "release": released.release,
        "project": released.project,
        "file": released.file,
        "predicates": [
            [one.place, len(body)] for one, body in zip(released.predicates, packed, strict=True)
        ],
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return len(text).to_bytes(8, "big") + text + zlib.compress(b"".join(packed), 6)


def decoded(body: bytes) -> Released:
    """Return the predicates that `encoded` wrote."""
    size = int.from_bytes(body[:8], "big")
    header: dict[str, Any] = json.loads(body[8 : 8 + size])
    data, start = zlib.decompress(body[8 + size :]), 0
    predicates = []
    for place, length in header["predicates"]:
        predicates.append(Predicate(place, _unpacked(data[start : start + length])))
        start += length
    return Released(header["release"], header["project"], header["file"], tuple(predicates))


def _read(file: Path) -> Released:
    body = file.read_bytes()
    if hashlib.sha256(body).hexdigest() != file.stem:
        raise Refused(f"What release {file.stem[:16]} told was altered: restore it from its copy.")
    return decoded(body)


def _packed(persons: PersonKeys) -> bytes:
    """Write runs one after the other: rank of the run, persons in it, then the container."""
    parts: list[bytes] = []
    runs = persons.astype(np.int64) // RUN
    starts = np.flatnonzero(np.diff(runs, prepend=-1))
    for start, end in zip(starts, [*starts[1:], persons.size], strict=True):
        inside = (persons[start:end] % RUN).astype(np.uint16)
        parts.append(np.array([runs[start], inside.size], "<u4").tobytes())
        parts.append(_container(inside))
    return b"".join(parts)


def _container(inside: "np.ndarray[Any, np.dtype[np.uint16]]") -> bytes:
    if inside.size <= MOST_LISTED:
        return inside.astype("<u2").tobytes()
    bits = np.zeros(RUN, np.uint8)
    bits[inside] = 1
    return np.packbits(bits).tobytes()


def _unpacked(body: bytes) -> PersonKeys:
    found: list[Sequence[int]] = []
    start = 0
    while start < len(body):
        run, size = (int(n) for n in np.frombuffer(body[start : start + 8], "<u4"))
        start += 8
        if size <= MOST_LISTED:
            inside = np.frombuffer(body[start : start + 2 * size], "<u2").astype(np.int64)
            start += 2 * size
        else:
            bits = np.frombuffer(body[start : start + RUN // 8], np.uint8)
            inside = np.flatnonzero(np.unpackbits(bits))
            start += RUN // 8
        found.append(inside + run * RUN)  # type: ignore[arg-type]
    return np.concatenate(found).astype(np.int32) if found else np.zeros(0, np.int32)
