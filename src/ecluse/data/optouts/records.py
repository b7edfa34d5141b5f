"""What a zone keeps of an extract to prove whom it holds: sealed digests, read by the zone alone.

optouts/<list digest>/<basis>.digests      the list of a basis, under the key of that list
optouts/<list digest>/<order>.persons      the identifiers of whom an extract holds, same key

One key serves a list and the extracts made under it, so that both can be compared; it is drawn at
random, wrapped by the zone's key, and is that of no project: records outlive the data they speak
of, as answers to citizens need.
"""

import hmac
import json
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Final

from ecluse.data.optouts.lists import Listing
from ecluse.data.optouts.matching import Told
from ecluse.domain.documents import Basis, ListCommitment, OptOutEvidence, RemovedPersons
from ecluse.domain.documents.optouts import REASONS
from ecluse.domain.errors import Malformed, NotFound
from ecluse.trust import durable
from ecluse.trust.commitments import DIGEST_BYTES, DigestSet, keyed_digests
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.sealed_files import DataKey, OpenedFile, SealingFile, open_sealed

PROJECT: Final = "opt-out-records"
"""Under which the keys of records are kept: no permit has such a number."""
DIGESTS: Final = ".digests"
PERSONS: Final = ".persons"
PERMIT: Final = ".permit.json"
NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
"""As the agent checks the numbers that become folders."""
PURPOSE: Final = b"ecluse opt-out digests\0"


@dataclass(frozen=True, slots=True)
class ListRecord:
    """The record of one list of opt-outs."""

    folder: Path
    key: DataKey

    def lists(self) -> dict[Basis, DigestSet]:
        """Return the digests of the list of each basis. Raises BadSignature, NotFound."""
        return {
            basis: DigestSet(_read(self.folder, f"{basis.value}{DIGESTS}", self.key))
            for basis in Basis
        }

    def digest(self, identifier: str) -> bytes:
        """Return the digest of an identifier in this record."""
        return hmac.digest(self.digest_key, identifier.encode(), "sha256")

    @property
    def digest_key(self) -> bytes:
        """The key of the digests: who has it and an identifier can look for it in a proof."""
        return _digest_key(self.key)


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one extract, or of one answer to a data request, beside that of its list.

    `permit_number`: the number of the permit, or of the request.
    """

    order_number: str
    permit_number: str
    listed: ListRecord

    def persons(self) -> DigestSet:
        """Return the digests of the identifiers of whom the extract holds. Raises BadSignature."""
        name = f"{self.order_number}{PERSONS}"
        return DigestSet(_read(self.listed.folder, name, self.listed.key))

    def holds(self, identifiers: Sequence[str]) -> bool:
        """Say whether the extract holds a person who has one of these identifiers."""
        name, key = f"{self.order_number}{PERSONS}", self.listed.key
        with (
            (self.listed.folder / name).open("rb") as source,
            OpenedFile(source, key, name=name) as file,
        ):
            found = _SealedDigests(file)
            return any(found.holds(self.listed.digest(one)) for one in identifiers)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one zone, in its folder `optouts`."""

    folder: Path
    keys: ExtractKeys

    def make_list(self, listing: Listing, digest: str) -> Path:
        """Return the folder of a list, its digests made once; killed, it begins again.

        Raises StaleOptOuts, StorageFull.
        """
        folder = self.folder / _digits(digest)
        if self._is_whole(folder):
            return folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = self.keys.draw(PROJECT)
        for basis in Basis:
            made = keyed_digests(listing.identifiers(basis), _digest_key(key))
            _write(folder, f"{basis.value}{DIGESTS}", made, key)
            # What an extraction says of the list, without making its tree again.
            committed = {"commitment": DigestSet(made).commitment(), "key": key.key_id}
            durable.write(folder / f"{basis.value}.json", json.dumps(committed).encode())
        return folder

    def keep(
        self, list_digest: str, order_number: str, permit_number: str, identifiers: Iterable[str]
    ) -> str:
        """Keep whom an extract holds, in place of what a killed one left; return the commitment.

        The list's own record must exist. Raises NotFound, Malformed, StorageFull.
        """
        folder = self.folder / _digits(list_digest)
        key = self._key(folder)
        made = keyed_digests(identifiers, _digest_key(key))
        name = f"{_checked(order_number)}{PERSONS}"
        durable.write(folder / f"{order_number}{PERMIT}", json.dumps(permit_number).encode())
        _write(folder, name, made, key)
        return DigestSet(made).commitment()

    def commitments(self, list_digest: str, bases: Iterable[Basis]) -> tuple[ListCommitment, ...]:
        """Return what binds the list of each of these bases. Raises NotFound."""
        folder = self.folder / _digits(list_digest)
        return tuple(ListCommitment(one, _committed(folder, one)["commitment"]) for one in bases)

    def all(self) -> Iterator[Record]:
        """Yield the record of every extract, one list after the other."""
        for path in sorted(self.folder.glob(f"*/*{PERSONS}")):
            yield self._record(path)

    def of_order(self, order_number: str) -> Record:
        """Return the record of one extract. Raises NotFound, Malformed."""
        found = sorted(self.folder.glob(f"*/{_checked(order_number)}{PERSONS}"))
        if not found:
            raise NotFound(
                f"No record of extract {order_number} is kept here: it was made before records "
                "were, or in another zone."
            )
        return self._record(found[0])

    def of_list_digest(self, digest: str) -> ListRecord:
        """Return the record of a list. Raises NotFound."""
        folder = self.folder / _digits(digest)
        return ListRecord(folder, self._key(folder))

    def _record(self, path: Path) -> Record:
        order_number = path.name.removesuffix(PERSONS)
        permit = json.loads((path.parent / f"{order_number}{PERMIT}").read_bytes())
        listed = ListRecord(path.parent, self._key(path.parent))
        return Record(order_number, str(permit), listed)

    def _is_whole(self, folder: Path) -> bool:
        told = [folder / f"{basis.value}.json" for basis in Basis]
        if not all(path.is_file() for path in told):
            return False
        return len({_committed(folder, basis)["key"] for basis in Basis}) == 1

    def _key(self, folder: Path) -> DataKey:
        if not self._is_whole(folder):
            raise NotFound(f"The list {folder.name[:12]} has no record here: receive it again.")
        return self.keys.find(PROJECT, _committed(folder, Basis.EHDS)["key"])


