"""An answer read again from its files, as the checkers will: what each file shows, what it hides.

It shares no code with what made the tables: a number that ought to be hidden stops the file here.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Final

from ecluse.domain.documents import FileVerdict, Finding, Verdict
from ecluse.domain.tabulation import (
    PERSONS,
    ControlledRounding,
    Noise,
    Suppression,
    TableOrder,
    TabulationPlan,
    TabulationPolicy,
)

HIDDEN: Final = "s"
PROTECTED: Final = "TP"
"""The finding on every table: how it is protected. It judges nothing."""
SMALL: Final = "R1"
ROUNDED: Final = "R9"
OTHERWISE: Final = "T2"
NOT_FILES: Final = frozenset({"receipt.json"})


@dataclass(frozen=True, slots=True)
class _Read:
    """The numbers of a table as its CSV writes them, row by row."""

    measures: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def hidden(self) -> int:
        """How many cells are hidden."""
        return sum(HIDDEN in row for row in self.rows)

    def shown(self, measure: str) -> Iterator[int]:
        """Yield the whole numbers shown of a measure."""
        place = self.measures.index(measure)
        yield from (int(row[place]) for row in self.rows if row[place] != HIDDEN)


def check(
    plan: TabulationPlan, folder: Path, *, policy: TabulationPolicy
) -> tuple[FileVerdict, ...]:
    """Return the verdict on each file of an answer.

    A table is always for eyes to judge; one that shows a number under the minimum, or not rounded
    as it should be, or two forms that differ, is blocked. Other files say nothing of persons.
    """
    tables = {table.name: table for table in plan.tables}
    found = []
    for path in sorted(folder.iterdir()):
        if path.name not in NOT_FILES:
            content, table = path.read_bytes(), tables.get(path.stem)
            is_table = table is not None and path.suffix in (".csv", ".json")
            findings = _findings(plan, table, folder, policy) if is_table and table else []
            found.append(_verdict(path.name, content, findings))
    return tuple(found)


def _verdict(name: str, content: bytes, findings: Sequence[Finding]) -> FileVerdict:
    judged = Verdict.REVIEW if findings else Verdict.PASS
    if any(finding.rule != PROTECTED for finding in findings):
        judged = Verdict.BLOCKED
    digest = f"sha256:{sha256(content).hexdigest()}"
    return FileVerdict(name, len(content), digest, judged, tuple(findings))


def _findings(
    plan: TabulationPlan, table: TableOrder, folder: Path, policy: TabulationPolicy
) -> list[Finding]:
    read = _read_csv(folder / f"{table.name}.csv", axes=len(table.by))
    text = (
        f"{len(read.rows)} cells, {read.hidden} hidden; {_protection(plan)}; policy "
        f"{policy.reference}, {policy.minimum_count} persons at least"
    )
    found = [Finding(PROTECTED, "file", text)]
    if PERSONS in read.measures and not isinstance(plan.protection, Noise):
        found += _small(read, policy)
        found += _not_rounded(read, plan)
    if _numbers_of_json(folder / f"{table.name}.json") != _numbers(read):
        found.append(Finding(OTHERWISE, "file", "the CSV and the JSON-stat show other numbers"))
    return found


def _protection(plan: TabulationPlan) -> str:
    protection = plan.protection
    if isinstance(protection, Noise):
        return f"random noise, epsilon {protection.epsilon_thousandths} thousandths a table"
    if isinstance(protection, ControlledRounding):
        return f"controlled rounding to {protection.base}"
    is_rounded = protection.rounding_base > 1
    return f"suppression{f', rounded to {protection.rounding_base}' if is_rounded else ''}"


def _small(read: _Read, policy: TabulationPolicy) -> list[Finding]:
    least = min((number for number in read.shown(PERSONS) if number > 0), default=None)
    if least is None or least >= policy.minimum_count:
        return []
    text = f"a number of persons from 1 to {policy.minimum_count - 1} is shown"
    return [Finding(SMALL, f"column {PERSONS}", text)]


def _not_rounded(read: _Read, plan: TabulationPlan) -> list[Finding]:
    protection = plan.protection
    base = protection.rounding_base if isinstance(protection, Suppression) else 1
    base = protection.base if isinstance(protection, ControlledRounding) else base
    if all(number % base == 0 for number in read.shown(PERSONS)):
        return []
    return [Finding(ROUNDED, f"column {PERSONS}", f"a number is no multiple of {base}")]


def _read_csv(path: Path, *, axes: int) -> _Read:
    headers, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    return _Read(tuple(headers[axes:]), tuple(tuple(row[axes:]) for row in rows))


def _numbers(read: _Read) -> list[Decimal | None]:
    """Return the numbers of a CSV in order; a mean of no event is written as nothing was shown."""
    return [None if cell == HIDDEN else Decimal(cell) for row in read.rows for cell in row]


def _numbers_of_json(path: Path) -> list[Decimal | None]:
    content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return [None if value is None else Decimal(value) for value in content["value"]]
