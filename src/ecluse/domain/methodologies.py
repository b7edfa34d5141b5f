"""Whether a processing keeps to a reference methodology: its rules, the answers, an explanation.

A methodology lets a processing begin on a declaration; where one rule is not met, the full
procedure is needed. Source: loi 78-17 art. 73; reference methodologies of the CNIL.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A question answered by yes or no, the answer that keeps to the methodology, and why."""

    rule_id: str
    question: Mapping[str, str]
    expected: bool
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Methodology:
    """A version of a reference methodology. `asks_committee`: an opinion is due before it starts.

    `title`, and the texts of its rules, are by language.
    """

    methodology_id: str
    version: int
    title: Mapping[str, str]
    asks_committee: bool
    source: str
    rules: tuple[Rule, ...]

    @property
    def key(self) -> str:
        """The name of this version, as a declaration keeps it."""
        return f"{self.methodology_id}@{self.version}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one declaration; without an answer, it is not met."""

    rule: Rule
    answer: bool | None

    @property
    def is_met(self) -> bool:
        """Whether the answer is the one that the methodology expects."""
        return self.answer is self.rule.expected


def evaluate(methodology: Methodology, answers: Mapping[str, bool]) -> tuple[Finding, ...]:
    """What each rule says, in the order of the methodology."""
    return tuple(Finding(rule, answers.get(rule.rule_id)) for rule in methodology.rules)


def conforms(methodology: Methodology, answers: Mapping[str, bool]) -> bool:
    """Whether a declaration is enough: every rule is met. Otherwise the full procedure is due."""
    return all(finding.is_met for finding in evaluate(methodology, answers))