class _SealedDigests(Sequence[bytes]):
    """The sorted digests of a sealed file, of which only a few chunks are opened."""

    def __init__(self, file: OpenedFile) -> None:
        self._file = file
        self._count = file.seek(0, os.SEEK_END) // DIGEST_BYTES

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        self._file.seek(index * DIGEST_BYTES)
        return self._file.read(DIGEST_BYTES) or b""

    def holds(self, digest: bytes) -> bool:
        """Say whether a digest is there, looked for near where chance puts it."""
        near = int.from_bytes(digest[:8], "big") * self._count >> 64
        spread = 16 + 4 * isqrt(self._count)  # eight standard deviations
        low, high = max(0, near - spread), min(self._count, near + spread)
        if low and self[low] > digest:
            low = 0
        if high < self._count and self[high] < digest:
            high = self._count
        rank = bisect_left(self, digest, low, high)
        return rank < self._count and self[rank] == digest


def evidence(
    told: Told, listing: Listing, lists: tuple[ListCommitment, ...], persons: str
) -> OptOutEvidence:
    """Return what a receipt says of the opt-outs of an extract."""
    return OptOutEvidence(
        as_of=listing.opt_outs.as_of,
        is_exception=listing.is_exception,
        person_count=len(told.keys),
        removed=told.removed(),
        lists=lists,
        persons=persons,
    )


def commitment_alone(
    listing: Listing, lists: tuple[ListCommitment, ...], persons: str
) -> OptOutEvidence:
    """Return what the receipt of statistics says: what binds them, and no count of persons.

    The exact number of who was counted, or left out, would tell what the tables hide.
    """
    return OptOutEvidence(
        as_of=listing.opt_outs.as_of,
        is_exception=listing.is_exception,
        person_count=None,
        removed=tuple(RemovedPersons(reason, None) for reason in REASONS),
        lists=lists,
        persons=persons,
    )


def _committed(folder: Path, basis: Basis) -> dict[str, str]:
    content: dict[str, str] = json.loads((folder / f"{basis.value}.json").read_bytes())
    return content


def _digits(digest: str) -> str:
    return _checked(digest.removeprefix("sha256:"))


def _checked(number: str) -> str:
    if not NUMBER.fullmatch(number):
        raise Malformed("A number of the document cannot name a file.")
    return number


def _digest_key(key: DataKey) -> bytes:
    return hmac.digest(key.secret, PURPOSE, "sha256")


def _write(folder: Path, name: str, data: bytes, key: DataKey) -> None:
    with durable.replacing(folder / name) as file:
        sealing = SealingFile(file, key, name=name)
        sealing.write(data)
        sealing.finish()


def _read(folder: Path, name: str, key: DataKey) -> bytes:
    try:
        source = (folder / name).open("rb")
    except FileNotFoundError:
        raise NotFound(f"{folder / name} is missing: restore it from its copy.") from None
    with source, open_sealed(source, key, name=name) as file:
        return file.read()
