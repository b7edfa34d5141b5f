"""A signed list of opt-outs as the engine reads it: from the document, or from the file beside."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from ecluse.data.engines import connect, literal_path
from ecluse.data.optouts.indexes import SUFFIX, write_index
from ecluse.domain import optouts
from ecluse.domain.documents import Basis, OptOutList
from ecluse.domain.errors import BadSignature, Malformed, StaleOptOuts
from ecluse.trust import canonical

LISTED: Final = "listed_id"
MEMORY: Final = "1GiB"


@dataclass(frozen=True, slots=True)
class Listing:
    """One list, and the folder that holds the files it names, each by the digits of its digest.

    `is_exception`: the decision applies EHDS art. 71(4).
    """

    opt_outs: OptOutList
    is_exception: bool = False
    folder: Path | None = None

    def bases(self, *, is_national: bool) -> tuple[Basis, ...]:
        """Return the bases that bind the use of a dataset."""
        return optouts.applied_bases(is_exception=self.is_exception, is_national=is_national)

    def paths(self) -> tuple[Path, ...]:
        """Return the files of the list, which the engine must be let read. Raises StaleOptOuts."""
        return tuple(self._path(file.digest) for file in self.opt_outs.files)

    def relation(self, connection: DuckDBPyConnection, basis: Basis) -> DuckDBPyRelation:
        """Return the identifiers of a basis, in the column `listed_id`. Raises StaleOptOuts."""
        file = self.opt_outs.file(basis)
        if file is None:
            held = pa.array(self.opt_outs.ids(basis), pa.string())
            return connection.from_arrow(pa.table({LISTED: held}))
        return connection.read_csv(
            literal_path(self._path(file.digest)),
            header=False,
            names=[LISTED],
            dtype={LISTED: "VARCHAR"},
            delimiter="\t",
            quotechar="",
            escapechar="",
        )

    def identifiers(self, basis: Basis) -> Iterator[str]:
        """Yield the identifiers of a basis in order, never all in memory. Raises StaleOptOuts."""
        file = self.opt_outs.file(basis)
        if file is None:
            yield from self.opt_outs.ids(basis)
            return
        with self._path(file.digest).open(encoding="ascii") as lines:
            for line in lines:
                yield line.rstrip("\n")

    def index(self, basis: Basis) -> Path | None:
        """Return the index of a long list, where one was made."""
        file = self.opt_outs.file(basis)
        if file is None:
            return None
        path = self._path(file.digest)
        found = path.with_name(f"{path.name}{SUFFIX}")
        return found if found.is_file() else None

    def make_indexes(self) -> None:
        """Make the index of each file that has none. Raises StaleOptOuts, StorageFull."""
        for file in self.opt_outs.files:
            path = self._path(file.digest)
            if self.index(file.basis) is None:
                with connect(readable=[path], memory_limit=MEMORY) as connection:
                    listed = self.relation(connection, file.basis)
                    write_index(path.with_name(f"{path.name}{SUFFIX}"), listed, LISTED)

    def check_files(self) -> None:
        """Pass if each file is the one signed, sorted, as long as told.

        Raises StaleOptOuts, BadSignature, Malformed.
        """
        for file in self.opt_outs.files:
            path = self._path(file.digest)
            if path.stat().st_size != file.size or canonical.digest_file(path) != file.digest:
                raise BadSignature(f"{path} is not the file of the list: fetch it again.")
            _check_order(self.identifiers(file.basis), file.count)

    def _path(self, digest: str) -> Path:
        path = None if self.folder is None else self.folder / digest.removeprefix("sha256:")
        if path is None or not path.is_file():
            raise StaleOptOuts(
                f"The file of the opt-out list for {self.opt_outs.permit_number} is not here: ask "
                "the register to send the list again."
            )
        return path


def _check_order(identifiers: Iterator[str], count: int) -> None:
    found, last = 0, ""
    for one in identifiers:
        if one <= last:
            raise Malformed(f"Line {found + 1} of an opt-out list is out of order, or empty.")
        found, last = found + 1, one
    if found != count:
        raise Malformed(f"An opt-out list has {found} identifiers instead of {count}.")
