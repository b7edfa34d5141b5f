"""What a protocol says of the use, the persons, the model and the truth it is compared with.

The parts of its analysis are in `analysis`. A part that cannot be true cannot be made: each checks
itself and raises InvalidInput.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ecluse.domain.aisystems.entries import number
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations import figures
from ecluse.domain.evaluations.measures import OutcomeKind


class Purpose(StrEnum):
    """What the system does."""

    DIAGNOSTIC = "diagnostic"
    PROGNOSTIC = "prognostic"
    TRIAGE = "triage"
    SEGMENTATION = "segmentation"
    EXTRACTION = "extraction"
    GENERATION = "generation"
    FORECASTING = "forecasting"


class Stage(StrEnum):
    """The stage of development at which it is evaluated (DECIDE-AI, figure 1)."""

    PRECLINICAL = "preclinical"
    OFFLINE = "offline"
    EARLY_LIVE = "early-live"
    COMPARATIVE = "comparative"
    IN_SERVICE = "in-service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the protocol is called, and who answers for it.

    `is_submitter`: the sponsor also provides the system, which the report flags. `interests`: those
    declared, or the sentence that there are none.
    """

    number: str
    system_number: str
    version: str
    title: str
    sponsor: str
    is_submitter: bool
    interests: str

    def __post_init__(self) -> None:
        if not figures.VERSION.fullmatch(self.version):
            raise InvalidInput(f"{self.version!r} is no version like 1.0.0: write three numbers.")
        figures.said(self.number, name="The number of the evaluation")
        figures.said(self.title, name="The title")
        figures.said(self.sponsor, name="The sponsor")
        figures.said(self.interests, name="The declaration of interests")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedUse:
    """What the provider claims, word for word, and the care that it enters.

    `alternative`: usual care, or the comparator. `device_class` and `rule_set`: the class computed
    by the register and the version of the rules that gave it; both empty for what is no device.
    """

    purpose: Purpose
    stage: Stage
    claim: str
    users: str
    pathway: str
    decision: str
    alternative: str
    device_class: str = ""
    rule_set: str = ""

    def __post_init__(self) -> None:
        figures.said(self.claim, name="The claim")
        figures.said(self.users, name="The users")
        figures.said(self.pathway, name="The position in the care pathway")
        figures.said(self.decision, name="The decision that it feeds")
        figures.said(self.alternative, name="The alternative")
        if self.device_class and not self.rule_set:
            raise InvalidInput("A class comes from a version of the rules: name it.")


