"""Score tables that disclose nobody: where the steps are cut, and which groups stay unsaid.

A count over 0 and under the least that the policy lets out is never stated, nor can it be got by
taking one stated table from another: subgroups and windows are cut only at edges of the whole, and
where a group of a variable is withheld, so are as many others as it takes for their sum to be safe.

Source: Hundepool and others, Statistical Disclosure Control, 2012, chapter 4.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Floats, Ints, Values
from ecluse.domain.disclosure.policy import DisclosurePolicy
from ecluse.domain.evaluations.counts import MOST_STEPS, ScoreTable, too_small, write

SIGNIFICANT: Final = 2
"""Digits of an edge that no protocol names: rounded, since a quantile is one person's score."""
LARGEST: Final = 2
"""How many persons the dominance rule adds up."""


@dataclass(frozen=True, slots=True)
class Cases:
    """One row a case: outcome, score (NaN where the system gave none), whether scores are risks."""

    outcomes: Bools
    scores: Floats
    are_risks: bool

    @classmethod
    def of(cls, outcomes: Values, scores: Values, *, are_risks: bool = True) -> "Cases":
        """Check the columns. Raises InvalidInput."""
        ill, marks = arrays.both_classes(outcomes), np.asarray(scores, np.float64)
        arrays.same_length(outcomes=ill, scores=marks)
        answered = marks[~np.isnan(marks)]
        check = arrays.probabilities if are_risks else arrays.numbers
        check(answered, name="predictions")
        return cls(ill, marks, are_risks)

    @property
    def answered(self) -> Bools:
        """Which cases have a score."""
        return ~np.isnan(self.scores)

    def among(self, rows: Bools) -> "Cases":
        """Return some of the cases."""
        return Cases(self.outcomes[rows], self.scores[rows], self.are_risks)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where steps are cut, and the thresholds asked that would have shown too few persons."""

    edges: tuple[str, ...]
    dropped: tuple[str, ...]


def choose(cases: Cases, asked: Sequence[str], *, least: int) -> Cut:
    """Return edges: those asked, in order of importance, then those that draw the curves best."""
    kept: list[str] = []
    dropped = [edge for edge in asked if not _kept(cases, kept, edge, least=least)]
    for edge in _candidates(cases):
        if len(kept) < MOST_STEPS - 1 and _divides(cases, kept, edge):
            _kept(cases, kept, edge, least=least)
    return Cut(tuple(sorted(kept, key=float)), tuple(dropped))


def _kept(cases: Cases, kept: list[str], edge: str, *, least: int) -> bool:
    """Add an edge if every step then tells of enough persons, or of nobody."""
    if any(float(edge) == float(one) for one in kept):
        return True
    counts = _counts(cases, sorted([*kept, edge], key=float))
    if too_small(counts.ravel().tolist(), least=least):
        return False
    kept.append(edge)
    return True


def _divides(cases: Cases, kept: list[str], edge: str) -> bool:
    """Tell whether somebody is on each side of an edge, in the step that it would cut."""
    edges = sorted([*kept, edge], key=float)
    below = edges.index(edge)
    return bool(_counts(cases, edges).sum(axis=0)[below : below + 2].all())


def _candidates(cases: Cases) -> Iterable[str]:
    """Give rounded quantiles of cases and of controls, the middle first, then ever finer."""
    rows = cases.answered
    for parts in (2, 4, 8, 16, 32):
        ranks = np.arange(1, parts, 2) / parts
        for ill in (True, False):
            marks = cases.scores[rows & (cases.outcomes == ill)]
            if marks.size:
                yield from (_rounded(mark) for mark in np.quantile(marks, ranks))


def _rounded(value: float) -> str:
    text = write(float(f"{value:.{SIGNIFICANT}g}"), digits=9)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _counts(cases: Cases, edges: Sequence[str]) -> Ints:
    """Return 2 x steps: cases, controls; and failures are in none."""
    rows = cases.answered
    cuts = np.array([float(edge) for edge in edges])
    slots = np.searchsorted(cuts, cases.scores[rows], side="right")
    ill = cases.outcomes[rows]
    size = cuts.size + 1
    return np.stack([np.bincount(slots[ill == flag], minlength=size) for flag in (True, False)])


def tabulate(
    cases: Cases,
    edges: Sequence[str],
    *,
    group: str,
    policy: DisclosurePolicy,
    tells_failures: bool = True,
) -> ScoreTable:
    """Return the table of a group as it is: whether it may be stated is for the caller to ask.

    Failures by class that are too few to be told, or all where `tells_failures` is off, are counted
    in the step where they are wrong: the lowest for a case, the highest for a control.
    """
    counts = _counts(cases, edges)
    failed = _failed(cases)
    if not tells_failures or too_small(failed, least=policy.minimum_count):
        counts[0, 0] += failed[0]
        counts[1, -1] += failed[1]
        failed = [0, 0]
    means = _means(cases, edges, policy) if cases.are_risks else ()
    return ScoreTable(
        group,
        tuple(edges),
        tuple(int(count) for count in counts[0]),
        tuple(int(count) for count in counts[1]),
        means,
        tuple(failed),
    )


def _failed(cases: Cases) -> list[int]:
    lost = ~cases.answered
    return [int((lost & (cases.outcomes == flag)).sum()) for flag in (True, False)]


def _means(cases: Cases, edges: Sequence[str], policy: DisclosurePolicy) -> tuple[str, ...]:
    marks = cases.scores[cases.answered]
    cuts = np.array([float(edge) for edge in edges])
    slots = np.searchsorted(cuts, marks, side="right")
    return tuple(_mean(marks[slots == step], policy) for step in range(cuts.size + 1))


def _mean(marks: Floats, policy: DisclosurePolicy) -> str:
    """Return a mean, empty where so few make so much of it that it tells theirs."""
    total = float(marks.sum())
    if not marks.size:
        return "0.000000"
    largest = float(np.sort(marks)[-LARGEST:].sum())
    if total > 0 and largest > total * policy.dominance_percent / 100:
        return ""
    return write(total / marks.size)


def is_safe(table: ScoreTable, *, least: int) -> bool:
    """Tell whether every count of a table is 0 or large enough."""
    return not too_small((*table.cases, *table.controls, *table.failed), least=least)


@dataclass(frozen=True, slots=True)
class Groups:
    """Tables that may be stated, and the names of groups of which less, or nothing, is said."""

    tables: tuple[ScoreTable, ...]
    margins: tuple[str, ...]
    withheld: tuple[str, ...]


def by_group(
    cases: Cases,
    variables: Mapping[str, npt.ArrayLike],
    edges: Sequence[str],
    *,
    policy: DisclosurePolicy,
) -> Groups:
    """Return the tables of every group of every variable, as far as they may be stated.

    A group too small at some edge is stated without edges, if its numbers with and without the
    outcome are large enough; else not at all.
    """
    tables: list[ScoreTable] = []
    margins: list[str] = []
    withheld: list[str] = []
    for variable, values in variables.items():
        whole = _split(cases, variable, values, edges, policy)
        unsaid = _unsaid(whole, least=policy.minimum_count)
        tables += [table for name, table in whole.items() if name not in unsaid]
        plain = {
            name: table
            for name, table in _split(cases, variable, values, (), policy).items()
            if name in unsaid
        }
        hidden = _unsaid(plain, least=policy.minimum_count)
        tables += [table for name, table in plain.items() if name not in hidden]
        margins += [name for name in plain if name not in hidden]
        withheld += hidden
    return Groups(tuple(tables), tuple(margins), tuple(withheld))


def _split(
    cases: Cases,
    variable: str,
    values: npt.ArrayLike,
    edges: Sequence[str],
    policy: DisclosurePolicy,
) -> dict[str, ScoreTable]:
    names, codes = arrays.labels(values, name=variable)
    arrays.same_length(outcomes=cases.outcomes, groups=codes)
    parts = {f"{variable}={name}": cases.among(codes == code) for code, name in enumerate(names)}
    # One group's failures follow from those of the whole and of the others: all are told, or none.
    few = any(too_small(_failed(part), least=policy.minimum_count) for part in parts.values())
    return {
        group: tabulate(part, edges, group=group, policy=policy, tells_failures=not few)
        for group, part in parts.items()
    }


def _unsaid(tables: Mapping[str, ScoreTable], *, least: int) -> list[str]:
    """Return the groups to withhold: the unsafe ones, and others until their sum tells nothing."""
    hidden = [name for name, table in tables.items() if not is_safe(table, least=least)]
    rest = sorted((name for name in tables if name not in hidden), key=lambda n: tables[n].persons)
    for name in rest:
        if not hidden or not too_small(_added(tables, hidden), least=least):
            break
        hidden.append(name)
    return hidden


def _added(tables: Mapping[str, ScoreTable], names: Sequence[str]) -> Iterable[int]:
    rows = [(*tables[name].cases, *tables[name].controls, *tables[name].failed) for name in names]
    return tuple(itertools.starmap(lambda *column: sum(column), zip(*rows, strict=True)))
