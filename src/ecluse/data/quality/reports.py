"""What a quality report holds: values alone, no float, fit for a canonical document.

`encode` and `decode` are the JSON of a report: its members are the fields of the dataclasses
below, in `domain.codec`'s spelling. Shares are decimal text in percent. A count that is `null`
is not shown: it, or one beside it that would give it away, is under `minimum_count`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, cast

from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.errors import Malformed

VERSION: Final = 1


class Dimension(StrEnum):
    """What a check is about; the dimensions of the label of EHDS art. 78(3), and stability."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    TIMELINESS = "timeliness"
    PLAUSIBILITY = "plausibility"
    CONSISTENCY = "consistency"
    STABILITY = "stability"


class Scope(StrEnum):
    """What was looked at row by row: every period, or those that the load brought."""

    DATASET = "dataset"
    LOAD = "load"


class Unit(StrEnum):
    """What a check counts; a `share` is in hundredths of a percent."""

    ROWS = "rows"
    PERSONS = "persons"
    PERIODS = "periods"
    COLUMNS = "columns"
    CODES = "codes"
    TABLES = "tables"
    MONTHS = "months"
    SHARE = "share"


class Status(StrEnum):
    """What a check found: `warning` asks for a look, `failed` for a correction."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one table or column: `violations` among `examined`.

    `threshold`: the percentage of violations up to which the check passes.
    """

    check: str
    dimension: Dimension
    table: str
    column: str
    unit: Unit
    violations: int | None
    examined: int | None
    threshold: str
    status: Status


@dataclass(frozen=True, slots=True)
class Period:
    """A month of flow, a year of stays, a year of events or `all`.

    `digest` names what the period holds; `is_new`: the former report had not these very rows.
    """

    name: str
    rows: int | None
    digest: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class ColumnQuality:
    """How often a column is empty: in all, and in each period of its table, in their order."""

    name: str
    title_fr: str
    title_en: str
    missing: int | None
    missing_by_period: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """Rows whose care is of `month` (`2021-03`)."""

    month: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many rows carry `code`."""

    code: str
    rows: int


@dataclass(frozen=True, slots=True)
class Divergence:
    """How far the codes of a period are from those of the period before.

    `bits`: Jensen-Shannon divergence, 0 the same to 1 nothing in common, less what chance alone
    is expected to give.
    """

    period: str
    bits: str


@dataclass(frozen=True, slots=True)
class CodeUse:
    """The codes of a column: the most frequent, all others as `rest`, and how they move."""

    column: str
    system: str
    digits: int | None
    codes: tuple[CodeCount, ...]
    rest: int | None
    divergences: tuple[Divergence, ...]


@dataclass(frozen=True, slots=True)
class TableQuality:
    """The measures of one table."""

    name: str
    title_fr: str
    title_en: str
    rows: int | None
    cut: str
    periods: tuple[Period, ...]
    columns: tuple[ColumnQuality, ...]
    volumes: tuple[Volume, ...]
    codes: tuple[CodeUse, ...]


@dataclass(frozen=True, slots=True)
class RecentMonth:
    """A month of care that is still arriving: rows so far, and the share expected so far."""

    month: str
    rows: int | None
    arrived: str


@dataclass(frozen=True, slots=True)
class LagCurve:
    """What share of a month of care has arrived 0, 1, 2… months later, in percent."""

    table: str
    last_flow: str
    arrived: tuple[str, ...]
    recent: tuple[RecentMonth, ...]


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Persons alive whose age is from `first_age` to `first_age` + 4, at the publication."""

    first_age: int
    women: int | None
    men: int | None


@dataclass(frozen=True, slots=True)
class Population:
    """Who the register describes."""

    persons: int | None
    women: int | None
    men: int | None
    dead: int | None
    ages: tuple[AgeBand, ...]


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a table has become since the former report; None where it was, or is, absent."""

    table: str
    rows_before: int | None
    rows_now: int | None
    columns_appeared: tuple[str, ...]
    columns_vanished: tuple[str, ...]
    periods_changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Lines that the load refused for `reason`."""

    reason: str
    column: str
    lines: int | None


@dataclass(frozen=True, slots=True)
class Score:
    """How many checks of a dimension passed; `percent` of them, empty when there is none."""

    dimension: Dimension
    checks: int
    warnings: int
    failed: int
    percent: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The quality of one snapshot. `former`: the snapshot it is compared with."""

    version: int
    dataset: str
    snapshot: str
    model: str
    published_at: datetime
    measured_on: date
    former: str | None
    scope: Scope
    minimum_count: int
    scores: tuple[Score, ...]
    checks: tuple[CheckResult, ...]
    population: Population | None
    tables: tuple[TableQuality, ...]
    lags: tuple[LagCurve, ...]
    changes: tuple[TableChange, ...]
    refusals: tuple[Refusal, ...]

    def table(self, name: str) -> TableQuality | None:
        """Return the measures of a table, None if the snapshot lacks it."""
        return next((table for table in self.tables if table.name == name), None)


def encode(report: QualityReport) -> JSON:
    """Return the JSON of a report; `trust.canonical` spells it."""
    return codec.encode(report)


def decode(json: JSON) -> QualityReport:
    """Return the report that `encode` wrote. Raises Malformed."""
    report = cast("QualityReport", codec.decode(json, QualityReport, at="quality report"))
    if report.version != VERSION:
        raise Malformed(f"A quality report of version {report.version} cannot be read: remake it.")
    return report


def percent(part: int, whole: int, *, places: int = 2) -> str:
    """Return `part` of `whole` as decimal text, rounded to even; 0 of 0 is 0."""
    share = Decimal(100 * part) / whole if whole else Decimal(0)
    return str(share.quantize(Decimal(1).scaleb(-places)))


def score(checks: tuple[CheckResult, ...]) -> tuple[Score, ...]:
    """Return a score for each dimension, in their order."""
    return tuple(
        _score(dimension, [check.status for check in checks if check.dimension is dimension])
        for dimension in Dimension
    )


def _score(dimension: Dimension, found: list[Status]) -> Score:
    passed = found.count(Status.PASSED)
    return Score(
        dimension=dimension,
        checks=len(found),
        warnings=found.count(Status.WARNING),
        failed=found.count(Status.FAILED),
        percent=percent(passed, len(found), places=1) if found else "",
    )
