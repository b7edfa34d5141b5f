"""The figures of the rules, and findings: where a rule is met, by which policy, with arithmetic."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ecluse.domain.disclosure.rules import RULES
from ecluse.domain.documents import Finding, Verdict
from ecluse.domain.errors import InvalidInput
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.domain.tabulation import TabulationPolicy


@dataclass(frozen=True)
class DisclosurePolicy:
    """The figures that the rules use, with a name and a version quoted in every finding.

    `dominance_persons` persons may not hold over `dominance_percent` of an amount; the second may
    not know the first within `share_percent`. `epsilon_thousandths` is what one dataset may spend,
    `project_epsilon_thousandths` what one project may spend of it. `label_characters` are those
    that the words of a table have together before persons must read them. `cell_keys` names the
    table of noise that numbers of persons bear (R10), nothing where they bear none.
    """

    name: str = "SNDS"
    version: str = "2026"
    minimum_count: int = MINIMUM_COUNT.value
    zeros_disclose: bool = False
    dominance_persons: int = 2
    dominance_percent: int = 85
    share_percent: int = 10
    rounding_base: int = 1
    residual_degrees: int = 10
    significant_digits: int = 6
    label_characters: int = 600
    near_unique_percent: int = 90
    near_unique_rows: int = 20
    maximum_rows: int = 5000
    maximum_bytes: int = 16 * 1024 * 1024
    epsilon_thousandths: int = 1000
    project_epsilon_thousandths: int = 1000
    cell_keys: str = ""
    allowed_suffixes: frozenset[str] = frozenset({".csv", ".json", ".md", ".txt", ".png"})

    def __post_init__(self) -> None:
        """Raise InvalidInput for figures that protect nobody."""
        if self.minimum_count < 2 or self.residual_degrees < 1 or self.rounding_base < 1:  # noqa: PLR2004
            raise InvalidInput(
                "Policy: at least 2 persons in a cell, 1 residual degree of freedom, a rounding "
                "base from 1."
            )
        self.tabulation()

    @property
    def reference(self) -> str:
        """How findings and reports name this policy."""
        return f"{self.name}-{self.version}"

    def tabulation(self) -> TabulationPolicy:
        """Return the figures that decide on cells of tables."""
        return TabulationPolicy(
            name=self.name,
            version=self.version,
            minimum_count=self.minimum_count,
            dominance_persons=self.dominance_persons,
            dominance_percent=self.dominance_percent,
            share_percent=self.share_percent,
            zeros_disclose=self.zeros_disclose,
        )


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


def secret(told: int | str) -> str:
    """Return a number or a name between marks: `for_checker` shows it, `for_author` hides it."""
    return f"⟦{told}⟧"


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
