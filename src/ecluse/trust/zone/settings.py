"""What the operator sets for a secure zone, in its file `zone.toml`; absent, everything by default.

job_data_bytes = 8589934592         # memory for the opened extract of a job

[tokens.first]                      # pseudonyms, level 1; also `second`, and `zone`
library = "/usr/lib/softhsm/libsofthsm2.so"
token = "custodian-1"
pin = "credential:first-pin"        # or "descriptor:3"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ecluse.domain.errors import InvalidInput
from ecluse.trust.custody.pins import Pin
from ecluse.trust.custody.security_modules import USES, Token

FILE: Final = "zone.toml"
KEYS: Final = frozenset({"library", "token", "pin"})
DATA_BYTES: Final = 8 << 30


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Which of the zone's keys are in tokens, and how large an extract a job may open."""

    tokens: Mapping[str, Token] = field(default_factory=dict)
    job_data_bytes: int = DATA_BYTES

    @classmethod
    def load(cls, zone: Path) -> "ZoneSettings":
        """Return the settings of a zone.

        Raises:
            InvalidInput: the file sets something that does not exist, or in another way.
            SetupIncomplete: a key is in a token, and the package for tokens is missing.
        """
        path = zone / FILE
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise InvalidInput(f"{path} is not TOML: see `ecluse.trust.zone.settings`.") from None
        size = told.pop("job_data_bytes", DATA_BYTES)
        tokens = told.pop("tokens", {})
        if told or type(size) is not int or size < 1 or not isinstance(tokens, dict):
            raise InvalidInput(f"{path} sets what does not exist: job_data_bytes and tokens do.")
        return cls({use: _token(path, use, one) for use, one in tokens.items()}, size)


def _token(path: Path, use: str, told: Any) -> Token:
    if use not in USES or not isinstance(told, dict) or told.keys() != KEYS:
        raise InvalidInput(
            f"{path}: a token is for {', '.join(USES)}, with {', '.join(sorted(KEYS))}."
        )
    if not all(isinstance(value, str) for value in told.values()):
        raise InvalidInput(f"{path}: library, token and pin of {use} are texts.")
    return Token(Path(told["library"]), told["token"], Pin(told["pin"]))
