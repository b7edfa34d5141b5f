"""The words of messages, by event and recipient, in French and English: data, checked when read.

Nothing personal can be in a mail: the words have one place to fill in, `{number}`, and what is
added around them is a day and a link. Anything else makes the catalogue refuse to be read.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import ecluse
from ecluse.domain.actors import Actor
from ecluse.domain.errors import Malformed, NotFound
from ecluse.domain.machines.letters import LETTERS, MESSAGES

FILE = Path(ecluse.__file__).parent / "schemas" / "messages" / "messages.toml"
LANGUAGES = ("fr", "en")
FRAME, ANYBODY = "frame", "anybody"
LETTER, ANY = "letter", "any"
PLACES = {FRAME: frozenset({"due_on", "link"})}
"""What the common lines may be filled in with; every other text, with the number alone."""
NUMBER = frozenset({"number"})
FRAME_LINES, WORDS = 3, 2


@dataclass(frozen=True, slots=True)
class Fields:
    """All that a mail may say: the number of the file, a link into the portal, a day in words."""

    number: str
    link: str
    due_on: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """A message in one language: its subject and its sentence, with `{number}` to fill in."""

    subject: str
    sentence: str


def words(name: str, actor: Actor, language: str) -> Words:
    """The words of an event for a recipient; a letter has those of every letter.

    An event that nobody has written words for has those of any: it is told all the same.
    """
    known = _read(FILE)
    event = LETTER if name in LETTERS and name not in MESSAGES else name
    for key in ((event, actor.value), (event, ANYBODY), (ANY, ANYBODY)):
        if key in known:
            return Words(*known[key][language])
    raise NotFound(f"{FILE.name} has no words for any message: add [any.anybody].")


def is_written(name: str, actor: Actor) -> bool:
    """Whether the event has words of its own for that recipient."""
    return not {(name, actor.value), (name, ANYBODY)}.isdisjoint(_read(FILE))


def subject(name: str, actor: Actor, fields: Fields, language: str) -> str:
    """The subject line."""
    return words(name, actor, language).subject.format(number=fields.number)


def sentence(name: str, actor: Actor, fields: Fields, language: str) -> str:
    """What is told, in a sentence."""
    return words(name, actor, language).sentence.format(number=fields.number)


def body(name: str, actor: Actor, fields: Fields, language: str) -> str:
    """The text of a mail: the sentence, the due day if any, the link, and why so little."""
    due, link, end = _read(FILE)[(FRAME, FRAME)][language]
    lines = [sentence(name, actor, fields, language)]
    lines += [due.format(due_on=fields.due_on)] if fields.due_on else []
    lines += [link.format(link=fields.link), end]
    return "\n\n".join(lines) + "\n"


@cache
def _read(path: Path) -> Mapping[tuple[str, str], Mapping[str, list[str]]]:
    return read(path.read_text(encoding="utf-8"))


def read(text: str) -> Mapping[tuple[str, str], Mapping[str, list[str]]]:
    """The texts by event and recipient, then by language.

    Raises Malformed: a language is missing, a line too many, or a place that mails may not fill in.
    """
    found: dict[tuple[str, str], Mapping[str, list[str]]] = {}
    for event, recipients in tomllib.loads(text).items():
        entries = {FRAME: recipients} if event == FRAME else recipients
        for recipient, texts in entries.items():
            _check(f"{event}.{recipient}", texts, event=event)
            found[event, recipient] = texts
    return found


def _check(where: str, texts: Mapping[str, list[str]], *, event: str) -> None:
    expected = FRAME_LINES if event == FRAME else WORDS
    if set(texts) != set(LANGUAGES) or any(len(lines) != expected for lines in texts.values()):
        raise Malformed(f"{where}: give {expected} texts in each of {', '.join(LANGUAGES)}.")
    for line in (line for lines in texts.values() for line in lines):
        foreign = {place for _, place, _, _ in Formatter().parse(line) if place is not None}
        foreign -= PLACES.get(event, NUMBER)
        if foreign:
            raise Malformed(f"{where}: a message says nothing of {', '.join(sorted(foreign))}.")
