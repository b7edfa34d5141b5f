"""Pseudonyms: one person, one pseudonym per project, and nothing in common between two projects.

Three keys in a row, each made from the former with HMAC-SHA-256, so that the last says nothing of
the first: the zone's key, the project's (`domain`), the label's. The pseudonym is the HMAC-SHA-256
of the value under the label's key, in 64 hexadecimal characters. Keys live in this process only:
never in a query, a log or a message.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import durable

KEY_BYTES: Final = 32
PRIVATE_MODE: Final = 0o600


class Label(StrEnum):
    """What a value names: equal values of two labels get pseudonyms with nothing in common."""

    PERSON = "person"
    LINK = "link"
    PROFESSIONAL = "professional"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """The zone's key: it never leaves the secure zone, and never changes within a project."""

    secret: bytes = field(repr=False)

    def project(self, domain: str) -> "ProjectPseudonyms":
        """Return the pseudonyms of one project; `domain` is the permit's number."""
        return ProjectPseudonyms(_derive(self.secret, domain))


@dataclass(frozen=True, slots=True)
class ProjectPseudonyms:
    """Makes the pseudonyms of one project."""

    secret: bytes = field(repr=False)

    def of(self, label: Label, values: Iterable[str]) -> list[str]:
        """Return the pseudonym of each value, in the order given."""
        keyed = hmac.new(_derive(self.secret, label.value), digestmod="sha256")
        pseudonyms = []
        for value in values:
            one = keyed.copy()  # the padded key is hashed once, not once a value
            one.update(value.encode())
            pseudonyms.append(one.hexdigest())
        return pseudonyms


def create_key(path: Path) -> PseudonymKey:
    """Return a new key of the zone, written at `path` for its owner alone.

    Raises:
        InvalidInput: a key is there: another one would cut every project from its pseudonyms.
    """
    if path.exists():
        raise InvalidInput(f"{path} exists already: a zone has one pseudonym key. Keep it.")
    key = PseudonymKey(secrets.token_bytes(KEY_BYTES))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, key.secret.hex().encode() + b"\n", mode=PRIVATE_MODE)
    return key


def load_key(path: Path) -> PseudonymKey:
    """Return the key of the file `path`.

    Raises:
        NotFound: there is no such file.
        InvalidInput: other accounts can read it, or it is not a key.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise NotFound(
            f"{path} is missing: restore it from its copy. (An agent draws it at its first start.)"
        ) from None
    if mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise InvalidInput(f"{path} is not a key of {KEY_BYTES} bytes: restore it from its copy.")
    return PseudonymKey(secret)


def _derive(key: bytes, name: str) -> bytes:
    return hmac.digest(key, name.encode(), "sha256")