class Sampling(StrEnum):
    """How cases came in; CASE_CONTROL chose the share of the ill: no raw predictive value."""

    CONSECUTIVE = "consecutive"
    RANDOM = "random"
    CONVENIENCE = "convenience"
    CASE_CONTROL = "case-control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who is in, who is out, where and when; `unit` is one case, `cluster` what groups cases.

    `cohort`: the digest of the executable definition, empty if words are all there is. `cluster` is
    a column, empty if cases are independent. `permit_number`: of the permit that gives the data.
    """

    inclusion: str
    exclusion: str
    setting: str
    from_on: date
    until_on: date
    sites: tuple[str, ...]
    sampling: Sampling
    unit: str
    cluster: str = ""
    cohort: str = ""
    permit_number: str = ""

    def __post_init__(self) -> None:
        figures.said(self.inclusion, name="Who is included")
        figures.said(self.setting, name="The setting")
        figures.said(self.unit, name="The unit of analysis")
        if self.until_on < self.from_on:
            raise InvalidInput("The period ends before it begins: correct one of its days.")
        if not self.sites or len(set(self.sites)) != len(self.sites):
            raise InvalidInput("Name at least one site, and each once.")
        if self.cluster:
            figures.column(self.cluster, name="The cluster")
        if self.cohort:
            figures.digest(self.cohort, name="The digest of the cohort")


class ModelFormat(StrEnum):
    """In which form a model comes to the data; never as pickled code."""

    ONNX = "onnx"
    SKOPS = "skops"
    PREDICTIONS = "predictions"
    SERVICE = "service"


class FailurePolicy(StrEnum):
    """What a case without a prediction counts as; its rate is reported either way."""

    COUNTS_AS_WRONG = "counts-as-wrong"
    WORST_SCORE = "worst-score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A cut fixed before data are opened: predictions of `value` or more are positive."""

    name: str
    value: str

    def __post_init__(self) -> None:
        figures.said(self.name, name="The name of a threshold")
        number(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexTest:
    """What is evaluated: these bytes, run so, cut there.

    `artefact`: SHA-256 of the file or of the image. `trained_on`: digest of the manifest of what
    it was trained on, empty if the provider does not say.
    """

    artefact: str
    format: ModelFormat
    runtime: str
    preprocessing: str
    thresholds: tuple[Threshold, ...] = ()
    failures: FailurePolicy = FailurePolicy.COUNTS_AS_WRONG
    trained_on: str = ""

    def __post_init__(self) -> None:
        figures.digest(self.artefact, name="The digest of the model")
        figures.said(self.runtime, name="What runs the model")
        figures.said(self.preprocessing, name="What is done to inputs")
        names = [one.name for one in self.thresholds]
        values = [Decimal(one.value) for one in self.thresholds]
        if len(set(names)) != len(names) or len(set(values)) != len(values):
            raise InvalidInput("Two thresholds bear one name or one value: keep one of them.")
        if self.trained_on:
            figures.digest(self.trained_on, name="The digest of the training data")

    def threshold(self, name: str) -> Threshold:
        """The threshold of that name. Raises InvalidInput."""
        for one in self.thresholds:
            if one.name == name:
                return one
        raise InvalidInput(f"No threshold is called {name!r}: fix it, or take another.")


class Correction(StrEnum):
    """What is done about a reference standard that errs."""

    NONE = "none"
    ROGAN_GLADEN = "rogan-gladen"
    LATENT_CLASS = "latent-class"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceStandard:
    """What counts as true, who said so, and whether they saw the prediction.

    `readers` is 0 for what is read by rule. `sensitivity` and `specificity` are its own against
    the truth, empty where none is known; `window_days` is the largest delay to the index test.
    """

    definition: str
    is_blinded: bool
    readers: int
    adjudication: str
    window_days: int
    correction: Correction = Correction.NONE
    sensitivity: str = ""
    specificity: str = ""

    def __post_init__(self) -> None:
        figures.said(self.definition, name="The reference standard")
        figures.least(self.readers, name="The number of readers", low=0)
        figures.least(self.window_days, name="The window", low=0)
        if self.readers > 1:
            figures.said(self.adjudication, name="How readers who differ are settled")
        for text in filter(None, (self.sensitivity, self.specificity)):
            figures.share(text, name="The accuracy of the reference standard")
        needs = self.correction is Correction.ROGAN_GLADEN
        if needs and not (self.sensitivity and self.specificity):
            raise InvalidInput("Rogan and Gladen need the sensitivity and specificity: write both.")


TIMED: Final = frozenset({OutcomeKind.TIME_TO_EVENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is predicted. Horizon, censoring and competing events: for a time to an event alone.

    `classes`: the labels of the classes, in order. `horizon_days` is None where there is none.
    """

    kind: OutcomeKind
    definition: str
    horizon_days: int | None = None
    censoring: str = ""
    competing: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        figures.said(self.definition, name="The outcome")
        if self.horizon_days is not None:
            figures.least(self.horizon_days, name="The horizon", low=1)
        if self.kind in TIMED:
            if self.horizon_days is None:
                raise InvalidInput("A time to an event is predicted at a horizon: give its days.")
            figures.said(self.censoring, name="What ends a follow-up")
        elif self.competing or self.censoring:
            raise InvalidInput("Only a time to an event has censoring and competing events.")
        if self.kind is OutcomeKind.CLASSES and len(set(self.classes)) < 2:  # noqa: PLR2004 - two
            raise InvalidInput("Classes are two at least: name each once.")


class Handling(StrEnum):
    """What is done with an input that is missing when the model runs."""

    MODEL = "model"
    IMPUTED = "imputed"
    FAILS = "fails"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingData:
    """How much may be missing of an input, and what the model does then, as in service."""

    largest_share: str
    handling: Handling
    explanation: str

    def __post_init__(self) -> None:
        figures.within(self.largest_share, name="The share missing", low="0", high="1")
        figures.said(self.explanation, name="How missing inputs are treated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a run: inputs and labels by `case`, predictions by `case`.

    Empty where a file has none. `time` is in days; `event` is 0 censored, 1 the event, 2 and more
    the competing ones in the order of the protocol.
    """

    case: str = "case"
    prediction: str = "prediction"
    outcome: str = "outcome"
    abstained: str = ""
    cluster: str = ""
    time: str = ""
    event: str = ""
    features: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = (self.case, self.prediction, self.outcome)
        optional = (self.abstained, self.cluster, self.time, self.event)
        for name in (*named, *filter(None, optional), *self.features):
            figures.column(name, name="A column")
        used = [*named, *filter(None, optional)]
        if len(set(used)) != len(used) or len(set(self.features)) != len(self.features):
            raise InvalidInput("Two columns of a run bear one name: rename one.")
        if set(self.features) & set(used):
            raise InvalidInput("An input bears the name of the outcome or the case: rename it.")
