"""Labels and predictions, as files of a run, to the sample that a report is made from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ecluse.data.evaluation.arrays import Floats
from ecluse.data.evaluation.reporting.attesting import Sample
from ecluse.data.evaluation.reporting.steps import Cases
from ecluse.data.evaluation.reporting.timing import Followed
from ecluse.data.evaluation.running.tables import check_keys, read_table
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import Subgroup
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol

OTHER: Final = "other"


def read_sample(
    labels: Path,
    predictions: Path,
    protocol: Protocol,
    *,
    perturbed: Mapping[str, Path] | None = None,
) -> Sample:
    """Return the cases of a protocol with a yes-or-no outcome.

    A case without a prediction, or on which the system abstained, was failed. `perturbed` holds
    the predictions of the same cases under each perturbation that the protocol names.

    Raises:
        InvalidInput: a column lacks, a case is named twice, predictions are of other cases, an
            outcome is missing, or the outcome is of another kind.
    """
    if protocol.outcome.kind is not OutcomeKind.BINARY:
        raise InvalidInput(
            f"An outcome of kind {protocol.outcome.kind} has no score to be cut in "
            "steps: reports are of binary outcomes, classes, spans and times to an event."
        )
    table, keys = read_labels(labels, protocol)
    cases = Cases.of(
        _numbers(table, protocol.run.outcome, labels), _scores(predictions, keys, protocol)
    )
    cluster = protocol.run.cluster
    return Sample(
        cases,
        texts(table, cluster, labels) if cluster else None,
        {one.column: grouped(table, one, labels) for one in protocol.subgroups},
        _perturbed(perturbed or {}, keys, protocol),
    )


def read_followed(labels: Path, predictions: Path, protocol: Protocol) -> Followed:
    """Return the persons of a protocol with a time to an event. Raises InvalidInput."""
    horizon = protocol.outcome.horizon_days
    if protocol.outcome.kind is not OutcomeKind.TIME_TO_EVENT or horizon is None:
        raise InvalidInput("This protocol predicts no time to an event.")
    table, keys = read_labels(labels, protocol)
    risks = _scores(predictions, keys, protocol)
    if np.isnan(risks).any():
        raise InvalidInput(
            f"{int(np.isnan(risks).sum())} persons have no prediction: a time to an event needs "
            "one each."
        )
    run = protocol.run
    return Followed.of(
        _numbers(table, run.time, labels),
        _numbers(table, run.event, labels),
        risks,
        horizon=float(horizon),
        units=texts(table, run.cluster, labels) if run.cluster else np.arange(len(table)),
    )


def read_names(labels: Path, protocol: Protocol) -> pa.ChunkedArray:
    """Return the names of the cases, in the order of their labels. Raises InvalidInput."""
    return read_labels(labels, protocol)[1]


def _perturbed(
    paths: Mapping[str, Path], keys: pa.ChunkedArray, protocol: Protocol
) -> dict[str, Floats]:
    """Return the predictions under each perturbation. Raises InvalidInput for one not planned."""
    return {name: _scores(path, keys, protocol) for name, path in planned(paths, protocol).items()}


def planned(paths: Mapping[str, Path], protocol: Protocol) -> Mapping[str, Path]:
    """Return tables by the perturbation that they are of. Raises InvalidInput: one not planned."""
    named = {one.kind.value for one in protocol.robustness}
    unknown = sorted(paths.keys() - named)
    if unknown:
        raise InvalidInput(f"The protocol names no perturbation {unknown[0]}: leave it out.")
    return paths


def read_labels(path: Path, protocol: Protocol) -> tuple[pa.Table, pa.ChunkedArray]:
    """Return the labels, and the names of their cases. Raises InvalidInput."""
    table = read_table(path)
    return table, check_keys(column(table, protocol.run.case, path), where=path.name)


def _scores(path: Path, keys: pa.ChunkedArray, protocol: Protocol) -> Floats:
    """Return the prediction of each case, in the order of `keys`, NaN where there is none."""
    table, run = read_table(path), protocol.run
    named = check_keys(column(table, run.case, path), where=path.name)
    check_known(named, keys, path)
    given = _as_floats(column(table, run.prediction, path), run.prediction, path)
    if run.abstained and run.abstained in table.column_names:
        given[np.asarray(table[run.abstained].to_numpy(zero_copy_only=False), np.bool_)] = np.nan
    places = pc.index_in(keys, value_set=named)
    rows = pc.fill_null(places, -1).to_numpy()
    return np.where(rows >= 0, given[rows], np.nan)


def check_known(named: pa.ChunkedArray, keys: pa.ChunkedArray, path: Path) -> None:
    """Pass if predictions are of cases that the labels hold. Raises InvalidInput."""
    strangers = len(named) - (pc.sum(pc.is_in(named, value_set=keys)).as_py() or 0)
    if strangers:
        raise InvalidInput(f"{path.name} predicts {strangers} cases that the labels do not hold.")


def _numbers(table: pa.Table, name: str, path: Path) -> Floats:
    found = _as_floats(column(table, name, path), name, path)
    missing = int(np.isnan(found).sum())
    if missing:
        raise InvalidInput(
            f"{path.name}: {missing} of {found.size} values of {name} are missing. Every case of "
            "an evaluation has its reference."
        )
    return found


def _as_floats(column: pa.ChunkedArray, name: str, path: Path) -> Floats:
    try:
        numbers = pc.cast(column, pa.float64())
    except (pa.ArrowException, ValueError):
        raise InvalidInput(f"{path.name}: {name} holds something that is no number.") from None
    return np.array(numbers.to_numpy(), np.float64)


def texts(table: pa.Table, name: str, path: Path) -> npt.NDArray[Any]:
    """Return a column that cuts cases as texts; a missing value is a group of its own."""
    found = pc.fill_null(pc.cast(column(table, name, path), pa.string()), "?")
    return np.array(found.to_pylist(), np.str_)


def grouped(table: pa.Table, subgroup: Subgroup, path: Path) -> npt.NDArray[Any]:
    """Return the groups of a protocol; what it does not name is `other`, whatever it is called."""
    found = texts(table, subgroup.column, path)
    if not subgroup.categories:
        return found
    return np.where(np.isin(found, subgroup.categories), found, OTHER)


def column(table: pa.Table, name: str, path: Path) -> pa.ChunkedArray:
    """Return a column that the protocol names. Raises InvalidInput: there is none."""
    if name not in table.column_names:
        raise InvalidInput(f"{path.name} lacks the column {name}: the protocol names it.")
    return table[name]
