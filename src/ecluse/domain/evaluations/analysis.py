"""What a protocol says of its analysis: measures, subgroups, sample size, privacy, access."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ecluse.domain.aisystems.entries import number
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations import figures
from ecluse.domain.evaluations.measures import Aim, Direction, measure
from ecluse.domain.evaluations.secrecy import Level


class Multiplicity(StrEnum):
    """How several tests are answered for."""

    HOLM = "holm"
    BENJAMINI_HOCHBERG = "benjamini-hochberg"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A measure, the method of its interval, the threshold it is cut at (by name, or empty).

    `prevalence`: the one at which a predictive value is given, empty for the others.
    """

    measure: str
    method: str
    threshold: str = ""
    prevalence: str = ""

    def __post_init__(self) -> None:
        found = measure(self.measure)
        if self.method not in found.methods:
            raise InvalidInput(
                f"{self.measure} has no interval by {self.method[:40]!r}: "
                f"take {', '.join(found.methods)}."
            )
        if found.is_cut and not self.threshold:
            raise InvalidInput(f"{self.measure} needs a threshold: name one of those fixed.")
        if self.measure.endswith("-at-target"):
            figures.share(self.prevalence, name="The prevalence of the target population")
        elif self.prevalence:
            raise InvalidInput(f"{self.measure} is not given at a prevalence: leave it out.")

    @property
    def name(self) -> str:
        """The measure, and its threshold if it has one: `sensitivity@rule-out`."""
        return f"{self.measure}@{self.threshold}" if self.threshold else self.measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """The one measure that decides: its acceptable value, and on which side of it is good.

    The claim is met if the whole interval lies on the good side.
    """

    metric: Metric
    acceptable: str
    direction: Direction

    def __post_init__(self) -> None:
        found = measure(self.metric.measure)
        value = number(self.acceptable)
        bounds = (found.low and value < number(found.low)) or (
            found.high and value > number(found.high)
        )
        if bounds:
            raise InvalidInput(f"{self.acceptable} is no value that {found.name} can take.")
        wanted = {Aim.HIGH: Direction.AT_LEAST, Aim.LOW: Direction.AT_MOST}.get(found.aim)
        if wanted is None:
            raise InvalidInput(f"{found.name} is good near {found.target}: make it a secondary.")
        if self.direction is not wanted:
            raise InvalidInput(f"{found.name} is good when {found.aim.value}: turn the direction.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The primary measure, the others, and the rule for several tests."""

    primary: Primary
    secondaries: tuple[Metric, ...] = ()
    multiplicity: Multiplicity = Multiplicity.HOLM

    def __post_init__(self) -> None:
        names = [one.name for one in self.all]
        if len(set(names)) != len(names):
            raise InvalidInput("A measure is named twice at one threshold: keep one.")

    @property
    def all(self) -> tuple[Metric, ...]:
        """Every measure, the primary first."""
        return (self.primary.metric, *self.secondaries)


class Axis(StrEnum):
    """Along what persons are compared; the first five are always, unless a reason is given."""

    SEX = "sex"
    AGE = "age"
    SITE = "site"
    SOURCE = "source"
    """The device and its vendor, or the type of note."""
    PERIOD = "period"
    DEPRIVATION = "deprivation"
    REGION = "region"
    COMORBIDITY = "comorbidity"
    OTHER = "other"


MANDATORY: Final = (Axis.SEX, Axis.AGE, Axis.SITE, Axis.SOURCE, Axis.PERIOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """A column of the labels by which cases are cut: where it comes from, its values, its floor.

    Categories under `least_cases` are not evaluated, and said so. `categories` empty: those found.
    """

    axis: Axis
    column: str
    source: str
    least_cases: int
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        figures.column(self.column, name="The column of a subgroup")
        figures.said(self.source, name="Where a subgroup comes from")
        figures.least(self.least_cases, name="The least cases of a subgroup", low=10)
        if len(set(self.categories)) != len(self.categories):
            raise InvalidInput("A category is named twice: keep one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A mandatory axis that is not compared, and why."""

    axis: Axis
    reason: str

    def __post_init__(self) -> None:
        figures.said(self.reason, name="Why an axis is left out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utility:
    """The thresholds between which net benefit is shown, and why a decision lies there."""

    low: str
    high: str
    justification: str

    def __post_init__(self) -> None:
        low = figures.share(self.low, name="The lowest threshold")
        if figures.share(self.high, name="The highest threshold") <= low:
            raise InvalidInput("Net benefit is shown from a threshold to a higher one.")
        figures.said(self.justification, name="Why these thresholds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The measures of calibration, and the range of slope that is acceptable.

    The range is empty where a slope is only reported.
    """

    measures: tuple[str, ...]
    slope_low: str = ""
    slope_high: str = ""

    def __post_init__(self) -> None:
        for name in self.measures:
            measure(name)
        if bool(self.slope_low) != bool(self.slope_high):
            raise InvalidInput("The acceptable slope is a range: give both ends, or none.")
        if self.slope_low and number(self.slope_low) >= number(self.slope_high):
            raise InvalidInput("The range of the slope ends before it begins.")


class PerturbationKind(StrEnum):
    """What is done to inputs, as the statistics core does it."""

    DEVICE_NOISE = "device-noise"
    UNIT_ERROR = "unit-error"
    MISSING = "missing"
    LEAVE_SITE_OUT = "leave-site-out"
    TEMPORAL = "temporal"
    NO_ACCENTS = "no-accents"
    UPPER_CASE = "upper-case"
    OPTICAL_NOISE = "optical-noise"
    BROKEN_LINES = "broken-lines"
    SUBSTITUTED = "substituted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbation:
    """A degradation: of which columns (all if empty), how strong, and the loss that is tolerated.

    `amount`: a standard deviation, a share or a width, by kind; empty where the kind has none.
    """

    kind: PerturbationKind
    tolerated_loss: str
    columns: tuple[str, ...] = ()
    amount: str = ""

    def __post_init__(self) -> None:
        figures.within(self.tolerated_loss, name="The tolerated loss", low="0", high="1")
        if self.amount:
            number(self.amount)
        for name in self.columns:
            figures.column(name, name="A perturbed column")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The window that later ones are compared with, what is watched, and when it alarms."""

    reference_from_on: date
    reference_until_on: date
    indicators: tuple[str, ...]
    alarm: str

    def __post_init__(self) -> None:
        if self.reference_until_on < self.reference_from_on or not self.indicators:
            raise InvalidInput("Drift is told against a window, by an indicator at least.")
        figures.said(self.alarm, name="The rule of the alarm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An input of a computation, by its name."""

    name: str
    value: str

    def __post_init__(self) -> None:
        number(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """How many cases one criterion asks, computed from `inputs` by the named formula."""

    name: str
    inputs: tuple[Figure, ...]
    needed: int

    def __post_init__(self) -> None:
        figures.said(self.name, name="The criterion")
        figures.least(self.needed, name="The cases needed", low=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """The criteria, and how many cases are expected; the largest criterion decides.

    `reason`: why the evaluation goes on though fewer are expected than needed.
    """

    criteria: tuple[Criterion, ...]
    expected: int
    reason: str = ""

    def __post_init__(self) -> None:
        figures.least(self.expected, name="The cases expected", low=1)
        if not self.criteria:
            raise InvalidInput("Compute the sample size before data are opened.")
        if self.lacking(self.expected) and not self.reason.strip():
            raise InvalidInput(
                f"{self.expected} cases are expected and {self.needed} needed: say why it goes on."
            )

    @property
    def needed(self) -> int:
        """The cases that satisfy every criterion."""
        return max(one.needed for one in self.criteria)

    def lacking(self, obtained: int) -> tuple[str, ...]:
        """The criteria that so many cases do not satisfy."""
        return tuple(one.name for one in self.criteria if obtained < one.needed)


class Attack(StrEnum):
    """An attack on the model before it may leave."""

    MEMBERSHIP = "membership"
    LIRA = "lira"
    ATTRIBUTE = "attribute"
    STRUCTURAL = "structural"


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What is tried on the model, and the rule under which the report leaves.

    `epsilon` is empty for a model without differential privacy; `least_cell`: persons.
    """

    attacks: tuple[Attack, ...]
    least_cell: int
    epsilon: str = ""

    def __post_init__(self) -> None:
        figures.least(self.least_cell, name="The smallest cell of the report", low=10)
        if self.epsilon and number(self.epsilon) <= 0:
            raise InvalidInput("A privacy budget is over 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The program that computes: its name, the digest of its code, the seed, the draws."""

    package: str
    code: str
    seed: int
    draws: int

    def __post_init__(self) -> None:
        figures.said(self.package, name="The program of the analysis")
        figures.digest(self.code, name="The digest of the code")
        figures.least(self.seed, name="The seed", low=0)
        figures.least(self.draws, name="The draws", low=2000)


class Scores(StrEnum):
    """How scores are shown before the report: in bands, or in full."""

    BANDS = "bands"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who runs, who sees which scores, how often one legal entity may submit, and until when."""

    runs_by: str
    secrecy: Level
    scores: Scores
    submissions: int
    period_days: int
    embargo_until_on: date | None = None

    def __post_init__(self) -> None:
        figures.said(self.runs_by, name="Who runs")
        figures.least(self.submissions, name="The submissions allowed", low=1)
        figures.least(self.period_days, name="The period of the budget", low=1)
        if self.secrecy is not Level.PUBLIC and self.scores is Scores.FULL and self.submissions > 1:
            raise InvalidInput(
                "Full scores of a secret set, more than once, give it away: choose bands, or one "
                "submission."
            )
