"""The library of reasons that officers choose from, and the words of letters: data, not code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ecluse
from ecluse.domain.errors import NotFound

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
    rows = _read("reasons.toml")["reasons"]
    return tuple(
        Reason(row["id"], row["kind"], row["action"], row["title"], row["text"]) for row in rows
    )


def reasons_for(kind: str, action: str) -> tuple[Reason, ...]:
    """The reasons for that action on that kind of object."""
    return tuple(one for one in reasons() if (one.kind, one.action) == (kind, action))


def paragraphs(letter: str, language: str) -> list[str]:
    """The paragraphs of a letter, with their places to fill in. Raises NotFound."""
    letters = _read("letters.toml")
    if letter not in letters:
        raise NotFound(f"The letter {letter!r} has no words: add them to letters.toml.")
    return list(letters[letter].get(language, letters[letter]["fr"]))


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
