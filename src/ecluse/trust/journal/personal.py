"""Personal fields that can be erased: the entry holds a commitment, the value lies beside it.

A commitment is HMAC-SHA-256 of the value under a salt of 32 bytes drawn for it alone. Who has value
and salt can show that the entry meant it; once both are erased, the commitment says nothing: not
even somebody who guesses the value can tell. The tree does not change.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.domain.errors import BadSignature, Malformed, NotFound
from ecluse.trust import canonical, durable
from ecluse.trust.journal.entries import Details, Entry

PREFIX: Final = "committed."
"""Before the name of a field, in the details of an entry."""
PERSONAL_SUFFIX: Final = ".personal"
SALT_BYTES: Final = 32
DOMAIN: Final = b"ecluse personal field 1\n"


@dataclass(frozen=True, slots=True)
class Opened:
    """A personal field in clear: what is erased. `salt` is in hexadecimal. Never printed."""

    name: str
    value: str
    salt: str

    def __repr__(self) -> str:
        return f"Opened(name={self.name!r})"

    def commitment(self) -> str:
        """Return what the entry holds: 64 hexadecimal characters."""
        message = DOMAIN + self.name.encode() + b"\n" + self.value.encode()
        return hmac.digest(bytes.fromhex(self.salt), message, "sha256").hex()


def draw(values: Mapping[str, str]) -> tuple[Opened, ...]:
    """Return the fields with a salt each, drawn at random."""
    return tuple(
        Opened(name, value, secrets.token_hex(SALT_BYTES)) for name, value in values.items()
    )


def details_of(fields: tuple[Opened, ...]) -> Details:
    """Return the details of the entry that commits to these fields."""
    return {PREFIX + field.name: field.commitment() for field in fields}


def commitments_of(entry: Entry) -> Mapping[str, str]:
    """Return what an entry commits to: the name of each personal field, and its commitment."""
    held = entry.details.items()
    return {
        name.removeprefix(PREFIX): str(value) for name, value in held if name.startswith(PREFIX)
    }


def check(entry: Entry, field: Opened) -> None:
    """Pass if the entry meant this value. Raises BadSignature."""
    held = entry.details.get(PREFIX + field.name)
    if not isinstance(held, str) or not hmac.compare_digest(held, field.commitment()):
        raise BadSignature(
            f"Entry {entry.sequence} did not commit to this {field.name}: the value or its salt "
            "is another."
        )


class PersonalFiles:
    """The personal fields of a journal in a folder, one file per entry."""

    def __init__(self, path: Path) -> None:
        self.folder = path.with_name(path.name + PERSONAL_SUFFIX)

    def commit(self, values: Mapping[str, str]) -> Details:
        """Put personal values on the disk; return the details of the entry that commits to them.

        Raises:
            StorageFull: no space is left.
        """
        fields = draw(values)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        rows = [{"name": one.name, "salt": one.salt, "value": one.value} for one in fields]
        # The file bears the name of a commitment: the entry has no number yet.
        first = min(fields, key=lambda field: field.name)
        durable.write(self._file(first.commitment()), canonical.encode(rows))
        return details_of(fields)

    def fields_of(self, entry: Entry) -> tuple[Opened, ...]:
        """Return the fields of an entry. Raises NotFound: it has none, or they were erased."""
        try:
            rows = json.loads(self._file(_first(entry)).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"The personal fields of entry {entry.sequence} were erased.") from None
        return tuple(Opened(**row) for row in rows)

    def erase(self, entry: Entry) -> None:
        """Delete values and salts of an entry, for good. Absent is as good."""
        path = self._file(_first(entry))
        path.unlink(missing_ok=True)
        if self.folder.exists():
            durable.sync_folder(self.folder)

    def _file(self, commitment: str) -> Path:
        if len(commitment) != 2 * SALT_BYTES or not commitment.isalnum():
            raise Malformed("A commitment is 64 hexadecimal characters.")
        return self.folder / commitment


def _first(entry: Entry) -> str:
    commitments = commitments_of(entry)
    if not commitments:
        raise NotFound(f"Entry {entry.sequence} holds no personal field.")
    return commitments[min(commitments)]
