"""Dated rule tables, and what they say of a system, each answer with its reason and its article.

A rule reads facts (what the provider answered, and what earlier rules found) and gives values to
them. Rules are tried in the order written. Where a name has an order (a risk class), the strongest
value stands: MDR Annex VIII 3.5 and IVDR Annex VIII 1.9 take the strictest rule that applies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

Facts = Mapping[str, bool | str | int | float | tuple[str, ...]]
"""What is known of a system: yes or no, a choice, several choices, a number. Absent: unknown."""
Words = Mapping[str, str]
"""A text by language: `fr`, `en`."""

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "mdr_class": ("I", "IIa", "IIb", "III"),
    "ivdr_class": ("A", "B", "C", "D"),
}
"""The names of which the strongest value stands, from the weakest to the strongest."""
FOUND: Final = (
    "mdr_class",
    "ivdr_class",
    "notified_body",
    "aia",
    "annex_iii",
    "registers",
    "flags",
)
"""What rules tell of a system; the other names are facts about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When it applies, what it gives, the article, and why in words.

    `when`: each of these facts has one of these values; `unless`: none of them has; `at_least`:
    these numbers reach these figures. `ends`: no later rule of the same set is tried.
    """

    rule_id: str
    article: str
    because: Words
    gives: Mapping[str, tuple[str, ...]]
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict)
    at_least: Mapping[str, float] = field(default_factory=dict)
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day from which something is due, where that is written, and whether it was verified."""

    key: str
    on: date
    source: str
    is_sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something to be proved by a piece of evidence, where the facts are so.

    `from_moment`: the moments that may start it, by the category that asks for it.
    """

    code: str
    article: str
    title: Words
    when: Mapping[str, frozenset[str]]
    from_moment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """One version of one family of rules, such as `ai-act`, and the first day it is used."""

    family: str
    version: str
    used_from: date
    title: Words
    source: str
    is_sure: bool
    rules: tuple[Rule, ...]
    moments: tuple[Moment, ...] = ()
    duties: tuple[Duty, ...] = ()

    @property
    def key(self) -> str:
        """The name that a classification keeps of this version."""
        return f"{self.family}@{self.version}"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The sets used together on a day, one of each family, in the order they are read."""

    sets: tuple[RuleSet, ...]

    @property
    def key(self) -> str:
        """The names of all sets, as a classification keeps them."""
        return "+".join(one.key for one in self.sets)

    def moment(self, key: str) -> Moment:
        """The moment of this name. Raises KeyError: the tables are checked when they are read."""
        return {one.key: one for each in self.sets for one in each.moments}[key]

    @property
    def duties(self) -> tuple[Duty, ...]:
        """The duties of all sets."""
        return tuple(one for each in self.sets for one in each.duties)


def rulebook_on(day: date, sets: Iterable[RuleSet]) -> Rulebook:
    """The last version of each family used on `day`; a family that had none yet is left out."""
    last: dict[str, RuleSet] = {}
    for one in sorted(sets, key=lambda each: each.used_from):
        if one.used_from <= day:
            last[one.family] = one
    order = dict.fromkeys(one.family for one in sets)
    return Rulebook(tuple(last[family] for family in order if family in last))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value was given: the rule, the version it stands in, its article, its words."""

    rule_id: str
    rule_set: str
    article: str
    because: Words
    gives: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Classification:
    """What a rulebook says of a system: values by name, and the reasons in the order read."""

    rulebook: str
    values: Mapping[str, tuple[str, ...]]
    reasons: tuple[Reason, ...]

    def of(self, name: str) -> tuple[str, ...]:
        """The values of one name, none if no rule gave any."""
        return self.values.get(name, ())

    def one(self, name: str) -> str:
        """The only value of a name, empty if none."""
        return next(iter(self.of(name)), "")

    def why(self, name: str) -> tuple[Reason, ...]:
        """The reasons that gave the values that stand of a name."""
        standing = set(self.of(name))
        return tuple(one for one in self.reasons if standing & set(one.gives.get(name, ())))


def classify(facts: Facts, book: Rulebook) -> Classification:
    """What the rules say of these facts.

    A rule is met only by what is known: an unanswered question never makes a system of high risk,
    and never exempts it.
    """
    known = {name: _texts(value) for name, value in facts.items()}
    numbers = {
        name: float(value)
        for name, value in facts.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    reasons = []
    for rules in book.sets:
        for rule in rules.rules:
            if not is_met(rule.when, known) or not _is_reached(rule.at_least, numbers):
                continue
            if any(known.get(name, frozenset()) & values for name, values in rule.unless.items()):
                continue
            for name, values in rule.gives.items():
                known[name] = _joined(name, known.get(name, frozenset()), values)
            reasons.append(Reason(rule.rule_id, rules.key, rule.article, rule.because, rule.gives))
            if rule.ends:
                break
    found = {name: tuple(sorted(known[name])) for name in FOUND if known.get(name)}
    return Classification(book.key, found, tuple(reasons))


def known_of(facts: Facts, found: Classification) -> dict[str, frozenset[str]]:
    """The facts with what was found of them, as conditions read them."""
    answered = {name: _texts(value) for name, value in facts.items()}
    return answered | {name: frozenset(values) for name, values in found.values.items()}


def is_met(when: Mapping[str, frozenset[str]], known: Mapping[str, frozenset[str]]) -> bool:
    """Whether each fact named has one of its values."""
    return all(known.get(name, frozenset()) & values for name, values in when.items())


def _is_reached(figures: Mapping[str, float], numbers: Mapping[str, float]) -> bool:
    return all(name in numbers and numbers[name] >= least for name, least in figures.items())


def _joined(name: str, held: frozenset[str], given: tuple[str, ...]) -> frozenset[str]:
    """All values, or the strongest alone where the name has an order."""
    together = held | frozenset(given)
    order = CLASSES.get(name)
    return frozenset({max(together, key=order.index)}) if order else together


def _texts(value: object) -> frozenset[str]:
    if isinstance(value, bool):
        return frozenset({"yes" if value else "no"})
    if isinstance(value, tuple):
        return frozenset(value)
    return frozenset({str(value)}) if value != "" else frozenset()
