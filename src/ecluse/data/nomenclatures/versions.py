"""The versions of each nomenclature that the operator loaded, kept beside the datasets.

<lake>/.nomenclatures/<NAME>/<first day of validity>-<16 hex of its digest>.parquet

A version is two columns, `code` and `label`; it holds until the next one begins. The file says the
rest about itself (title, column it came from), so there is no list of files to keep in step.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from ecluse.domain.errors import InvalidInput, NotFound, SnapshotDamaged
from ecluse.trust import canonical

FOLDER: Final = ".nomenclatures"
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
FILE: Final = re.compile(r"(\d{4}-\d\d-\d\d)-([0-9a-f]{16})\.parquet")
DIGEST_DIGITS: Final = 16
TITLE: Final = b"ecluse.title"
CODE_COLUMN: Final = b"ecluse.code_column"

On = date | tuple[int, int] | None
"""A day, a first and last year, or None for the latest version."""


@dataclass(frozen=True)
class Version:
    """One version: its codes hold from `valid_from` until the day before `valid_until`."""

    path: Path
    valid_from: date
    valid_until: date | None
    title: str
    code_column: str
    size: int

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The label of each code, '' where it has none, sorted by code. Read once.

        Raises:
            SnapshotDamaged: the file is not the one that was loaded.
        """
        digest = canonical.digest_file(self.path).partition(":")[2]
        if digest[:DIGEST_DIGITS] not in self.path.name:
            raise SnapshotDamaged(f"{self.path.name} was changed: load that nomenclature again.")
        table = pq.read_table(self.path, columns=["code", "label"], partitioning=None)
        return dict(zip(table["code"].to_pylist(), table["label"].to_pylist(), strict=True))

    def overlaps(self, first: date, last: date) -> bool:
        """Whether a day of the period, both ends included, is a day of this version."""
        return self.valid_from <= last and (self.valid_until is None or self.valid_until > first)


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """A code list with its versions, oldest first; there is at least one."""

    name: str
    versions: tuple[Version, ...]

    def during(self, on: On) -> tuple[Version, ...]:
        """Return the versions that hold on a day or during years; the latest when None.

        Raises:
            NotFound: none held then.
        """
        if on is None:
            return self.versions[-1:]
        first, last = (on, on) if isinstance(on, date) else _ends(on)
        found = tuple(version for version in self.versions if version.overlaps(first, last))
        if not found:
            raise NotFound(
                f"No version of {self.name} holds on {last}: the oldest begins on "
                f"{self.versions[0].valid_from}. Load an older one with --valid-from."
            )
        return found


class Nomenclatures:
    """The nomenclatures of one lake."""

    def __init__(self, lake: Path) -> None:
        self.path = lake / FOLDER

    def names(self) -> tuple[str, ...]:
        """Return the names of the nomenclatures loaded, sorted."""
        if not self.path.is_dir():
            return ()
        return tuple(sorted(folder.name for folder in self.path.iterdir() if _files(folder)))

    def get(self, name: str) -> Nomenclature:
        """Return one nomenclature. Raises NotFound."""
        files = _files(self.path / check_name(name))
        if not files:
            raise NotFound(
                f"The nomenclature {name} is not loaded: load it with "
                f"`ecluse lake nomenclature load FILE --name {name} --valid-from …`."
            )
        starts = [day for day, _ in files]
        ends = [*starts[1:], None]
        return Nomenclature(
            name,
            tuple(_version(file, day, end) for (day, file), end in zip(files, ends, strict=True)),
        )


def check_name(name: str) -> str:
    """Return `name` if it can name a nomenclature. Raises InvalidInput."""
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"{name[:80]!r} cannot name a nomenclature: use letters, digits and underscores, "
            "a letter first."
        )
    return name


def _files(folder: Path) -> list[tuple[date, Path]]:
    if not folder.is_dir():
        return []
    found = [(FILE.fullmatch(file.name), file) for file in folder.iterdir()]
    return sorted((date.fromisoformat(match[1]), file) for match, file in found if match)


def _version(path: Path, valid_from: date, valid_until: date | None) -> Version:
    schema = pq.read_metadata(path)
    said = schema.metadata or {}
    return Version(
        path=path,
        valid_from=valid_from,
        valid_until=valid_until,
        title=said.get(TITLE, b"").decode(),
        code_column=said.get(CODE_COLUMN, b"").decode(),
        size=schema.num_rows,
    )


def _ends(years: tuple[int, int]) -> tuple[date, date]:
    first, last = years
    if first > last:
        raise InvalidInput(f"The years {first}-{last} end before they begin.")
    return date(first, 1, 1), date(last, 12, 31)
