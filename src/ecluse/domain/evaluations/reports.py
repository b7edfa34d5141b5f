"""The report of an evaluation: stored counts, the figures computed from them, and what they mean.

A figure either follows from the counts of the report (`Basis.COUNTS`), so that whoever reads it may
compute it again, or needs the cases (`Basis.ATTESTED`), and then the software that saw them vouches
for it; what the counts say of it is still checked (see `data.evaluation.reporting.verifying`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ecluse.domain.evaluations.checklists import Line
from ecluse.domain.evaluations.counts import ALL, LifeTable, ScoreTable, check_number
from ecluse.domain.evaluations.deviations import Deviation
from ecluse.domain.evaluations.labelled import LabelTable

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
QUANTILES: Final = ("0.01", "0.025", "0.05", "0.25", "0.5", "0.75", "0.95", "0.975", "0.99")
"""Which quantiles of bootstrap replicates a report keeps; the extremes are of single draws."""


class Basis(StrEnum):
    """What a figure rests on."""

    COUNTS = "counts"
    ATTESTED = "attested"


class Outcome(StrEnum):
    """What the figures say of a claim."""

    MET = "met"
    NOT_MET = "not-met"
    INCONCLUSIVE = "inconclusive"
    NOT_EVALUABLE = "not-evaluable"


class Subject(StrEnum):
    """What a finding is about."""

    PRIMARY = "primary"
    CALIBRATION = "calibration"
    SUBGROUP = "subgroup"
    ROBUSTNESS = "robustness"
    DRIFT = "drift"
    SAMPLE_SIZE = "sample-size"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of a group, with its interval; `at` is its threshold, horizon or prevalence.

    `value`, `low` and `high` are written by `counts.write`; both ends are empty where the method
    gives none.
    """

    measure: str
    group: str
    at: str
    value: str
    low: str
    high: str
    method: str
    level: str
    basis: Basis

    def __post_init__(self) -> None:
        """Refuse what is no number, and half an interval. Raises ValueError."""
        check_number(self.value, name=self.measure)
        check_number(self.low, name=self.measure, may_be_empty=True)
        check_number(self.high, name=self.measure, may_be_empty=True)
        if bool(self.low) != bool(self.high):
            raise ValueError(f"{self.measure}: an interval has two ends.")

    @property
    def key(self) -> tuple[str, str, str]:
        """What the figure is of: a report states each once."""
        return self.measure, self.group, self.at


@dataclass(frozen=True, slots=True)
class Gap:
    """First group minus second, in one variable; the intervals of a variable hold all at once."""

    variable: str
    measure: str
    first: str
    second: str
    value: str
    low: str
    high: str
    p_value: str
    method: str

    def __post_init__(self) -> None:
        """Refuse what is no number. Raises ValueError."""
        for text in (self.value, self.low, self.high, self.p_value):
            check_number(text, name=f"{self.measure} gap")


@dataclass(frozen=True, slots=True)
class Replicates:
    """What bootstrap draws gave for one figure: their quantiles at `QUANTILES`."""

    measure: str
    group: str
    at: str
    seed: int
    draws: int
    quantiles: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse another number of quantiles. Raises ValueError."""
        if len(self.quantiles) != len(QUANTILES):
            raise ValueError(f"{self.measure}: {len(QUANTILES)} quantiles are kept.")
        for text in self.quantiles:
            check_number(text, name=f"{self.measure} quantile")


@dataclass(frozen=True, slots=True)
class Loss:
    """What a named perturbation cost: clean minus perturbed, and what the protocol tolerates."""

    perturbation: str
    measure: str
    clean: str
    perturbed: str
    value: str
    low: str
    high: str
    tolerated: str
    method: str

    def __post_init__(self) -> None:
        """Refuse what is no number. Raises ValueError."""
        numbers = (self.clean, self.perturbed, self.value, self.low, self.high, self.tolerated)
        for text in numbers:
            check_number(text, name=f"Loss under {self.perturbation}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the figures say of one claim. `of` names the figure: a group, a measure, a test."""

    subject: Subject
    of: str
    outcome: Outcome
    value: str = ""
    low: str = ""
    high: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is not stated, and by which rule, without the number that the rule hides."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How the run went: cases, failures, time and energy a case.

    `failed` is a number, or `under N` where fewer failed than may be told. Times in milliseconds,
    energy in joules; `energy_method` says whether it was measured. `predictions` is the digest of
    the table of predictions that the figures were computed from, empty where none was bound.
    """

    cases: int
    failed: str
    median_ms: str = ""
    p95_ms: str = ""
    joules: str = ""
    energy_method: str = ""
    backend: str = ""
    predictions: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no digest. Raises ValueError."""
        if self.predictions and not DIGEST.fullmatch(self.predictions):
            raise ValueError("The digest of the predictions is not `sha256:` and 64 digits.")


