"""Cases with labels and a protocol to a report: counts first, then what follows from them."""

import dataclasses
from datetime import datetime

import numpy as np

from ecluse.data.evaluation.reporting import building
from ecluse.data.evaluation.reporting.building import Given
from ecluse.data.evaluation.reporting.labelled import draws, figures
from ecluse.data.evaluation.reporting.labelled.samples import Labelled
from ecluse.data.evaluation.reporting.labelled.tables import Told, tell
from ecluse.domain.disclosure.policy import DisclosurePolicy
from ecluse.domain.evaluations.judging import judge
from ecluse.domain.evaluations.labelled import OTHERS
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport, Withheld


def build(
    sample: Labelled, protocol: Protocol, given: Given, *, policy: DisclosurePolicy, now: datetime
) -> EvaluationReport:
    """Return the report of a sample with labels, whose every count the policy lets out.

    Raises:
        InvalidInput: fewer persons are right, or wrong, than the policy lets be told.
    """
    least = max(policy.minimum_count, protocol.privacy.least_cell)
    policy = dataclasses.replace(policy, minimum_count=least)
    told = tell(sample, least=least)
    attested = draws.attest(told, protocol)
    computed = figures.compute(told.tables, protocol=protocol)
    run = building.run_facts(sample.answered, given, least)
    report = dataclasses.replace(
        building.blank(protocol, given, policy=policy, now=now, run=run),
        clusters=_clusters(sample, least),
        labels=told.tables,
        figures=building.merge(computed, (attested,)),
        replicates=attested.replicates,
        losses=draws.losses(told, protocol),
        withheld=(*_withheld(sample, told), *attested.withheld),
    )
    return dataclasses.replace(report, findings=judge(report, protocol))


def _withheld(sample: Labelled, told: Told) -> tuple[Withheld, ...]:
    hidden = set(sample.labels) - set(told.sample.labels)
    names = [f"label: {name}" for name in sample.labels if name in hidden]
    if OTHERS not in told.sample.labels:
        names = [f"labels: {len(names)}"] if names else []
    names += [f"labels: {name}" for name in told.margins] + list(told.withheld)
    return tuple(Withheld(name, building.TOO_FEW) for name in names)


def _clusters(sample: Labelled, least: int) -> int:
    if sample.clusters is None:
        return 0
    found = int(np.unique(sample.clusters).size)
    return found if found >= least else 1
