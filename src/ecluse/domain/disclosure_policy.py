"""The vocabulary of disclosure control: rules, policies, declarations, tables, findings.

`disclosure` applies it to a table, `data.disclosure` to files.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from ecluse.domain.documents import Finding, Verdict
from ecluse.domain.parameters import MINIMUM_COUNT


@dataclass(frozen=True)
class Rule:
    """A rule of disclosure control: its number, its name, what a finding does to the file."""

    id: str
    title: str
    effect: Verdict


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule("R1", "minimum count", Verdict.BLOCKED),
        Rule("R2", "zeros that disclose", Verdict.BLOCKED),
        Rule("R3", "class disclosure", Verdict.BLOCKED),
        Rule("R4", "dominance", Verdict.REVIEW),
        Rule("R7", "extremes", Verdict.REVIEW),
        Rule("R8", "complementary suppression", Verdict.BLOCKED),
        Rule("R9", "rounding", Verdict.REVIEW),
        Rule("R11", "ratios", Verdict.BLOCKED),
        Rule("P1", "pseudonyms", Verdict.BLOCKED),
        Rule("A28", "formulas", Verdict.BLOCKED),
        Rule("A30", "rows about persons", Verdict.REVIEW),
        Rule("A31", "needless digits", Verdict.REVIEW),
        Rule("D1", "undeclared numbers", Verdict.REVIEW),
        Rule("D2", "declaration that does not fit", Verdict.BLOCKED),
        Rule("T1", "type, size and name of files", Verdict.BLOCKED),
        Rule("T2", "content that is not of its type", Verdict.BLOCKED),
        Rule("T3", "content that only eyes can judge", Verdict.REVIEW),
    )
}


@dataclass(frozen=True)
class DisclosurePolicy:
    """The figures that the rules use, with a name and a version quoted in every finding."""

    name: str = "SNDS"
    version: str = "2026"
    minimum_count: int = MINIMUM_COUNT.value
    zeros_disclose: bool = False
    rounding_base: int = 1
    significant_digits: int = 6
    near_unique_percent: int = 90
    near_unique_rows: int = 20
    maximum_rows: int = 5000
    maximum_bytes: int = 16 * 1024 * 1024
    allowed_suffixes: frozenset[str] = frozenset({".csv", ".json", ".md", ".txt", ".png"})

    @property
    def reference(self) -> str:
        """How findings and reports name this policy."""
        return f"{self.name}-{self.version}"


@dataclass(frozen=True)
class Ratio:
    """A column that divides a number of persons by the column `of`, times `per`."""

    of: str
    per: int = 1


@dataclass(frozen=True)
class TableDeclaration:
    """What the author says the columns hold.

    `counts`: numbers of distinct persons. `parts`: a count and the count it is part of.
    `sensitive`: attributes that a group must not share entirely. `ratios`: see `Ratio`.
    `labels`: integers that count nothing (years, ages, codes).
    """

    counts: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    labels: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every column named, in order, each once."""
        named = (*self.counts, *self.parts, *self.parts.values(), *self.sensitive)
        ratios = (*self.ratios, *(ratio.of for ratio in self.ratios.values()))
        return tuple(dict.fromkeys((*named, *ratios, *self.labels)))


@dataclass(frozen=True)
class Table:
    """A table as read: headers, then rows of as many cells, all text."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of the column, in order of rows."""
        index = self.headers.index(name)
        return tuple(row[index] for row in self.rows)


_FINDINGS_PER_RULE = 20
_SECRET = re.compile("⟦([^⟧]*)⟧")


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Return the heaviest effect of the findings; `pass` when there is none."""
    effects = {RULES[finding.rule].effect for finding in findings}
    heavier = (Verdict.BLOCKED, Verdict.REVIEW)
    return next((effect for effect in heavier if effect in effects), Verdict.PASS)


def for_author(finding: Finding) -> Finding:
    """Return the finding without the numbers that the table must not show."""
    return replace(finding, explanation=_SECRET.sub("…", finding.explanation))


def for_checker(finding: Finding) -> Finding:
    """Return the finding with all its numbers."""
    return replace(finding, explanation=_SECRET.sub(r"\1", finding.explanation))


def secret(number: int) -> str:
    """Return the number between marks: `for_checker` shows it, `for_author` hides it."""
    return f"⟦{number}⟧"


def finding(rule: str, place: str, text: str, policy: DisclosurePolicy) -> Finding:
    """Return a finding that quotes its rule and its policy; `text` has no final point."""
    return Finding(rule, place, f"{text}, rule {rule}, policy {policy.reference}.")


def shortened(findings: Sequence[Finding], policy: DisclosurePolicy) -> tuple[Finding, ...]:
    """Return at most twenty findings of each rule, the rest of a rule as one that counts them."""
    kept: list[Finding] = []
    for rule, group in groupby(sorted(findings, key=_rule), key=_rule):
        first, *others = _split(list(group))
        kept += first
        kept += [finding(rule, "file", f"{len(rest)} more", policy) for rest in others if rest]
    return tuple(kept)


def _rule(found: Finding) -> str:
    return found.rule


def _split(findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    return findings[:_FINDINGS_PER_RULE], findings[_FINDINGS_PER_RULE:]
