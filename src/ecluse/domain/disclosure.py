"""Whether a table may disclose somebody: rules over headers, rows and what the author declares.

The unit is the person. A finding says where, by which rule, of which policy, with the arithmetic,
so that the author can mend the table and a checker can judge. No verdict releases anything: `pass`
means that the rules found nothing, and two checkers still read the file.

Rules R1 to R11 keep the numbers of the field's taxonomy (minimum count, zeros, class disclosure,
dominance, extremes, complementary suppression, rounding, ratios).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from ecluse.domain.disclosure_policy import (
    RULES,
    DisclosurePolicy,
    Ratio,
    Rule,
    Table,
    TableDeclaration,
    finding,
    for_author,
    for_checker,
    secret,
    shortened,
    verdict,
)
from ecluse.domain.documents import Finding

__all__ = [
    "RULES",
    "DisclosurePolicy",
    "Ratio",
    "Rule",
    "Table",
    "TableDeclaration",
    "check_table",
    "contains_pseudonym",
    "finding",
    "for_author",
    "for_checker",
    "shortened",
    "significant_digits",
    "verdict",
]

_COUNT_NAME = re.compile(
    r"(?:^|[_ .-])(n|nb|nbre|nombre|num|number|count|counts|cnt|freq|frequency|effectif|effectifs"
    r"|patients?|personnes?|persons?|people|individus?|cases?|cas|deces|décès|deaths?|total)"
    r"(?:$|[_ .-])",
    re.IGNORECASE,
)
_EXTREME_NAME = re.compile(
    r"(?:^|[_ .-])(min|max|minimum|maximum|premier|dernier|first|last|p0?1|p99|p100)(?:$|[_ .-])",
    re.IGNORECASE,
)
_MAGNITUDE_NAME = re.compile(
    r"(?:^|[_ .-])(sum|somme|montants?|amounts?|costs?|cout|coût|couts|coûts|depenses?|dépenses?)"
    r"(?:$|[_ .-])",
    re.IGNORECASE,
)
_TOTAL_LABELS = frozenset({"total", "ensemble", "all", "tous", "toutes", "overall"})
_INTEGER = re.compile(r"[0-9]{1,15}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_PSEUDONYM = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SUPPRESSED = frozenset({"", "*", "na", "n/a", "c", "s", "secret"})
_PLAIN_NAME = re.compile(r"[\w%()][\w .%()-]{0,39}")


def check_table(
    table: Table, declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> tuple[Finding, ...]:
    """Return what the rules find in the table; without a declaration, its columns are guessed.

    Numbers under the threshold stand between marks: show findings through `for_checker` or
    `for_author`.
    """
    if len(table.rows) > policy.maximum_rows:
        rows = f"{len(table.rows)} rows: at most {policy.maximum_rows}"
        return (finding("T1", "file", f"{rows}. Aggregate further", policy),)
    misfit = tuple(_misfits(table, declaration or TableDeclaration(), policy))
    if misfit:
        return misfit
    findings = _Checks(table, declaration or TableDeclaration(), policy).all()
    if declaration is None:
        text = "not declared in outputs.toml: columns were judged by their names"
        findings.insert(0, finding("D1", "file", text, policy))
    return shortened(findings, policy)


def _place(row: int, header: str, position: int) -> str:
    return f"row {row}, {_column_place(header, position)}"


def _column_place(header: str, position: int) -> str:
    return f"column {header if _PLAIN_NAME.fullmatch(header) else position}"


def _misfits(
    table: Table, declaration: TableDeclaration, policy: DisclosurePolicy
) -> Iterator[Finding]:
    """Yield what makes the declaration and the table speak of different columns."""
    doubles = [name for name, times in Counter(table.headers).items() if times > 1 or not name]
    if doubles:
        text = f"{len(doubles)} headers are empty or used twice: name each column once"
        yield finding("D2", "headers", text, policy)
    for name in declaration.names():
        if name not in table.headers:
            text = f"outputs.toml names a column that is not among the {len(table.headers)}"
            yield finding("D2", f"declaration of {name[:40]!r}", text, policy)


class _Checks:
    """The rules, over one table whose headers fit its declaration."""

    def __init__(
        self, table: Table, declaration: TableDeclaration, policy: DisclosurePolicy
    ) -> None:
        self.table = table
        self.declaration = declaration
        self.policy = policy
        self.counts = self._count_columns()

    def _count_columns(self) -> tuple[str, ...]:
        """The declared counts, and any column of integers that bears the name of one."""
        declared = {
            *self.declaration.counts,
            *self.declaration.parts,
            *self.declaration.parts.values(),
            *(ratio.of for ratio in self.declaration.ratios.values()),
        }
        return tuple(
            name
            for name in self.table.headers
            if name in declared or (_COUNT_NAME.search(name) and self._holds_integers(name))
        )

    def _holds_integers(self, name: str) -> bool:
        cells = [cell for cell in self.table.column(name) if not self._is_suppressed(cell)]
        return bool(cells) and all(_INTEGER.fullmatch(cell.strip()) for cell in cells)

    def _is_suppressed(self, cell: str) -> bool:
        text = cell.strip().casefold()
        floor = text.removeprefix("<").strip()
        if text.startswith("<") and _INTEGER.fullmatch(floor):
            return int(floor) >= self.policy.minimum_count
        return text in _SUPPRESSED

    def all(self) -> list[Finding]:
        """Every finding, rule after rule."""
        return [
            *self._cells_that_are_no_count(),
            *self._counts(),
            *self._parts(),
            *self._classes(),
            *self._suppressions(),
            *self._ratios(),
            *self._columns(),
            *self._texts(),
        ]

    def _numbers(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield (row, count) of the column, suppressed cells left out."""
        for row, cell in enumerate(self.table.column(name), start=1):
            if _INTEGER.fullmatch(cell.strip()):
                yield row, int(cell)

    def _at(self, row: int, name: str) -> str:
        return _place(row, name, self.table.headers.index(name) + 1)

    def _in(self, name: str) -> str:
        return _column_place(name, self.table.headers.index(name) + 1)

    def _found(self, rule: str, place: str, text: str) -> Finding:
        return finding(rule, place, text, self.policy)

    def _is_small(self, number: int | Fraction) -> bool:
        return 0 < number < self.policy.minimum_count

    def _shown(self, number: int) -> str:
        return secret(number) if self._is_small(number) else str(number)

    def _cells_that_are_no_count(self) -> Iterator[Finding]:
        for name in self.counts:
            for row, cell in enumerate(self.table.column(name), start=1):
                if not self._is_suppressed(cell) and not _INTEGER.fullmatch(cell.strip()):
                    text = "not a number of persons: write an integer, or * where suppressed"
                    yield self._found("D2", self._at(row, name), text)

    def _counts(self) -> Iterator[Finding]:
        """R1 minimum count, R2 zeros, R9 rounding."""
        for name in self.counts:
            for row, number in self._numbers(name):
                place, base = self._at(row, name), self.policy.rounding_base
                if self._is_small(number):
                    text = f"{secret(number)} persons < {self.policy.minimum_count}"
                    yield self._found("R1", place, text)
                elif number == 0 and self.policy.zeros_disclose:
                    yield self._found("R2", place, "0 persons tells that nobody is concerned")
                elif number % base:
                    yield self._found("R9", place, f"not rounded to a multiple of {base}")

    def _parts(self) -> Iterator[Finding]:
        """R3, a count that is nearly all of the count it is part of."""
        for part, whole in self.declaration.parts.items():
            wholes = dict(self._numbers(whole))
            for row, number in self._numbers(part):
                if row in wholes:
                    yield from self._share(number, wholes[row], self._at(row, part))

    def _share(self, number: int, whole: int, place: str) -> Iterator[Finding]:
        rest = whole - number
        if rest < 0:
            yield self._found("D2", place, "the part is greater than the whole it is part of")
        elif rest == 0 and whole > 0:
            yield self._found(
                "R3", place, f"all {self._shown(whole)} persons of the group share it (100 %)"
            )
        elif self._is_small(rest) and number > 0:
            text = f"only {secret(rest)} of {self._shown(whole)} persons do not share it"
            yield self._found("R3", place, f"{text} (< {self.policy.minimum_count})")

    def _classes(self) -> Iterator[Finding]:
        """R3, a group whose persons all have the same sensitive attribute."""
        hidden = {*self.declaration.sensitive, *self.counts, *self.declaration.ratios}
        keys = [name for name in self.table.headers if name not in hidden]
        if not self.declaration.sensitive:
            return
        rows = [
            row
            for row in range(1, len(self.table.rows) + 1)
            if row not in self._total_rows(self.declaration.sensitive)
        ]
        groups: dict[tuple[str, ...], list[int]] = {}
        for row in rows:
            groups.setdefault(self._cells(row, keys), []).append(row)
        for name in self.counts:
            numbers = dict(self._numbers(name))
            for members in groups.values():
                if all(row in numbers for row in members):
                    whole = sum(numbers[row] for row in members)
                    for row in members:
                        if numbers[row]:
                            yield from self._share(numbers[row], whole, self._at(row, name))

    def _cells(self, row: int, names: Sequence[str]) -> tuple[str, ...]:
        indexes = [self.table.headers.index(name) for name in names]
        return tuple(self.table.rows[row - 1][index] for index in indexes)

    def _total_rows(self, names: Sequence[str]) -> set[int]:
        return {
            row
            for row in range(1, len(self.table.rows) + 1)
            if any(cell.strip().casefold() in _TOTAL_LABELS for cell in self._cells(row, names))
        }

    def _suppressions(self) -> Iterator[Finding]:
        """R8, suppressed cells that a total gives back."""
        labels = [name for name in self.table.headers if name not in self.counts]
        totals = self._total_rows(labels)
        for name in self.counts:
            numbers = dict(self._numbers(name))
            suppressed = len(self.table.rows) - len(numbers)
            if not suppressed or len(totals) != 1 or not totals <= numbers.keys():
                continue
            hidden = 2 * numbers[min(totals)] - sum(numbers.values())
            if self._is_small(hidden):
                text = f"the total gives back {secret(hidden)} persons in {suppressed} cells"
                yield self._found("R8", self._in(name), f"{text}: suppress another cell")

    def _ratios(self) -> Iterator[Finding]:
        """R11, a printed ratio that only a small number of persons can give."""
        for name, ratio in self.declaration.ratios.items():
            wholes = dict(self._numbers(ratio.of))
            for row, cell in enumerate(self.table.column(name), start=1):
                text = cell.strip()
                if _DECIMAL.fullmatch(text) and wholes.get(row):
                    yield from self._ratio(Decimal(text), wholes[row], ratio, self._at(row, name))

    def _ratio(self, value: Decimal, whole: int, ratio: Ratio, place: str) -> Iterator[Finding]:
        exponent = value.as_tuple().exponent
        half = Fraction(10) ** int(exponent) / 2
        scale = Fraction(whole, ratio.per)
        low = max(0, math.ceil((Fraction(value) - half) * scale))
        high = min(whole, math.floor((Fraction(value) + half) * scale))
        if low > high:
            yield self._found("D2", place, "no number of persons gives this ratio")
        elif self._is_small(low) and self._is_small(high):
            text = f"the ratio tells {secret(low)} to {secret(high)} persons"
            yield self._found("R11", place, f"{text} < {self.policy.minimum_count}")
        elif self._is_small(whole - low) and self._is_small(whole - high):
            text = f"the ratio tells that {secret(whole - high)} to {secret(whole - low)} persons"
            yield self._found("R11", place, f"{text} remain < {self.policy.minimum_count}")

    def _columns(self) -> Iterator[Finding]:
        """R4, R7, A30, D1: what the name or the whole of a column suggests."""
        if not self.counts:
            text = "no column of counts: nothing shows how many persons stand behind a row"
            yield self._found("D1", "file", text)
        checked = {*self.counts, *self.declaration.ratios, *self.declaration.labels}
        for name in self.table.headers:
            if _EXTREME_NAME.search(name) and name not in self.counts:
                text = "an extreme can be one person's value: give a percentile over enough persons"
                yield self._found("R7", self._in(name), text)
            if _MAGNITUDE_NAME.search(name) and name not in checked:
                text = "a sum: show that no two persons make most of it"
                yield self._found("R4", self._in(name), text)
            if self._looks_like_persons(name):
                text = "nearly every row has its own value: one row may be one person"
                yield self._found("A30", self._in(name), text)
            small = sum(self._is_small(number) for _, number in self._numbers(name))
            if small and name not in checked:
                text = f"{small} integers < {self.policy.minimum_count}: declare what they are"
                yield self._found("D1", self._in(name), text)

    def _looks_like_persons(self, name: str) -> bool:
        """Most values differ, and no column of counts tells that rows are groups of persons."""
        cells = self.table.column(name)
        if len(cells) < self.policy.near_unique_rows or name in self.counts:
            return False
        if any(len(set(self.table.column(count))) > 1 for count in self.counts):
            return False
        return 100 * len(set(cells)) >= self.policy.near_unique_percent * len(cells)

    def _texts(self) -> Iterator[Finding]:
        """P1, A28, A31: single cells, headers included (as row 0)."""
        for row, cells in enumerate((self.table.headers, *self.table.rows)):
            for name, cell in zip(self.table.headers, cells, strict=True):
                yield from self._cell(cell, row, name)

    def _cell(self, cell: str, row: int, name: str) -> Iterator[Finding]:
        if _PSEUDONYM.search(cell):
            yield self._found(
                "P1", self._at(row, name), "has the form of a pseudonym: 64 hexadecimal digits"
            )
        if not _DECIMAL.fullmatch(cell.strip()):
            if cell.lstrip(" \n\ufeff").startswith(_FORMULA_STARTS):
                text = "a spreadsheet would run this text as a formula: begin with a letter"
                yield self._found("A28", self._at(row, name), text)
        elif name not in self.counts and significant_digits(cell) > self.policy.significant_digits:
            text = f"{significant_digits(cell)} significant digits: round to"
            yield self._found(
                "A31", self._at(row, name), f"{text} {self.policy.significant_digits}"
            )


def significant_digits(number: str) -> int:
    """Return how many digits of a decimal text tell something: 0.00120 has 3, 1200 has 4."""
    mantissa = re.split("[eE]", number.strip().lstrip("-"))[0]
    return len(mantissa.replace(".", "").lstrip("0"))


def contains_pseudonym(text: str) -> bool:
    """Tell whether 64 hexadecimal digits in a row, the form of a pseudonym, stand in the text."""
    return _PSEUDONYM.search(text) is not None
