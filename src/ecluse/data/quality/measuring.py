"""The quality of a snapshot, measured: one pass over its tables, then everything that follows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import duckdb

from ecluse.data.engines import literal_path, storage_failures
from ecluse.data.lake import LakeTable, Snapshot
from ecluse.data.quality import (
    codes,
    completeness,
    keys,
    population,
    profiles,
    references,
    stability,
    timeliness,
)
from ecluse.data.quality.examinations import Examination, examining
from ecluse.data.quality.masking import masked
from ecluse.data.quality.reports import (
    VERSION,
    CheckResult,
    LagCurve,
    Period,
    Population,
    QualityReport,
    Refusal,
    Scope,
    TableQuality,
    score,
)
from ecluse.data.quality.rules import checks
from ecluse.data.schemas import TableSchema
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import JobFailed
from ecluse.trust import canonical

DIGITS: Final = 16


@dataclass(slots=True)
class _Findings:
    """What has been found so far."""

    tables: list[TableQuality] = field(default_factory=list)
    lags: list[LagCurve] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)


def report(
    snapshot: Snapshot,
    *,
    connection: duckdb.DuckDBPyConnection,
    on: date,
    former: QualityReport | None = None,
    scope: Scope = Scope.DATASET,
    minimum_count: int | None = None,
) -> QualityReport:
    """Return the quality report of `snapshot`, compared with a `former` report if there is one.

    The connection must be able to read the folder of the dataset, and to write a folder of its own
    where memory is short. `on`: the day that ages and the age of the flows are counted at. With the
    scope `LOAD`, months of claims and years of stays that `former` measured already are not looked
    at row by row again: the cost is that of the load, whatever the size of the dataset. Counts
    from 1 to `minimum_count` − 1 are not shown: by default the threshold of the disclosure policy;
    1 shows everything, for whoever stays inside the zone.

    Raises:
        JobFailed: a part cannot be read, or memory is short; the snapshot is as it was.
        StorageFull: no space is left to set rows aside.
    """
    minimum = DisclosurePolicy().minimum_count if minimum_count is None else minimum_count
    fresh = _fresh(snapshot, former) if scope is Scope.LOAD and former else {}
    try:
        with (
            storage_failures(snapshot.folder),
            examining(connection, snapshot, on=on, fresh=fresh) as started,
        ):
            return masked(_report(started, former), minimum=minimum)
    except duckdb.Error as error:
        # `from None`: the engine's message can quote the row it was reading.
        raise JobFailed(
            f"The quality of {snapshot.dataset} {snapshot.snapshot_id} could not be measured "
            f"({type(error).__name__}). Prove its files with `ecluse lake verify "
            f"{snapshot.dataset}`; if they are sound, give the measure more memory."
        ) from None


def _report(examination: Examination, former: QualityReport | None) -> QualityReport:
    """Return the report with every count."""
    has_persons = population.keep_persons(examination)
    found = _Findings()
    for schema in examination.schemas():
        _measure(examination, schema, former, found, has_persons=has_persons)
    found.checks += [*completeness.required_tables(examination), *keys.check(examination)]
    found.checks += references.check(examination)
    for table in found.tables:
        found.checks += stability.check_volumes(examination, table, found.lags)
    refusals = _refusals(examination)
    found.checks.append(_refused(examination, refusals))
    people = _population(examination, found, has_persons=has_persons)
    if former:
        persons = people.persons if people else None
        found.checks += stability.check_against(examination, found.tables, persons, former)
    return _compose(examination, found, people, refusals, former)


def _measure(
    examination: Examination,
    schema: TableSchema,
    former: QualityReport | None,
    found: _Findings,
    *,
    has_persons: bool,
) -> None:
    """Measure one table and add what is found."""
    table = examination.snapshot.tables[schema.name]
    empty = completeness.emptiness(examination, schema, table)
    profile = profiles.scan(examination, schema)
    coded = codes.code_columns(examination, schema)
    used = tuple(codes.use(examination, schema, column) for column in coded)
    found.tables.append(
        TableQuality(
            name=schema.name,
            title_fr=schema.title_fr,
            title_en=schema.title_en,
            rows=table.rows,
            cut=schema.slicing,
            periods=tuple(_periods(table, empty.rows, former)),
            columns=completeness.columns(schema, table, empty),
            volumes=profiles.volumes(examination, profile) if schema.holds_care else (),
            codes=used,
        )
    )
    found.checks += completeness.check(examination, schema, table, empty)
    found.checks += profiles.check(examination, profile, has_persons=has_persons)
    for column, its_use in zip(coded, used, strict=True):
        found.checks += codes.check(examination, column, its_use)
    curve = timeliness.lag_curve(examination, profile)
    if curve:
        found.lags.append(curve)
        found.checks += timeliness.check(examination, curve)


def _periods(
    table: LakeTable, rows: Mapping[str, int], former: QualityReport | None
) -> Iterator[Period]:
    """Give the periods of a table, each named by the digests of the parts that hold it."""
    before = former.table(table.name) if former else None
    known = {(period.name, period.digest) for period in before.periods} if before else set()
    for name, count in rows.items():
        # A year of a table delivered whole is in any of its parts.
        parts = [part for part in table.parts if part.slice == name] or table.parts
        text = "\n".join(sorted(part.digest for part in parts))
        digest = canonical.digest(text.encode()).partition(":")[2][:DIGITS]
        yield Period(name, count, digest, is_new=(name, digest) not in known)


def _fresh(snapshot: Snapshot, former: QualityReport) -> dict[str, frozenset[str]]:
    """Return the slices that the former report had not, of the tables delivered by slices."""
    known = snapshot.model.tables
    return {
        name: frozenset(
            period.name
            for period in _periods(table, dict.fromkeys(table.slices, 0), former)
            if period.is_new
        )
        for name, table in snapshot.tables.items()
        if name in known and known[name].slicing != "whole"
    }


def _population(
    examination: Examination, found: _Findings, *, has_persons: bool
) -> Population | None:
    register = examination.rules.register
    if register is None or not has_persons:
        return None
    found.checks += population.check(examination)
    return population.describe(examination, register)


def _refusals(examination: Examination) -> tuple[Refusal, ...]:
    """Return how many lines the load refused, by reason and column."""
    lines = examination.connection.read_csv(
        literal_path(examination.snapshot.quarantine_path),
        hive_partitioning=False,
        auto_detect=False,
        header=True,
        sep=",",
        quotechar='"',
        escapechar='"',
        columns={"file": "VARCHAR", "line": "BIGINT", "column": "VARCHAR", "reason": "VARCHAR"},
    )
    found = lines.aggregate('reason, "column", count(*) AS n').order('n DESC, reason, "column"')
    return tuple(
        Refusal(reason, column or "", int(count)) for reason, column, count in found.fetchall()
    )


def _refused(examination: Examination, refusals: tuple[Refusal, ...]) -> CheckResult:
    refused = sum(refusal.lines or 0 for refusal in refusals)
    rows = sum(table.rows for table in examination.snapshot.tables.values())
    return examination.judge("refused-line", table="", violations=refused, examined=rows + refused)


def _compose(
    examination: Examination,
    found: _Findings,
    people: Population | None,
    refusals: tuple[Refusal, ...],
    former: QualityReport | None,
) -> QualityReport:
    snapshot = examination.snapshot
    order = {name: rank for rank, name in enumerate(checks())}
    ordered = sorted(found.checks, key=lambda c: (order[c.check], c.table, c.column))
    return QualityReport(
        version=VERSION,
        dataset=snapshot.dataset,
        snapshot=snapshot.snapshot_id,
        model=snapshot.model.name,
        published_at=snapshot.published_at,
        measured_on=examination.on,
        former=former.snapshot if former else None,
        scope=Scope.LOAD if examination.fresh else Scope.DATASET,
        minimum_count=1,
        scores=score(tuple(ordered)),
        checks=tuple(ordered),
        population=people,
        tables=tuple(found.tables),
        lags=tuple(found.lags),
        changes=stability.changes(found.tables, former) if former else (),
        refusals=refusals,
    )
