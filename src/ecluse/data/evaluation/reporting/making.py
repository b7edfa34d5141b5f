"""The files of a run to its report: which kind of report, from which tables, with what it states.

The command line and the agent make their reports here, so that one order and one command give the
same figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ecluse.data.evaluation.reporting import building, reading
from ecluse.data.evaluation.reporting.building import Given
from ecluse.data.evaluation.reporting.labelled import building as building_labelled
from ecluse.data.evaluation.reporting.labelled import reading as labelled
from ecluse.domain.disclosure.model_trials import LIMITS, ModelTrial, limit_of
from ecluse.domain.disclosure.policy import DisclosurePolicy
from ecluse.domain.errors import Refused
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport, PrivacyFigure
from ecluse.trust import canonical


@dataclass(frozen=True, slots=True)
class Tables:
    """Labels, predictions of the same cases, and predictions under each perturbation, by name."""

    labels: Path
    predictions: Path
    perturbed: Mapping[str, Path] = field(default_factory=dict)


def make(
    tables: Tables, protocol: Protocol, given: Given, *, policy: DisclosurePolicy, now: datetime
) -> EvaluationReport:
    """Return the report of a protocol on these tables, bound to the predictions by their digest.

    Raises:
        InvalidInput: as `building` does.
        Refused: these are not the predictions that the run left.
    """
    found, stated = canonical.digest_file(tables.predictions), given.run
    if stated is not None and stated.predictions not in ("", found):
        raise Refused("These predictions are not those that the run left: give its own, unchanged.")
    report = _made(tables, protocol, given, policy=policy, now=now)
    return replace(report, run=replace(report.run, predictions=found))


def _made(
    tables: Tables, protocol: Protocol, given: Given, *, policy: DisclosurePolicy, now: datetime
) -> EvaluationReport:
    if protocol.outcome.kind is OutcomeKind.TIME_TO_EVENT:
        followed = reading.read_followed(tables.labels, tables.predictions, protocol)
        return building.build_over_time(followed, protocol, given, policy=policy, now=now)
    if protocol.outcome.kind in labelled.KINDS:
        found = labelled.read_labelled(
            tables.labels, tables.predictions, protocol, perturbed=tables.perturbed
        )
        return building_labelled.build(found, protocol, given, policy=policy, now=now)
    sample = reading.read_sample(
        tables.labels, tables.predictions, protocol, perturbed=tables.perturbed
    )
    return building.build(sample, protocol, given, policy=policy, now=now)


def privacy_figures(trial: ModelTrial, protocol: Protocol) -> tuple[PrivacyFigure, ...]:
    """Return what attacks on the model of a protocol told. Raises Refused: it is another model."""
    if trial.model != protocol.index_test.artefact:
        raise Refused("These attacks are on another model: give those of the model evaluated.")
    return tuple(
        PrivacyFigure(
            attack=one.attack.value,
            value=one.value,
            low=one.low,
            high=one.high,
            limit=limit_of(one.attack, others=trial.others).tolerated
            if one.attack in LIMITS
            else "",
            verdict=one.verdict.value,
        )
        for one in trial.attacks
    )
