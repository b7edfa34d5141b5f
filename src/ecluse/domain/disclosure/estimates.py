"""Regressions and comparisons: R12 and R15, on the facts of a design."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ecluse.domain.disclosure.policy import DisclosurePolicy, finding, secret
from ecluse.domain.documents import Finding

CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class DesignFacts:
    """What a regression rests on.

    `apart`: by term, the persons whose value is not the most frequent one. `largest_leverage`: of
    one person, from 0 to 1. `isolated`: the persons of the smallest group that the design sets
    apart, so that the estimates give its mean; None when there is none under the minimum.
    `patterns`: persons of each distinct row of the design. `equal_patterns`: how many of them have
    one outcome alone. `events`: by term and side, persons with the event and without; empty unless
    the outcome is an event. `explained` is R², None for other models than least squares.
    """

    persons: int
    residual_degrees: int
    apart: Mapping[str, int]
    largest_leverage: float
    isolated: int | None
    patterns: tuple[int, ...]
    equal_patterns: int
    is_saturated: bool
    explained: float | None = None
    events: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def check_design(facts: DesignFacts, policy: DisclosurePolicy) -> Iterator[Finding]:
    """Yield what stands against the estimates of a regression."""
    least = policy.minimum_count
    if facts.persons < least:
        yield finding("R1", "file", f"{secret(facts.persons)} persons < {least}", policy)
    if facts.residual_degrees < policy.residual_degrees:
        told = f"{facts.residual_degrees} residual degrees of freedom"
        yield finding("R12", "file", f"{told} < {policy.residual_degrees}", policy)
    for term, persons in facts.apart.items():
        if persons < least:
            told = f"{secret(persons)} persons differ from the others < {least}"
            yield finding("R12", f"term {term}", told, policy)
    yield from _set_apart(facts, policy)
    yield from _saturated(facts, policy)
    yield from _events(facts, policy)


def _set_apart(facts: DesignFacts, policy: DisclosurePolicy) -> Iterator[Finding]:
    least = policy.minimum_count
    if facts.largest_leverage > 1 - 1 / least + CLOSE:
        told = f"leverage {facts.largest_leverage:.3f} of one person > 1 - 1/{least}"
        yield finding("R12", "file", f"{told}: the estimates follow this person", policy)
    if facts.isolated is not None and facts.isolated < least:
        told = f"the variables together set {secret(facts.isolated)} persons apart < {least}"
        yield finding("R12", "file", told, policy)
    if facts.explained is not None and facts.explained > 1 - CLOSE:
        yield finding("R12", "file", "a perfect fit (R² = 1): estimates give every value", policy)


def _saturated(facts: DesignFacts, policy: DisclosurePolicy) -> Iterator[Finding]:
    """A saturated design is a table: its groups are judged as cells."""
    if not facts.is_saturated:
        return
    small = [persons for persons in facts.patterns if persons < policy.minimum_count]
    if small:
        told = f"saturated: a table of which {len(small)} cells are under {policy.minimum_count}"
        yield finding("R12", "file", f"{told} persons, the least {secret(min(small))}", policy)
    if facts.equal_patterns:
        told = f"saturated: a table of which {facts.equal_patterns} cells have one value alone"
        yield finding("R12", "file", told, policy)


def _events(facts: DesignFacts, policy: DisclosurePolicy) -> Iterator[Finding]:
    for side, (having, lacking) in facts.events.items():
        fewest = min(having, lacking)
        if fewest < policy.minimum_count:
            what = "have the event" if having <= lacking else "do not have the event"
            told = f"{secret(fewest)} persons {what} < {policy.minimum_count}"
            yield finding("R15", side, told, policy)
