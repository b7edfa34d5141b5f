"""Labels and predictions, as files of a run, to cases with classes or with spans."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecluse.data.evaluation.arrays import Bools
from ecluse.data.evaluation.reporting import reading
from ecluse.data.evaluation.reporting.labelled import samples
from ecluse.data.evaluation.reporting.labelled.matching import Span
from ecluse.data.evaluation.reporting.labelled.samples import Labelled
from ecluse.data.evaluation.running.tables import check_keys, read_table
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol

KINDS: Final = (OutcomeKind.CLASSES, OutcomeKind.SPANS)


def read_labelled(
    labels: Path,
    predictions: Path,
    protocol: Protocol,
    *,
    perturbed: Mapping[str, Path] | None = None,
) -> Labelled:
    """Return the cases of a protocol whose outcome is a class, or spans of a text.

    Spans are lists of `begin`, `end`, `label`, in Parquet or as JSON in a CSV. A case without a
    prediction, or on which the system abstained, was failed; an answer that is no class of the
    protocol is none.

    Raises:
        InvalidInput: a column lacks, a case is named twice, an outcome is missing or is of no class
            of the protocol, or spans are not written as spans.
    """
    kind, classes = protocol.outcome.kind, protocol.outcome.classes
    if kind not in KINDS or not classes:
        raise InvalidInput("The protocol predicts no class and no span, or does not name labels.")
    table, keys = reading.read_labels(labels, protocol)
    read = _Classes(classes) if kind is OutcomeKind.CLASSES else _Spans(classes)
    true = read.true(table[protocol.run.outcome], labels)
    said, answered = _said(predictions, keys, protocol)
    damaged = reading.planned(perturbed or {}, protocol)
    cluster = protocol.run.cluster
    return Labelled(
        kind,
        classes,
        read.counts(true, said, predictions),
        answered,
        reading.texts(table, cluster, labels) if cluster else None,
        {one.column: reading.grouped(table, one, labels) for one in protocol.subgroups},
        {
            name: read.counts(true, _said(path, keys, protocol)[0], path)
            for name, path in damaged.items()
        },
    )


def _said(path: Path, keys: pa.ChunkedArray, protocol: Protocol) -> tuple[list[Any], Bools]:
    """Return the answer to each case in the order of `keys`, None where there is none."""
    table, run = read_table(path), protocol.run
    named = check_keys(reading.column(table, run.case, path), where=path.name)
    reading.check_known(named, keys, path)
    given = reading.column(table, run.prediction, path).to_pylist()
    if run.abstained and run.abstained in table.column_names:
        abstained = table[run.abstained].to_pylist()
        given = [None if out else one for one, out in zip(given, abstained, strict=True)]
    places = pc.index_in(keys, value_set=named).to_pylist()
    found = [None if place is None else given[place] for place in places]
    return found, np.array([one is not None for one in found], bool)


class _Classes:
    """Answers that are one class a case."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._ranks = {name: rank for rank, name in enumerate(classes)}

    def true(self, column: pa.ChunkedArray, path: Path) -> Any:
        found = self._read(column.to_pylist())
        strange = int((found == samples.UNANSWERED).sum())
        if strange:
            raise InvalidInput(
                f"{path.name}: {strange} outcomes are missing, or of no class of the protocol."
            )
        return found

    def counts(self, true: Any, said: list[Any], _path: Path) -> Any:
        return samples.of_classes(tuple(self._ranks), true, self._read(said))

    def _read(self, values: list[Any]) -> Any:
        return np.array([self._ranks.get(str(one), samples.UNANSWERED) for one in values], np.int64)


class _Spans:
    """Answers that are spans of a text: one without an answer found none."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)

    def true(self, column: pa.ChunkedArray, path: Path) -> Any:
        values = column.to_pylist()
        if None in values:
            raise InvalidInput(f"{path.name}: {values.count(None)} outcomes are missing.")
        return self._read(values, path)

    def counts(self, true: Any, said: list[Any], path: Path) -> Any:
        return samples.of_spans(self._labels, true, self._read(said, path))

    def _read(self, values: list[Any], path: Path) -> list[list[Span]]:
        try:
            return [[self._span(one) for one in _listed(value)] for value in values]
        except (TypeError, ValueError, KeyError):
            raise InvalidInput(
                f"{path.name}: spans are lists of begin, end and label, the label one of the "
                "protocol, the end after the beginning. One of them is not."
            ) from None

    def _span(self, value: Any) -> Span:
        begin, end, label = int(value["begin"]), int(value["end"]), str(value["label"])
        if not 0 <= begin < end or label not in self._labels:
            raise ValueError(label)
        return begin, end, label


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(json.loads(value) if isinstance(value, str) else value)
