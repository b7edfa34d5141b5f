"""Controls drawn for cases, the same on every engine and every machine.

Cases take their turn, each a control a round, until each has `per_case` or nobody is left for it:
a rare stratum is shared before it is used up. Turns and draws follow an order that looks random but
hangs on the person's number alone, so that nothing but the data decides and anybody can draw again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.domain.cohorts.studies import Matching

WORD: Final = 2**64 - 1
Stratum = tuple[int, str, str]
"""Year of birth; sex and department, where the rule matches on them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person as matching sees them; what is None is unknown, and matches nobody."""

    person_key: int
    born_on: date | None
    died_on: date | None
    sex: str | None
    department: str | None


@dataclass(frozen=True, slots=True)
class MatchedSet:
    """A case with its controls, in the order of the draw; possibly none."""

    case: int
    controls: tuple[int, ...]


def draw(
    cases: Mapping[int, date],
    candidates: Iterable[Candidate],
    controls: Iterable[int],
    rule: Matching,
) -> tuple[MatchedSet, ...]:
    """Return one set for each case, by person key.

    `cases` gives the index day of each; `candidates` tells of them and of the `controls`, who may
    hold cases: these are never drawn. A person of whom nothing is told is matched with nobody.
    """
    known = {candidate.person_key: candidate for candidate in candidates}
    pool = _Pool(rule, (known[key] for key in set(controls) - cases.keys() if key in known))
    drawn: dict[int, list[int]] = {case: [] for case in cases}
    waiting = sorted((case for case in cases if case in known), key=turn)
    for _ in range(rule.per_case):
        served = []
        for case in waiting:
            control = pool.take(known[case], cases[case])
            if control is not None:
                drawn[case].append(control)
                served.append(case)
        waiting = served
    return tuple(MatchedSet(case, tuple(drawn[case])) for case in sorted(cases))


def turn(person_key: int) -> int:
    """Return the place of a person in the order of the draw: SplitMix64 of the key.

    Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
    """
    mixed = (person_key + 0x9E3779B97F4A7C15) & WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & WORD
    return mixed ^ (mixed >> 31)


class _Pool:
    """The controls that nobody has drawn, by stratum, each in the order of the draw."""

    def __init__(self, rule: Matching, controls: Iterable[Candidate]) -> None:
        self._rule = rule
        self._left: dict[Stratum, list[Candidate]] = defaultdict(list)
        for control in sorted(controls, key=lambda candidate: turn(candidate.person_key)):
            stratum = self._stratum(control)
            if stratum is not None:
                self._left[stratum].append(control)

    def take(self, case: Candidate, index_day: date) -> int | None:
        """Remove and return the first control that the case may have, None when there is none."""
        own = self._stratum(case)
        if own is None:
            return None
        year, sex, department = own
        apart = self._rule.birth_years_apart
        strata = [(near, sex, department) for near in range(year - apart, year + apart + 1)]
        firsts = [(self._first(stratum, index_day), stratum) for stratum in strata]
        found = [(control, stratum) for control, stratum in firsts if control is not None]
        if not found:
            return None
        control, stratum = min(found, key=lambda entry: turn(entry[0].person_key))
        self._left[stratum].remove(control)
        return control.person_key

    def _first(self, stratum: Stratum, index_day: date) -> Candidate | None:
        left = self._left.get(stratum, ())
        return next((control for control in left if _lived(control, index_day)), None)

    def _stratum(self, person: Candidate) -> Stratum | None:
        sex = person.sex if self._rule.same_sex else ""
        department = person.department if self._rule.same_department else ""
        if person.born_on is None or sex is None or department is None:
            return None
        return person.born_on.year, sex, department


def _lived(person: Candidate, day: date) -> bool:
    is_born = person.born_on is not None and person.born_on <= day
    return is_born and (person.died_on is None or person.died_on > day)
