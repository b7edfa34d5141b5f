"""Figures that follow from counts by label: computed alike by who makes a report and who verifies.

Shares of classes have the interval of their counts where cases are independent. Spans come many to
a text, so that an interval needs the texts: it is drawn (see `draws`).

Sources: macro F1, Lewis 1992; kappa, Cohen 1960; Matthews' correlation of k classes, Gorodkin 2004.
Spans: SemEval-2013 task 9, where half of a point is given for an overlap (`-partial`).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ecluse.data.evaluation.proportions import proportion
from ecluse.data.evaluation.reporting.computing import bare, figure, method_of
from ecluse.domain.evaluations.counts import ALL
from ecluse.domain.evaluations.labelled import LabelLine, LabelTable
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis, Figure

HALF: Final = 0.5
"""What an overlap counts for in the partial measures."""
SHARES: Final = ("accuracy", "label-recall", "label-precision")
"""Measures that are successes over trials, one case each, where a case has one class."""
Values = Mapping[tuple[str, str], float]
"""By measure and label; the label is empty where the measure is of all."""


def compute(tables: Iterable[LabelTable], *, protocol: Protocol) -> tuple[Figure, ...]:
    """Return every figure that the tables give, each once, in a fixed order."""
    return tuple(found for table in tables for found in _of_table(table, protocol))


def measures(table: LabelTable, kind: OutcomeKind) -> Values:
    """Return what a table gives; a measure of labels only of those that have a line."""
    is_classes = kind is OutcomeKind.CLASSES
    found = dict(_of_classes(table) if is_classes else _of_spans(table))
    if table.group == ALL:
        for line in table.told:
            found |= {(name, line.label): value for name, value in _of_label(line)}
            if not is_classes:
                found["label-f1-partial", line.label] = f1(line, half=HALF)
    return {place: value for place, value in found.items() if math.isfinite(value)}


def is_evaluable(table: LabelTable, protocol: Protocol) -> bool:
    """Tell whether a group has the cases that its protocol asks for."""
    column = table.group.partition("=")[0]
    floors = [one.least_cases for one in protocol.subgroups if one.column == column]
    return table.group == ALL or table.cases >= max(floors, default=0)


def recall(line: LabelLine, *, half: float = 0.0) -> float:
    """Return the share found of what there was to find; NaN where there was nothing."""
    return _ratio(line.right + half * line.part, line.true)


def precision(line: LabelLine, *, half: float = 0.0) -> float:
    """Return the share that is right of what was said; NaN where nothing was."""
    return _ratio(line.right + half * line.part, line.said)


def f1(line: LabelLine, *, half: float = 0.0) -> float:
    """Return the harmonic mean of both; NaN where there was nothing to find and nothing said."""
    return _ratio(2 * (line.right + half * line.part), line.true + line.said)


def _of_table(table: LabelTable, protocol: Protocol) -> Iterator[Figure]:
    if not is_evaluable(table, protocol):
        return
    kind = protocol.outcome.kind
    for (measure, label), value in measures(table, kind).items():
        pair = _pair(table, measure, label) if kind is OutcomeKind.CLASSES else None
        if pair is None:
            yield bare(measure, table.group, label, value, "counts")
            continue
        estimate = proportion(*pair, safety_claim=_is_exact(protocol, measure))
        alone = not protocol.population.cluster
        place = (measure, table.group, label)
        yield figure(place, estimate, basis=Basis.COUNTS, has_interval=alone)


def _pair(table: LabelTable, measure: str, label: str) -> tuple[int, int] | None:
    """Return successes and trials of a share."""
    if measure not in SHARES:
        return None
    if measure == "accuracy":
        return table.total.right, table.cases
    line = next(one for one in table.told if one.label == label)
    return line.right, line.said if measure == "label-precision" else line.true


def _is_exact(protocol: Protocol, measure: str) -> bool:
    return method_of(protocol, measure) == "clopper-pearson"


def _of_classes(table: LabelTable) -> Iterator[tuple[tuple[str, str], float]]:
    total = table.total
    yield ("accuracy", ""), _ratio(total.right, table.cases)
    if len(table.told) > 1:
        found = [f1(line) for line in table.told]
        yield ("macro-f1", ""), sum(found) / len(found)
    if len(table.told) > 1 and table.is_whole:
        yield ("kappa", ""), _kappa(table)
        yield ("mcc", ""), _matthews(table)


def _of_spans(table: LabelTable) -> Iterator[tuple[tuple[str, str], float]]:
    total = table.total
    for suffix, half in (("", 0.0), ("-partial", HALF)):
        yield (f"span-precision{suffix}", ""), precision(total, half=half)
        yield (f"span-recall{suffix}", ""), recall(total, half=half)
        yield (f"micro-f1{suffix}", ""), f1(total, half=half)


def _of_label(line: LabelLine) -> Iterator[tuple[str, float]]:
    yield "label-recall", recall(line)
    yield "label-precision", precision(line)
    yield "label-f1", f1(line)


def _kappa(table: LabelTable) -> float:
    """Return agreement beyond chance; no answer is a class of its own, that is never true."""
    chance = sum(line.true * line.said for line in table.lines) / table.cases**2
    return _ratio(table.total.right / table.cases - chance, 1.0 - chance)


def _matthews(table: LabelTable) -> float:
    cases, total = table.cases, table.total
    both = sum(line.true * line.said for line in table.lines)
    true = cases**2 - sum(line.true**2 for line in table.lines)
    said = cases**2 - sum(line.said**2 for line in table.lines) - table.unanswered**2
    return _ratio(total.right * cases - both, math.sqrt(true * said))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
