"""Where the PIN of a token comes from: never the command line, the environment or a setting.

`credential:<name>`: the file of that name in the folder that systemd gives a service for its
credentials (`LoadCredential=` or `LoadCredentialEncrypted=`; $CREDENTIALS_DIRECTORY).
`descriptor:<number>`: a file descriptor that the program is started with, read once to its end.
"""

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.trust.custody.core_dumps import forbid_core_dumps

CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
SOURCE: Final = re.compile(
    r"credential:(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})|descriptor:(?P<number>[0-9]{1,4})",
    re.ASCII,
)
MOST_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class Pin:
    """The PIN of a token, by where it is read. Raises InvalidInput for another place."""

    source: str

    def __post_init__(self) -> None:
        if SOURCE.fullmatch(self.source) is None:
            raise InvalidInput(
                "A PIN is read from `credential:<name>` or `descriptor:<number>`, nowhere else."
            )

    def read(self) -> str:
        """Return the PIN. Raises SetupIncomplete: it was not given to this program."""
        forbid_core_dumps()
        kind, _, place = self.source.partition(":")
        pin = _of_descriptor(int(place)) if kind == "descriptor" else _of_credential(place)
        if not pin:
            raise SetupIncomplete(f"The PIN at {self.source} is empty: give it, then start again.")
        return pin


def _of_credential(name: str) -> str:
    folder = os.environ.get(CREDENTIALS)
    if not folder or not (Path(folder) / name).is_file():
        raise SetupIncomplete(
            f"The credential {name} was not given: start the service with LoadCredential={name}:…"
        )
    return _text((Path(folder) / name).read_bytes())


@functools.cache
def _of_descriptor(number: int) -> str:
    """Return what the descriptor holds; kept for the life of the process, as it is read once."""
    try:
        with os.fdopen(number, "rb") as file:
            return _text(file.read(MOST_BYTES))
    except OSError:
        raise SetupIncomplete(
            f"The descriptor {number} is not open: start the program with the PIN there."
        ) from None


def _text(data: bytes) -> str:
    try:
        return data[:MOST_BYTES].decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InvalidInput("A PIN is text in UTF-8.") from None
