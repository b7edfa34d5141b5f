"""Which codes a column holds, and how they move from one period to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log, log2
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.nomenclatures import Nomenclatures
from ecluse.data.quality.examinations import PREFIX, Examination, view
from ecluse.data.quality.reports import CheckResult, CodeCount, CodeUse, Divergence, Unit
from ecluse.data.schemas import TABLE_YEAR, TableSchema

DIGITS: Final = {"ICD-10": 3}
"""Codes of these systems are counted by their first characters: their children are too many."""

CODES_SHOWN: Final = 200
ROWS_COMPARED: Final = 1000
"""Periods with fewer rows are not compared: chance alone would set them apart."""
FARTHEST_BITS: Final = 0.05
PERIODS_SHOWN: Final = 36


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """A column of codes: its code system, and how many characters of a code are counted."""

    table: str
    name: str
    system: str
    digits: int | None
    nomenclature: str | None

    @property
    def kept(self) -> str:
        """The temporary table of its whole codes by period."""
        return f"{PREFIX}codes_{self.table}_{self.name}"


def code_columns(examination: Examination, schema: TableSchema) -> list[CodeColumn]:
    """Return the coded columns of a table: those of event sources, then those that rules add."""
    sources = {
        source.code_column: (source.code_system, source.nomenclature)
        for source in examination.snapshot.model.sources.values()
        # With a reference, the system is that of the table referred to, not of this column.
        if source.table == schema.name and source.reference is None
    }
    for name in examination.rules.table(schema.name).codes:
        known = schema.column(name)
        sources.setdefault(name, (name, known.nomenclature if known else None))
    return [
        CodeColumn(schema.name, name, system, DIGITS.get(system), nomenclature)
        for name, (system, nomenclature) in sources.items()
        if examination.has(schema.name, name)
    ]


def use(examination: Examination, schema: TableSchema, column: CodeColumn) -> CodeUse:
    """Return the codes of a column and their divergences from one period to the next."""
    period, name = _period(examination, schema), quoted(column.name)
    looked_at = examination.looked_at(schema.name, with_former=True)
    rows = (
        examination.show(looked_at, f"{PREFIX}coded_{schema.name}")
        if looked_at.parts
        else view(schema.name)
    )
    examination.keep(
        column.kept,
        # Counted as they are, then written as text: a text for each row would cost five times more.
        f"""
        SELECT period, code::VARCHAR AS code, sum(n)::BIGINT AS n FROM (
          SELECT {period.text} AS period, code, n FROM (
            SELECT {period.raw} AS raw, {name} AS code, count(*) AS n
            FROM {rows} WHERE {name} IS NOT NULL GROUP BY ALL))
        GROUP BY ALL
        """,  # noqa: S608 — every name is quoted
    )
    counted = quoted(column.kept)
    if column.digits:
        cut = f"{column.kept}_cut"
        examination.keep(
            cut,
            f"SELECT period, left(code, {column.digits:d}) AS code, sum(n)::BIGINT AS n "  # noqa: S608
            f"FROM {counted} GROUP BY ALL",
        )
        counted = quoted(cut)
    found = examination.rows(
        f"SELECT code, sum(n)::BIGINT AS n FROM {counted} "  # noqa: S608 — our own table
        "GROUP BY code ORDER BY n DESC, code"
    )
    return CodeUse(
        column=column.name,
        system=column.system,
        digits=column.digits,
        codes=tuple(CodeCount(code, int(n)) for code, n in found[:CODES_SHOWN]),
        rest=sum(int(n) for _, n in found[CODES_SHOWN:]),
        divergences=tuple(_divergences(examination, counted)),
    )


def check(examination: Examination, column: CodeColumn, used: CodeUse) -> Iterator[CheckResult]:
    """Give the checks of a column of codes: against its nomenclature, then period to period."""
    known = _known_codes(examination, column)
    if known:
        absent, examined = examination.row(
            f"SELECT coalesce(sum(n) FILTER (code NOT IN (SELECT unnest(?::VARCHAR[]))), 0), "  # noqa: S608
            f"coalesce(sum(n), 0) FROM {quoted(column.kept)}",
            [sorted(known)],
        )
        yield examination.judge(
            "code-not-in-nomenclature",
            table=column.table,
            column=column.name,
            violations=int(absent),
            examined=int(examined),
        )
    if used.divergences:
        far = [found for found in used.divergences if float(found.bits) > FARTHEST_BITS]
        yield examination.judge(
            "changed-codes",
            table=column.table,
            column=column.name,
            violations=len(far),
            examined=len(used.divergences),
            unit=Unit.PERIODS,
        )


def _known_codes(examination: Examination, column: CodeColumn) -> frozenset[str]:
    """Return the codes of every version of the column's nomenclature that the lake has."""
    lists = Nomenclatures(examination.snapshot.folder.parent)
    if column.nomenclature is None or column.nomenclature not in lists.names():
        return frozenset()
    versions = lists.get(column.nomenclature).versions
    return frozenset(code for version in versions for code in version.labels)


