"""What somebody typed, as terms to look for: stop words gone, synonyms and typing mistakes told.

Texts are compared without accents, capitals or marks, then stemmed by the database: `covid-19` is
two words that follow each other, whereas PostgreSQL would read a negative number. Stop words and
synonyms are data: `schemas/search/words.fr.json`.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

LONGEST_QUERY: Final = 200
MOST_TERMS: Final = 12
"""Words beyond these are not looked for: no sentence of a person needs more."""
WORD: Final = re.compile(r"[a-z0-9]+")
LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})


@dataclass(frozen=True, slots=True)
class Term:
    """One thing looked for: what was typed, and every phrase that answers it.

    `corrected` are the known words that stand in for a word that no description holds.
    """

    typed: str
    phrases: tuple[str, ...]
    corrected: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return the text without accents, capitals and ligatures."""
    parts = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    return "".join(one for one in parts if not unicodedata.combining(one)).casefold()


def words_of(text: str) -> list[str]:
    """Return the words of a text, plain, in order."""
    return WORD.findall(plain(text))


def terms_of(typed: str, *, correct: Callable[[str], Sequence[str]]) -> tuple[Term, ...]:
    """Return what to look for. `correct` gives the known words near one that nothing holds.

    A phrase of the synonyms counts as one term, the longest first.
    """
    words = words_of(typed[:LONGEST_QUERY])
    meaningful = [term for term in _cut(words, correct) if term is not None]
    return tuple(meaningful[:MOST_TERMS])


def _cut(words: list[str], correct: Callable[[str], Sequence[str]]) -> Iterator[Term | None]:
    groups, longest = _synonyms()
    while words:
        for length in range(min(longest, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            if phrase in groups:
                yield Term(phrase, groups[phrase])
                words = words[length:]
                break
        else:
            yield _single(words[0], correct)
            words = words[1:]


def _single(word: str, correct: Callable[[str], Sequence[str]]) -> Term | None:
    if word in stop_words():
        return None
    near = tuple(correct(word))
    phrases: list[str] = [] if near else [word]
    for one in near:
        phrases.extend(_synonyms()[0].get(one, (one,)))
    return Term(word, tuple(dict.fromkeys(phrases)), near)


@cache
def stop_words() -> frozenset[str]:
    """Return the words that say nothing of what is looked for."""
    return frozenset(_data()["stop_words"])


@cache
def _synonyms() -> tuple[Mapping[str, tuple[str, ...]], int]:
    """Return every phrase with its whole group, itself first, and the most words of a phrase."""
    groups: dict[str, tuple[str, ...]] = {}
    for group in _data()["synonyms"]:
        phrases = [" ".join(words_of(phrase)) for phrase in group]
        for phrase in phrases:
            known = groups.get(phrase, (phrase,))
            groups[phrase] = tuple(dict.fromkeys((*known, *phrases)))
            # A plural typed is the phrase that the list has.
            groups.setdefault(f"{phrase}s", (f"{phrase}s", *phrases))
    return groups, max(len(phrase.split()) for phrase in groups)


@cache
def _data() -> dict[str, Any]:
    path = files("ecluse") / "schemas" / "search" / "words.fr.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
