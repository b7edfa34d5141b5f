"""The protocol of an evaluation: everything that is fixed before data are opened.

One value, one canonical spelling, one digest. What contradicts itself cannot be built.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import (
    MANDATORY,
    Access,
    Analysis,
    Calibration,
    Drift,
    LeftOut,
    Metric,
    Metrics,
    Perturbation,
    Privacy,
    SampleSize,
    Subgroup,
    Utility,
)
from ecluse.domain.evaluations.measures import OutcomeKind, measure
from ecluse.domain.evaluations.parts import (
    Columns,
    Identity,
    IndexTest,
    IntendedUse,
    MissingData,
    Outcome,
    Population,
    Purpose,
    ReferenceStandard,
    Sampling,
)

RAW_VALUES: Final = frozenset({"ppv", "npv"})
"""Predictive values at the prevalence that was sampled."""
CLUSTERED: Final = frozenset({"obuchowski-logit", "wald-cluster", "bca", "percentile"})
"""Methods of interval that hold where several cases come from one cluster."""


class Guideline(StrEnum):
    """A guideline that the report answers, item by item."""

    TRIPOD_AI = "TRIPOD+AI"
    STARD_AI = "STARD-AI"
    CLAIM = "CLAIM 2024"
    DECIDE_AI = "DECIDE-AI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A whole protocol. `drift` and `utility` are None where there is nothing to say of them.

    Source: the table of an evaluation's parts that TRIPOD+AI, STARD-AI, CLAIM and DECIDE-AI ask.
    """

    identity: Identity
    intended_use: IntendedUse
    population: Population
    index_test: IndexTest
    reference_standard: ReferenceStandard
    outcome: Outcome
    metrics: Metrics
    subgroups: tuple[Subgroup, ...]
    left_out: tuple[LeftOut, ...]
    calibration: Calibration
    utility: Utility | None
    robustness: tuple[Perturbation, ...]
    drift: Drift | None
    missing_data: MissingData
    sample_size: SampleSize
    privacy: Privacy
    analysis: Analysis
    access: Access
    guidelines: tuple[Guideline, ...]
    run: Columns

    def __post_init__(self) -> None:
        for metric in self.metrics.all:
            _check_metric(self, metric)
        _check_subgroups(self)
        _check_run(self)
        _check_guidelines(self)


def _check_metric(protocol: Protocol, metric: Metric) -> None:
    found, kind = measure(metric.measure), protocol.outcome.kind
    if kind not in found.outcomes:
        raise InvalidInput(f"{found.name} does not tell anything of an outcome that is {kind}.")
    if metric.threshold:
        protocol.index_test.threshold(metric.threshold)
    if found.name in RAW_VALUES and protocol.population.sampling is Sampling.CASE_CONTROL:
        raise InvalidInput(
            f"A raw {found.name} of a case-control sample means nothing: "
            f"take {found.name}-at-target with the prevalence where the system will serve."
        )
    if protocol.population.cluster and metric.method not in CLUSTERED:
        raise InvalidInput(
            f"Cases are grouped by {protocol.population.cluster}: an interval of {found.name} by "
            f"{metric.method} would be too narrow. Take bca."
        )


def _check_subgroups(protocol: Protocol) -> None:
    columns = [one.column for one in protocol.subgroups]
    if len(set(columns)) != len(columns):
        raise InvalidInput("One column cuts two subgroups: keep one.")
    compared = {one.axis for one in protocol.subgroups}
    excused = {one.axis for one in protocol.left_out}
    if compared & excused:
        raise InvalidInput("An axis is both compared and left out: choose.")
    missing = [axis.value for axis in MANDATORY if axis not in compared | excused]
    if missing:
        raise InvalidInput(f"Compare, or say why not: {', '.join(missing)}.")


def _check_run(protocol: Protocol) -> None:
    run, kind = protocol.run, protocol.outcome.kind
    if run.cluster != protocol.population.cluster:
        raise InvalidInput("The cluster of the run is not that of the population: write one.")
    if kind is OutcomeKind.TIME_TO_EVENT and not (run.time and run.event):
        raise InvalidInput("A time to an event is read from two columns: name time and event.")
    reserved = {run.case, run.prediction, run.outcome}
    if reserved & {one.column for one in protocol.subgroups}:
        raise InvalidInput("A subgroup bears the name of the case or the outcome: rename it.")


def _check_guidelines(protocol: Protocol) -> None:
    if not protocol.guidelines or len(set(protocol.guidelines)) != len(protocol.guidelines):
        raise InvalidInput("Name the guidelines that the report answers, each once.")
    is_image = protocol.intended_use.purpose is Purpose.SEGMENTATION
    if is_image and Guideline.CLAIM not in protocol.guidelines:
        raise InvalidInput("A segmentation is reported by CLAIM 2024: add it.")


def to_json(protocol: Protocol) -> codec.JSON:
    """The JSON value whose canonical spelling is the protocol's."""
    return codec.encode(protocol)


def from_json(value: codec.JSON) -> Protocol:
    """The protocol that `to_json` writes. Raises Malformed for a shape, InvalidInput for a rule."""
    found: Protocol = codec.decode(value, Protocol, at="protocol")
    return found
