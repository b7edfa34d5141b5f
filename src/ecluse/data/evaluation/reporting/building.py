"""Cases and a protocol to a report: counts first, then what follows from them, then the rest."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

from ecluse import __version__
from ecluse.data.evaluation.arrays import Bools
from ecluse.data.evaluation.reporting import resampling, timing
from ecluse.data.evaluation.reporting.attesting import Attested, Sample, attest
from ecluse.data.evaluation.reporting.computing import compute
from ecluse.data.evaluation.reporting.steps import (
    Cases,
    Groups,
    by_group,
    choose,
    is_safe,
    tabulate,
)
from ecluse.domain.disclosure.policy import DisclosurePolicy
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import Axis, Drift
from ecluse.domain.evaluations.checklists import Line
from ecluse.domain.evaluations.counts import ALL, ScoreTable, write
from ecluse.domain.evaluations.deviations import Deviation
from ecluse.domain.evaluations.judging import judge, place_of_primary
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import (
    Digests,
    EvaluationReport,
    Figure,
    PrivacyFigure,
    RunFacts,
    Withheld,
)

BENEFIT_POINTS: Final = 5
"""Thresholds between the two ends of the range of net benefit that are asked first."""
SOFTWARE: Final = f"ecluse {__version__}"
TOO_FEW: Final = "too few persons to be told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a report states besides figures: what was run, on what, and what happened meanwhile."""

    digests: Digests
    run: RunFacts | None = None
    deviations: tuple[Deviation, ...] = ()
    checklist: tuple[Line, ...] = ()
    privacy: tuple[PrivacyFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    tables: tuple[ScoreTable, ...]
    windows: tuple[ScoreTable, ...]
    edges: tuple[str, ...]
    withheld: tuple[Withheld, ...]


def build(
    sample: Sample, protocol: Protocol, given: Given, *, policy: DisclosurePolicy, now: datetime
) -> EvaluationReport:
    """Return the report of a sample, whose every count and figure the policy lets out.

    Raises:
        InvalidInput: fewer cases, or controls, than the policy lets be told.
    """
    least = max(policy.minimum_count, protocol.privacy.least_cell)
    policy = dataclasses.replace(policy, minimum_count=least)
    counted = _count(sample, protocol, policy)
    computed = compute(counted.tables, counted.windows, (), protocol=protocol)
    attested = attest(sample, protocol)
    cut = resampling.at_thresholds(sample, counted.edges, protocol)
    stated = frozenset(table.group for table in counted.tables)
    grouped, gaps = resampling.by_subgroup(sample, stated, protocol)
    parts = (attested, cut, grouped)
    report = blank(
        protocol, given, policy=policy, now=now, run=run_facts(sample.cases.answered, given, least)
    )
    report = dataclasses.replace(
        report,
        clusters=_clusters(sample, least),
        tables=counted.tables,
        windows=counted.windows,
        figures=merge(computed, parts),
        gaps=gaps,
        replicates=tuple(one for part in parts for one in part.replicates),
        losses=resampling.losses(sample, protocol),
        withheld=(*counted.withheld, *(one for part in parts for one in part.withheld)),
    )
    return dataclasses.replace(report, findings=judge(report, protocol))


def build_over_time(
    followed: timing.Followed,
    protocol: Protocol,
    given: Given,
    *,
    policy: DisclosurePolicy,
    now: datetime,
) -> EvaluationReport:
    """Return the report of risks of an event by a horizon. Raises InvalidInput as `build` does."""
    least = max(policy.minimum_count, protocol.privacy.least_cell)
    policy = dataclasses.replace(policy, minimum_count=least)
    life = timing.life_table(followed, least=least)
    attested = timing.attest(followed, protocol)
    run = given.run or RunFacts(cases=followed.times.size, failed="0")
    report = dataclasses.replace(
        blank(protocol, given, policy=policy, now=now, run=run),
        lives=(life,),
        figures=merge(compute((), (), (life,), protocol=protocol), (attested,)),
        replicates=attested.replicates,
        withheld=attested.withheld,
    )
    return dataclasses.replace(report, findings=judge(report, protocol))


def merge(computed: Iterable[Figure], parts: Iterable[Attested]) -> tuple[Figure, ...]:
    """Return figures of counts, those that were drawn in place of their bare values, the rest."""
    found = {figure.key: figure for figure in computed}
    for part in parts:
        for figure in part.figures:
            known = found.get(figure.key)
            # One value, whoever computed it: draws add the interval alone.
            value = figure.value if known is None else known.value
            found[figure.key] = dataclasses.replace(figure, value=value)
    return tuple(found.values())


def blank(
    protocol: Protocol, given: Given, *, policy: DisclosurePolicy, now: datetime, run: RunFacts
) -> EvaluationReport:
    """Return a report without counts nor figures."""
    return EvaluationReport(
        evaluation_number=protocol.identity.number,
        protocol_version=protocol.identity.version,
        digests=given.digests,
        policy=policy.reference,
        least=policy.minimum_count,
        seed=protocol.analysis.seed,
        draws=protocol.analysis.draws,
        clusters=0,
        tables=(),
        windows=(),
        lives=(),
        figures=(),
        gaps=(),
        replicates=(),
        losses=(),
        findings=(),
        withheld=(),
        deviations=given.deviations,
        checklist=given.checklist,
        run=run,
        privacy=given.privacy,
        software=SOFTWARE,
        made_at=now,
    )


def _count(sample: Sample, protocol: Protocol, policy: DisclosurePolicy) -> _Counted:
    least = policy.minimum_count
    cut = choose(sample.cases, _asked(sample.cases, protocol), least=least)
    whole = tabulate(sample.cases, cut.edges, group=ALL, policy=policy)
    if not is_safe(whole, least=least):
        raise InvalidInput(
            f"Fewer than {least} persons have the outcome, or have it not: nothing may be told of "
            "them. Evaluate on more cases."
        )
    fixed = tuple(
        edge for edge in cut.edges if edge in {one.value for one in protocol.index_test.thresholds}
    )
    groups = by_group(sample.cases, sample.groups, fixed, policy=policy)
    windows, hidden = _windows(sample, protocol, cut.edges, fixed, policy)
    withheld = [Withheld(f"threshold {edge}", TOO_FEW) for edge in cut.dropped]
    withheld += [Withheld(f"thresholds: {name}", TOO_FEW) for name in groups.margins]
    withheld += [Withheld(name, TOO_FEW) for name in groups.withheld]
    withheld += [Withheld(f"window: {name}", TOO_FEW) for name in hidden]
    return _Counted((whole, *groups.tables), windows, cut.edges, tuple(withheld))


def _asked(cases: Cases, protocol: Protocol) -> tuple[str, ...]:
    """Return the edges asked, the most important first: the primary's, others, net benefit's."""
    _, at = place_of_primary(protocol)
    edges = [at.partition("|")[0], *(one.value for one in protocol.index_test.thresholds)]
    if protocol.utility is not None and cases.are_risks:
        low, high = float(protocol.utility.low), float(protocol.utility.high)
        inner = np.linspace(low, high, BENEFIT_POINTS + 2)[1:-1]
        edges += [protocol.utility.low, protocol.utility.high]
        edges += [write(value, digits=2) for value in inner]
    kept: dict[float, str] = {}
    for edge in filter(None, edges):
        kept.setdefault(float(edge), edge)
    return tuple(kept.values())


def _windows(
    sample: Sample,
    protocol: Protocol,
    edges: Sequence[str],
    fixed: Sequence[str],
    policy: DisclosurePolicy,
) -> tuple[tuple[ScoreTable, ...], tuple[str, ...]]:
    """Return tables of the periods, cut as finely as lets all be told, and those withheld."""
    column = next((one.column for one in protocol.subgroups if one.axis is Axis.PERIOD), "")
    if protocol.drift is None or column not in sample.groups:
        return (), ()
    found = Groups((), (), ())
    for every in (1, 2, 4, len(edges) + 1):
        # Always with the edges of subgroups: two cuts of one period must not cross.
        kept = [edge for rank, edge in enumerate(edges) if edge in fixed or rank % every == 1]
        found = by_group(sample.cases, {column: sample.groups[column]}, kept, policy=policy)
        if not found.margins and not found.withheld:
            break
    first = _reference([table.group for table in found.tables], protocol.drift)
    ordered = sorted(found.tables, key=lambda table: (table.group != first, table.group))
    return tuple(ordered), found.withheld


def _reference(groups: Sequence[str], drift: Drift) -> str:
    """Return the period that lies in the window of reference; the first where none says so."""
    for group in sorted(groups):
        day = _day(group.partition("=")[2])
        if day and drift.reference_from_on <= day <= drift.reference_until_on:
            return group
    return min(groups, default="")


def _day(label: str) -> date | None:
    """Return the first day that a period names: 2023, 2023-04 or 2023-04-01."""
    found = re.fullmatch(r"([0-9]{4})(?:-([01][0-9]))?(?:-([0-3][0-9]))?", label)
    if found is None:
        return None
    try:
        return date(*(int(part or "1") for part in found.groups()))
    except ValueError:
        return None


def run_facts(answered: Bools, given: Given, least: int) -> RunFacts:
    """Return the facts of the run; of a prediction table, what the table itself tells."""
    lost = int((~answered).sum())
    told = f"under {least}" if 0 < lost < least else str(lost)
    if given.run is not None:
        return dataclasses.replace(given.run, cases=answered.size, failed=told)
    return RunFacts(cases=answered.size, failed=told)


def _clusters(sample: Sample, least: int) -> int:
    if sample.clusters is None:
        return 0
    found = int(np.unique(sample.clusters).size)
    return found if found >= least else 1