def divergence(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Return the Jensen-Shannon divergence of two counts by code, in bits, from 0 to 1.

    What chance alone gives on average, (codes − 1) (1/n + 1/m) / (8 ln 2) for n and m rows, is
    taken away, so that a column of ten thousand codes can be compared with one of three.
    """
    rows_before, rows_now = sum(before.values()), sum(now.values())
    if not rows_before or not rows_now:
        return 0.0
    codes = before.keys() | now.keys()
    found = sum(
        _bits(before.get(code, 0) / rows_before, now.get(code, 0) / rows_now) for code in codes
    )
    chance = (len(codes) - 1) * (1 / rows_before + 1 / rows_now) / (8 * log(2))
    return min(1.0, max(0.0, found - chance))


def _bits(p: float, q: float) -> float:
    middle = (p + q) / 2
    return sum(share * log2(share / middle) / 2 for share in (p, q) if share)


def _divergences(examination: Examination, table: str) -> Iterator[Divergence]:
    """Give the divergence of each period from the one before, in one query over the counts."""
    found = examination.rows(
        f"""
        WITH periods AS (
          SELECT period, sum(n) AS total, row_number() OVER (ORDER BY period) AS rank
          FROM {table} WHERE period IS NOT NULL GROUP BY period HAVING sum(n) >= ?
        ), shares AS (
          SELECT rank, period, code, n / total AS share, total
          FROM {table} JOIN periods USING (period)
        ), pairs AS (
          SELECT coalesce(b.rank, a.rank + 1) AS rank,
                 coalesce(a.share, 0) AS p, coalesce(b.share, 0) AS q
          FROM shares AS a FULL JOIN shares AS b ON b.rank = a.rank + 1 AND b.code = a.code
        ), bits AS (
          SELECT rank, count(*) AS codes,
                 sum(CASE WHEN p > 0 THEN p * log2(2 * p / (p + q)) ELSE 0 END
                   + CASE WHEN q > 0 THEN q * log2(2 * q / (p + q)) ELSE 0 END) / 2 AS found
          FROM pairs GROUP BY rank
        )
        SELECT now.period, greatest(0, least(1,
                 found - (codes - 1) * (1 / now.total + 1 / former.total) / (8 * ln(2))))
        FROM bits JOIN periods AS now USING (rank) JOIN periods AS former ON former.rank = rank - 1
        ORDER BY now.period DESC LIMIT ?
        """,  # noqa: S608 — our own table, values bound
        [ROWS_COMPARED, PERIODS_SHOWN],
    )
    for period, bits in reversed(found):
        yield Divergence(str(period), f"{float(bits):.4f}")


@dataclass(frozen=True, slots=True)
class _Cut:
    """What a column of codes is cut by: of a row (`raw`), and its name made of it (`text`)."""

    raw: str
    text: str


def _period(examination: Examination, schema: TableSchema) -> _Cut:
    """Return the month of flow, the year of stays, the year of events, or nothing."""
    if schema.flow_date and examination.has(schema.name, schema.flow_date):
        return _Cut(quoted(schema.flow_date), "strftime(raw, '%Y-%m')")
    if schema.is_yearly and examination.has(schema.name, TABLE_YEAR):
        return _Cut(quoted(TABLE_YEAR), "raw::VARCHAR")
    if examination.has(schema.name, "event_date"):
        return _Cut("event_date", "year(raw)::VARCHAR")
    return _Cut("NULL", "NULL::VARCHAR")
