"""What whole columns suggest: R4, R5, R7, A30, D1, D3."""

import re
from collections.abc import Iterator

from ecluse.domain.disclosure.declarations import Contribution, Contributions, Percentile
from ecluse.domain.disclosure.policy import secret
from ecluse.domain.disclosure.reading import DECIMAL, TableReading
from ecluse.domain.documents import Finding
from ecluse.domain.tabulation import Holding, Risk
from ecluse.domain.tabulation.rules import risk_of_amount

_EXTREME_NAME = re.compile(
    r"(?:^|[_ .-])(min|max|minimum|maximum|premier|dernier|first|last|p0?1|p99|p100)(?:$|[_ .-])",
    re.IGNORECASE,
)
_MAGNITUDE_NAME = re.compile(
    r"(?:^|[_ .-])(sum|somme|montants?|amounts?|costs?|cout|coût|couts|coûts|depenses?|dépenses?)"
    r"(?:$|[_ .-])",
    re.IGNORECASE,
)
_ESTIMATE_NAME = re.compile(
    r"(?:^|[_ .-])(coef|coefs|coefficient|beta|odds|or|hr|rr|hazard|std_err|stderr|p_value"
    r"|pvalue|residual|residuals|fitted|leverage)(?:$|[_ .-])",
    re.IGNORECASE,
)


def check_columns(reading: TableReading, contributions: Contributions) -> Iterator[Finding]:
    """Yield what stands against columns that are no counts, by what is declared or by their name.

    `contributions` are those of the sums declared as amounts.
    """
    if not reading.counts:
        text = "no column of counts: nothing shows how many persons stand behind a row"
        yield reading.found("D1", "file", text)
    for name, rank in reading.declaration.percentiles.items():
        yield from _percentile(reading, name, rank)
    for name in reading.declaration.amounts:
        yield from _amount(reading, name, contributions)
    for name in reading.table.headers:
        yield from _extreme(reading, name)
        yield from _unsupported(reading, name)
        yield from _persons(reading, name)
        yield from _small_integers(reading, name)


def _percentile(reading: TableReading, name: str, rank: Percentile) -> Iterator[Finding]:
    """R7, a percentile that too few persons are at or beyond."""
    least, wholes = reading.policy.minimum_count, dict(reading.numbers(rank.of))
    for row, cell in enumerate(reading.table.column(name), start=1):
        if not DECIMAL.fullmatch(cell.strip()) or not wholes.get(row):
            continue
        beyond = wholes[row] * min(rank.rank, 100 - rank.rank) // 100
        if beyond < least:
            text = f"{secret(beyond)} of {wholes[row]} persons at or beyond it < {least}"
            yield reading.found("R7", reading.at(row, name), text)


def _amount(reading: TableReading, name: str, contributions: Contributions) -> Iterator[Finding]:
    """R4 and R5, on what the controls say of each sum."""
    for row, cell in enumerate(reading.table.column(name), start=1):
        if DECIMAL.fullmatch(cell.strip()):
            place, known = reading.at(row, name), contributions.get((name, row))
            if known is None:
                text = "the controls do not say who makes this sum"
                yield reading.found("D3", place, text)
            else:
                yield from _sum(reading, known, place)


def _sum(reading: TableReading, known: Contribution, place: str) -> Iterator[Finding]:
    policy = reading.policy
    holding = Holding(known.total, known.total, (known.first, known.second), 0)
    risk = risk_of_amount(holding, policy.tabulation())
    if risk is Risk.DOMINANCE:
        told = f"{secret(known.first)} and {secret(known.second)} of {secret(known.total)}"
        yield reading.found("R4", place, f"{told}: over {policy.dominance_percent} % of the sum")
    elif risk is Risk.SHARE:
        rest = known.total - known.first - known.second
        told = f"{secret(rest)} without the two largest, the largest {secret(known.first)}"
        yield reading.found("R5", place, f"{told}: under {policy.share_percent} % of it")


def _extreme(reading: TableReading, name: str) -> Iterator[Finding]:
    declaration = reading.declaration
    if not _EXTREME_NAME.search(name) or name in (*reading.counts, *declaration.percentiles):
        return
    if name in declaration.labels:
        text = "named like an extreme, declared a label: see that no person has this value alone"
        yield reading.found("D3", reading.in_column(name), text)
        return
    text = "an extreme can be one person's value: give a percentile over enough persons"
    yield reading.found("R7", reading.in_column(name), text)


def _unsupported(reading: TableReading, name: str) -> Iterator[Finding]:
    declaration = reading.declaration
    known = {*reading.counts, *declaration.ratios, *declaration.labels, *declaration.amounts}
    if name in known:
        return
    if _MAGNITUDE_NAME.search(name):
        text = "a sum: declare it among the amounts, with who makes most of it"
        yield reading.found("D3", reading.in_column(name), text)
    elif _ESTIMATE_NAME.search(name):
        text = "estimates: nothing shows the persons behind them; let `regress` make the table"
        yield reading.found("D3", reading.in_column(name), text)


def _persons(reading: TableReading, name: str) -> Iterator[Finding]:
    """A30: most values differ, and no count tells that rows are groups of persons."""
    cells, policy = reading.table.column(name), reading.policy
    if len(cells) < policy.near_unique_rows or name in reading.counts:
        return
    if any(len(set(reading.table.column(count))) > 1 for count in reading.counts):
        return
    if 100 * len(set(cells)) >= policy.near_unique_percent * len(cells):
        text = "nearly every row has its own value: one row may be one person"
        yield reading.found("A30", reading.in_column(name), text)


def _small_integers(reading: TableReading, name: str) -> Iterator[Finding]:
    declaration = reading.declaration
    known = {*reading.counts, *declaration.ratios, *declaration.labels, *declaration.amounts}
    small = sum(reading.is_small(number) for _, number in reading.numbers(name))
    if small and name not in known | declaration.percentiles.keys():
        text = f"{small} integers < {reading.policy.minimum_count}: declare what they are"
        yield reading.found("D1", reading.in_column(name), text)
