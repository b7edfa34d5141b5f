"""Writing French text while keeping the place of every fact that it states.

A template is a sentence with slots. `{x}` is a text or a term; `{un:x}`, `{le:x}`, `{de:x}`,
`{du:x}`, `{au:x}` put the article before the term, with its elision; `{né|née}` follows the sex of
the person, `{x:connu|connue}` the gender of the term.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

import numpy as np

Gender = Literal["m", "f"]
Kind = Literal[
    "condition",
    "drug",
    "measurement",
    "procedure",
    "tumour",
    "name",
    "place",
    "date",
    "identifier",
]
Item = TypeVar("Item")

SLOT: Final = re.compile(r"\{(?:(?P<form>\w+):)?(?P<name>\w+)(?::(?P<agree>[^{}]*))?\}")
CHOICE: Final = re.compile(r"\{(?P<man>[^{}|:]*)\|(?P<woman>[^{}|:]*)\}")
FORMS: Final = {
    # before a man's noun, a woman's noun, a noun that begins with a vowel sound
    "un": {"m": "un ", "f": "une "},
    "le": {"m": "le ", "f": "la ", "'": "l'"},
    "de": {"m": "de ", "f": "de ", "'": "d'"},
    "du": {"m": "du ", "f": "de la ", "'": "de l'"},
    "au": {"m": "au ", "f": "à la ", "'": "à l'"},
}
VOWELS: Final = "aeiouyàâéèêëîïôöûüœh"
WORD: Final = re.compile(r"[a-zà-ÿ]{6,}")
"""Words that may be mistyped: lower case, long enough to stay readable."""
UNACCENTED: Final = str.maketrans("àâéèêëîïôûùç", "aaeeeeiiouuc")
SLIPS: Final = 0.006
"""Share of long words mistyped: our assumption, about one a letter."""
SLIPS_IN_TERMS: Final = 0.03


@dataclass(frozen=True, slots=True)
class Label:
    """What a mention means: a code of a system, denied or not, about the patient or a relative."""

    kind: Kind
    system: str = ""
    code: str = ""
    negated: bool = False
    about: Literal["patient", "family", "carer"] = "patient"
    value: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that name one thing, their gender, and the fact that they state, if any.

    `lead` and `tail` are written around them and are no part of the fact: a title, a dose.
    """

    text: str
    gender: Gender = "m"
    label: Label | None = None
    lead: str = ""
    tail: str = ""

    def stating(self, label: Label, *, tail: str = "") -> "Term":
        """Return these words as a statement of a fact."""
        return replace(self, label=label, tail=tail)


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact and where the text states it: characters `start` to `end`, the last not included."""

    start: int
    end: int
    label: Label


Values = Mapping[str, "str | Term"]


class Chance:
    """Draws of one text, from one random stream."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def happens(self, share: float) -> bool:
        """Say yes in `share` of the draws."""
        return bool(self.rng.random() < share)

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of `items`."""
        return items[int(self.rng.random() * len(items))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return `items` in another order."""
        return [items[position] for position in self.rng.permutation(len(items))]


@dataclass(slots=True)
class Draft:
    """A text being written, and the facts stated so far."""

    chance: Chance
    is_woman: bool
    values: Values
    mentions: list[Mention] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """Return what is written so far."""
        return "".join(self._pieces)

    def plain(self, text: str) -> None:
        """Write `text` as it is."""
        if not text:
            return
        self._pieces.append(text)
        self._length += len(text)

    def term(self, term: Term) -> None:
        """Write a term and note where, mistyped at times."""
        self.plain(term.lead)
        text = term.text
        if term.label and term.label.kind == "condition" and self.chance.happens(SLIPS_IN_TERMS):
            text = WORD.sub(lambda word: mistyped(word[0], self.chance), text, count=1)
        if term.label:
            self.mentions.append(Mention(self._length, self._length + len(text), term.label))
        self.plain(text)
        self.plain(term.tail)

    def sentence(self, template: str, values: Values | None = None) -> None:
        """Write one sentence of a template, after a space, its first letter a capital."""
        if self._pieces and not self._pieces[-1].endswith(("\n", " ")):
            self.plain(" ")
        first = len(self._pieces)
        self.phrase(template, values)
        piece = self._pieces[first]
        self._pieces[first] = piece[0].upper() + piece[1:]

    def new_line(self, *, after_blank: bool = False) -> None:
        """Go to the beginning of a line, `after_blank` to leave an empty one before it."""
        wanted = "\n\n" if after_blank else "\n"
        end = self.text[-len(wanted) :]
        missing = len(wanted) - (len(end) - len(end.rstrip("\n")))
        self.plain("\n" * missing)

    def line(self, template: str = "", values: Values | None = None) -> None:
        """Write one line of a template."""
        self.phrase(template, values)
        self.plain("\n")

    def phrase(self, template: str, values: Values | None = None) -> None:
        """Write a template where the text stands.

        Raises:
            KeyError: a slot of the template has no value.
        """
        known = {**self.values, **(values or {})}
        chosen = CHOICE.sub(lambda match: match["woman" if self.is_woman else "man"], template)
        end = 0
        for slot in SLOT.finditer(chosen):
            self.plain(self._typed(chosen[end : slot.start()]))
            self._fill(slot, known[slot["name"]])
            end = slot.end()
        self.plain(self._typed(chosen[end:]))

    def _fill(self, slot: re.Match[str], value: "str | Term") -> None:
        term = value if isinstance(value, Term) else Term(value)
        if slot["agree"] is not None:
            man, _, woman = slot["agree"].partition("|")
            self.plain(woman if term.gender == "f" else man)
            return
        if slot["form"]:
            self.plain(article(slot["form"], term))
        self.term(term)

    def _typed(self, text: str) -> str:
        return WORD.sub(
            lambda word: mistyped(word[0], self.chance) if self.chance.happens(SLIPS) else word[0],
            text,
        )


def article(form: str, term: Term) -> str:
    """Return the article that `form` puts before `term`."""
    articles = FORMS[form]
    if "'" in articles and _begins_with_a_vowel(term.text):
        return articles["'"]
    return articles[term.gender]


def _begins_with_a_vowel(text: str) -> bool:
    # HTA, IC, AVC: every abbreviation we write that begins with these letters is read as a vowel.
    return text[:1].casefold() in VOWELS


def mistyped(word: str, chance: Chance) -> str:
    """Return `word` with one slip of the keyboard: an accent, a letter lost, doubled or swapped."""
    place = chance.between(1, len(word) - 3)
    slips = [
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    ]
    bare = word.translate(UNACCENTED)
    return bare if bare != word else chance.pick(slips)
