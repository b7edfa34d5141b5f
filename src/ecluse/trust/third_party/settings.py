"""Who may ask the third party for what, and how much: its file `third-party.toml`.

floor = 1000                # persons in a batch, at least, unless both custodians approve it

[peers.register]            # a name of ours for who asks
uid = 1001                  # the account it runs under
asks = ["derive"]           # one person at a time
alarm_per_hour = 100        # persons in an hour that make an alarm
most_per_hour = 1000        # persons in an hour, at most

[peers.loading]
uid = 1002
asks = ["batch"]
alarm_per_hour = 20000000
most_per_hour = 80000000
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecluse.domain.errors import InvalidInput, SetupIncomplete

FILE: Final = "third-party.toml"
ASKS: Final = frozenset({"derive", "batch"})
PEER: Final = frozenset({"uid", "asks", "alarm_per_hour", "most_per_hour"})
FLOOR: Final = 1000


@dataclass(frozen=True, slots=True)
class Peer:
    """An account that may ask: for what, and for how many persons an hour."""

    name: str
    uid: int
    asks: frozenset[str]
    alarm_per_hour: int
    most_per_hour: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The accounts that may ask, and the smallest batch."""

    peers: tuple[Peer, ...]
    floor: int = FLOOR

    @classmethod
    def load(cls, folder: Path) -> "Settings":
        """Return what the file of a folder says. Raises SetupIncomplete, InvalidInput."""
        path = folder / FILE
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
            peers = tuple(_peer(name, one) for name, one in told["peers"].items())
            floor = told.get("floor", FLOOR)
        except FileNotFoundError:
            raise SetupIncomplete(f"{path} is missing: say there who may ask.") from None
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError):
            raise InvalidInput(f"{path} is not read: see `ecluse.trust.third_party`.") from None
        if type(floor) is not int or floor < 1 or len({one.uid for one in peers}) < len(peers):
            raise InvalidInput(f"{path}: a floor from 1, and one account for each peer.")
        return cls(peers, floor)

    def peer(self, uid: int) -> Peer | None:
        """Return who runs under an account, or None."""
        return next((one for one in self.peers if one.uid == uid), None)


def _peer(name: str, told: Mapping[str, Any]) -> Peer:
    figures = [told[one] for one in ("uid", "alarm_per_hour", "most_per_hour")]
    asks = frozenset(told["asks"])
    if told.keys() != PEER or asks - ASKS or not all(type(one) is int for one in figures):
        raise ValueError(name)
    return Peer(name, figures[0], asks, figures[1], figures[2])