@dataclass(frozen=True, slots=True)
class PrivacyFigure:
    """What an attack on the model could tell, the limit, and what follows."""

    attack: str
    value: str
    low: str
    high: str
    limit: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Digests:
    """What was evaluated, by content; `lock` is the signed document that fixed the others."""

    protocol: str
    lock: str
    model: str
    data: str
    code: str

    def __post_init__(self) -> None:
        """Refuse what is no digest. Raises ValueError."""
        for text in (self.protocol, self.lock, self.model, self.data, self.code):
            if not DIGEST.fullmatch(text):
                raise ValueError("A digest is not `sha256:` and 64 hexadecimal characters.")


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything that a report states; what it answers is the protocol of the same digest.

    `policy` is that of disclosure, `least` the smallest count it lets out. `windows` are score
    tables of successive periods, the first the reference; `labels` are of classes, or of spans.
    `clusters` counts what was drawn whole (patients, sites), 0 where cases are independent. `draws`
    is of the bootstrap.
    """

    evaluation_number: str
    protocol_version: str
    digests: Digests
    policy: str
    least: int
    seed: int
    draws: int
    clusters: int
    tables: tuple[ScoreTable, ...]
    windows: tuple[ScoreTable, ...]
    lives: tuple[LifeTable, ...]
    figures: tuple[Figure, ...]
    gaps: tuple[Gap, ...]
    replicates: tuple[Replicates, ...]
    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]
    withheld: tuple[Withheld, ...]
    deviations: tuple[Deviation, ...]
    checklist: tuple[Line, ...]
    run: RunFacts
    privacy: tuple[PrivacyFigure, ...]
    software: str
    made_at: datetime
    labels: tuple[LabelTable, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a figure or a table stated twice. Raises ValueError."""
        keys = [figure.key for figure in self.figures]
        groups = [one.group for one in self.tables] + [one.group for one in self.labels]
        if len(set(keys)) != len(keys) or len(set(groups)) != len(groups):
            raise ValueError("A figure or a table is stated twice.")

    def table(self, group: str = ALL) -> ScoreTable | None:
        """Return the score table of a group, None where it is withheld."""
        return next((table for table in self.tables if table.group == group), None)

    def labelled(self, group: str = ALL) -> LabelTable | None:
        """Return the labels of a group, None where they are withheld."""
        return next((table for table in self.labels if table.group == group), None)

    def figure(self, measure: str, group: str = ALL, at: str = "") -> Figure | None:
        """Return a figure, None where the report does not state it."""
        wanted = (measure, group, at)
        return next((figure for figure in self.figures if figure.key == wanted), None)

    def headline(self) -> Outcome:
        """Return what the report says of the primary claim."""
        return outcome_of(self.findings, Subject.PRIMARY)


def outcome_of(findings: Iterable[Finding], subject: Subject) -> Outcome:
    """Return the worst outcome of the findings on a subject; not evaluable where there is none."""
    order = (Outcome.NOT_MET, Outcome.INCONCLUSIVE, Outcome.MET)
    found = {finding.outcome for finding in findings if finding.subject is subject}
    return next((outcome for outcome in order if outcome in found), Outcome.NOT_EVALUABLE)
