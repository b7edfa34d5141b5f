"""Counts by label that may be told: rare labels together, small groups as one line, or not at all.

A count is told where it is 0, or of `least` persons at least: not spans, of which one person may
have many. What is hidden must not follow from the rest, so what is hidden together is safe as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Bools, Ints
from ecluse.data.evaluation.reporting.labelled.samples import (
    MISSED,
    SPURIOUS,
    Labelled,
    holders,
    totals,
)
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.counts import ALL
from ecluse.domain.evaluations.labelled import OTHERS, LabelLine, LabelTable
from ecluse.domain.evaluations.measures import OutcomeKind

Masks = Mapping[str, Bools]


@dataclass(frozen=True, slots=True)
class Told:
    """Tables that may be stated, the sample folded as they are, the names of what is not told.

    `margins` are groups told in one line; `withheld` those of which nothing is.
    """

    sample: Labelled
    tables: tuple[LabelTable, ...]
    margins: tuple[str, ...]
    withheld: tuple[str, ...]


def tell(sample: Labelled, *, least: int) -> Told:
    """Return the tables of the whole and of every group. Raises InvalidInput: too few to tell."""
    sample = _answered(sample, least=least)
    folded = sample.folded(_kept(sample, least=least))
    whole = np.ones(sample.size, bool)
    if not _is_safe(folded, whole, least=least):
        raise InvalidInput(
            f"Fewer than {least} persons are right, or are wrong: nothing may be told of them. "
            "Evaluate on more cases."
        )
    tables, margins, withheld = [table_of(folded, whole, ALL)], [], []
    plain = folded.folded(())
    for masks in groups_of(folded).values():
        unsaid = _unsaid(folded, masks, least=least)
        rest = {name: mask for name, mask in masks.items() if name in unsaid}
        hidden = _unsaid(plain, rest, least=least)
        tables += [table_of(folded, masks[name], name) for name in masks if name not in unsaid]
        tables += [table_of(plain, rest[name], name) for name in rest if name not in hidden]
        margins += [name for name in rest if name not in hidden]
        withheld += hidden
    return Told(folded, tuple(tables), tuple(margins), tuple(withheld))


def groups_of(sample: Labelled) -> Mapping[str, Masks]:
    """Return the cases of each group, by variable, then by `variable=value`."""
    found = {}
    for variable, values in sample.groups.items():
        names, codes = arrays.labels(values, name=variable)
        found[variable] = {f"{variable}={name}": codes == rank for rank, name in enumerate(names)}
    return found


def table_of(sample: Labelled, rows: Bools, group: str) -> LabelTable:
    """Return the table of a group as it is: whether it may be told is for the caller to ask."""
    lines = zip(sample.labels, totals(sample.counts, rows).tolist(), strict=True)
    return LabelTable(group, int(rows.sum()), tuple(LabelLine(name, *row) for name, row in lines))


def _answered(sample: Labelled, *, least: int) -> Labelled:
    """Return cases whose missing answers may be counted; else each is an answer, a wrong one.

    Their number follows from the counts: missed less spurious. Where it would be of too few, in the
    whole or in a group, every unanswered case is said to be of the class after its own.
    """
    if sample.kind is not OutcomeKind.CLASSES:
        return sample
    lost = ~sample.answered
    masks = [mask for part in groups_of(sample).values() for mask in part.values()]
    every = [lost, *(lost & mask for mask in masks)]
    if not any(0 < _persons(sample, one) < least for one in every):
        return sample
    return replace(
        sample,
        counts=_said(sample.counts, len(sample.labels)),
        perturbed={name: _said(one, len(sample.labels)) for name, one in sample.perturbed.items()},
    )


def _said(counts: Any, labels: int) -> Any:
    """Return counts in which each case that is missed and nowhere spurious becomes spurious."""
    found = counts.tolil()
    dense = counts.tocoo()
    alarmed = set(dense.row[dense.col % 4 == SPURIOUS].tolist())
    for row, column in zip(dense.row.tolist(), dense.col.tolist(), strict=True):
        if column % 4 == MISSED and row not in alarmed:
            after = (column // 4 + 1) % labels
            found[row, 4 * after + SPURIOUS] = 1.0
    return found.tocsr()


def _persons(sample: Labelled, rows: Bools) -> int:
    return int(np.unique(sample.units[rows]).size)


def _kept(sample: Labelled, *, least: int) -> list[str]:
    """Return the labels that have a line of their own: the most frequent, as many as is safe."""
    whole = np.ones(sample.size, bool)
    sums, persons = totals(sample.counts, whole), holders(sample.counts, sample.units, whole)
    safe = np.asarray(~((persons > 0) & (persons < least)).any(axis=1))
    order = np.argsort(-sums.sum(axis=1), kind="stable")
    kept = [int(rank) for rank in order if safe[rank]]
    while kept:
        folded = sample.folded([sample.labels[rank] for rank in sorted(kept)])
        if _is_safe(folded, whole, least=least) and not _pins(folded, least=least):
            break
        kept.pop()
    return [sample.labels[rank] for rank in sorted(kept)]


def _is_safe(sample: Labelled, rows: Bools, *, least: int) -> bool:
    persons = holders(sample.counts, sample.units, rows)
    return not bool(((persons > 0) & (persons < least)).any())


def _pins(sample: Labelled, *, least: int) -> bool:
    """Tell whether margins fix how few of one class were taken for another.

    A row or a column of which one cell is not known yet gives it; so on until nothing moves.
    """
    if sample.kind is not OutcomeKind.CLASSES:
        return False
    sums = totals(sample.counts, np.ones(sample.size, bool))
    missed, alarmed = sums[:, MISSED].copy(), sums[:, SPURIOUS].copy()
    if missed.sum() != alarmed.sum():
        return False  # Unanswered cases leave every cell of a row open.
    own = np.array([name != OTHERS for name in sample.labels])
    free = np.outer(missed > 0, alarmed > 0) & ~np.diag(own)
    return any(0 < value < least for value in _peeled(free, missed, alarmed))


def _peeled(free: Bools, missed: Ints, alarmed: Ints) -> list[int]:
    """Return the cells that margins fix, as they are found."""
    found: list[int] = []
    while True:
        alone = [*np.argwhere(free & (free.sum(axis=1) == 1)[:, None])]
        alone += [*np.argwhere(free & (free.sum(axis=0) == 1)[None, :])]
        if not alone:
            return found
        row, column = alone[0]
        is_row = free[row].sum() == 1
        value = int(missed[row] if is_row else alarmed[column])
        missed[row] -= value
        alarmed[column] -= value
        free[row, column] = False
        found.append(value)


def _unsaid(sample: Labelled, masks: Masks, *, least: int) -> list[str]:
    """Return the groups to withhold: the unsafe ones, and others until their sum tells nothing."""
    hidden = [name for name, mask in masks.items() if not _is_safe(sample, mask, least=least)]
    rest = sorted((name for name in masks if name not in hidden), key=lambda n: masks[n].sum())
    for name in rest:
        together = np.any([masks[one] for one in hidden], axis=0) if hidden else None
        if together is None or _is_safe(sample, together, least=least):
            break
        hidden.append(name)
    return hidden
