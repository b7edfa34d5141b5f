"""A letter as the person reads it, on a page or on paper: its words filled in from the file."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language

from ecluse.domain.machines.letters import LETTERS
from ecluse.portal.audit import identity
from ecluse.portal.cases import labels
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.reasons import FOLDER

REMEDIES = "remedies"
CUTS = "cuts"
"""The place of what was asked and not given: a letter that fills it is a partial refusal."""
LETTERHEAD = "letterhead.toml"
UNKNOWN = "…"


class BlockKind(StrEnum):
    """What a block is on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    POINTS = "points"
    NUMBERED = "numbered"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a letter: plain texts, no mark-up.

    `values` stand beside `lines` in a block of terms. `is_french` marks words typed in French,
    whatever the language of the letter.
    """

    kind: BlockKind
    lines: tuple[str, ...]
    values: tuple[str, ...] = ()
    is_french: bool = False


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter in one language."""

    title: str
    source: str
    dated_on: date | None
    blocks: tuple[Block, ...]


Parts = Mapping[str, tuple[Block, ...]]
"""What fills the places of a letter that are a paragraph of their own, by the name of the place."""
NO_PARTS: Parts = MappingProxyType({})


def letter_text(
    name: str,
    case: CaseRecord,
    *,
    reason: str,
    due_on: date | None,
    dated_on: date | None = None,
    parts: Parts = NO_PARTS,
) -> LetterText:
    """The letter of that id about a file, in the language of now."""
    letter, language = LETTERS[name], _language()
    values = {
        "number": case.number,
        "title": case.title or labels.kind_label(case.kind),
        "due_on": day_in_words(due_on) if due_on else UNKNOWN,
        **_who_writes(language),
    }
    filled = {"reason": said(reason or UNKNOWN), **parts}
    lines = list(_words(name)[language])
    if letter.states_remedies or filled.get(CUTS):
        lines += _words(REMEDIES)[language]
    blocks = [block for line in lines for block in _blocks(line, values, filled)]
    title = letter_title(name, is_partial=bool(filled.get(CUTS)))
    return LetterText(title, letter.source, dated_on, tuple(_joined(blocks)))


def letter_title(name: str, *, is_partial: bool = False) -> str:
    """What a letter is called, in the language of now."""
    words, language = _words(name), _language()
    if is_partial and "partial_title" in words:
        return str(words["partial_title"][language])
    return LETTERS[name].french if language == "fr" else str(words["title"])


def said(text: str) -> tuple[Block, ...]:
    """The words of an officer, a paragraph a line."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(Block(BlockKind.PARAGRAPH, (line,), is_french=True) for line in lines if line)


def day_in_words(day: date) -> str:
    """The day as a letter says it: 1er janvier 2027, 1 January 2027."""
    text = date_format(day, "j F Y")
    return f"1er{text[1:]}" if day.day == 1 and _language() == "fr" else text


def letterhead() -> Mapping[str, Any]:
    """Who writes and who judges: the hub's own file beside its keys, else the example."""
    own = identity.room() / LETTERHEAD
    return _read(own if own.exists() else FOLDER / LETTERHEAD)


def _language() -> str:
    return "en" if get_language() == "en" else "fr"


def _who_writes(language: str) -> dict[str, str]:
    head = letterhead()
    return {
        "authority": head["authority"][language],
        "address": ", ".join(head["address"]),
        "contact": head["contact"],
        "court": head["court"][language],
        "court_address": head["court_address"],
    }


def _words(name: str) -> Mapping[str, Any]:
    words: Mapping[str, Any] = _known_words()[name]
    return words


@cache
def _known_words() -> Mapping[str, Any]:
    return _read(FOLDER / "letters.toml")


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _blocks(line: str, values: Mapping[str, str], parts: Parts) -> tuple[Block, ...]:
    place = line.removeprefix("{").removesuffix("}")
    if line == f"{{{place}}}" and place not in values:
        return parts.get(place, ())
    # Each line is filled in once: braces in a title or a reason are only text.
    if line.startswith("# "):
        return (Block(BlockKind.HEADING, (line[2:].format_map(values),)),)
    if line.startswith("- "):
        return (Block(BlockKind.POINTS, (line[2:].format_map(values),)),)
    return (Block(BlockKind.PARAGRAPH, (line.format_map(values),)),)


def _joined(blocks: Iterable[Block]) -> Iterable[Block]:
    """Yield the blocks, points that follow one another as one list."""
    for kind, found in groupby(blocks, key=lambda block: block.kind):
        if kind is BlockKind.POINTS:
            yield Block(kind, tuple(line for block in found for line in block.lines))
        else:
            yield from found
