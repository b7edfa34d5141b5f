"""The library of reasons that officers choose from: data, not code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ecluse

FOLDER = Path(ecluse.__file__).parent / "schemas" / "letters"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason ready to use, in both languages, for an action on a kind of object."""

    reason_id: str
    kind: str
    action: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]

    def title(self, language: str) -> str:
        """The few words by which it is chosen."""
        return self.titles.get(language, self.titles["fr"])

    def text(self, language: str) -> str:
        """The reason itself."""
        return self.texts.get(language, self.texts["fr"])


@cache
def reasons() -> tuple[Reason, ...]:
    """Every reason of the library."""
    rows = tomllib.loads((FOLDER / "reasons.toml").read_text(encoding="utf-8"))["reasons"]
    return tuple(
        Reason(row["id"], row["kind"], row["action"], row["title"], row["text"]) for row in rows
    )


def reasons_for(kind: str, action: str) -> tuple[Reason, ...]:
    """The reasons for that action on that kind of object."""
    return tuple(one for one in reasons() if (one.kind, one.action) == (kind, action))
