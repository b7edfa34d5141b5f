"""The measures that a protocol may name, with the intervals that the statistics core gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput


class OutcomeKind(StrEnum):
    """What is predicted, and so what a prediction is."""

    BINARY = "binary"
    CLASSES = "classes"
    NUMBER = "number"
    TIME_TO_EVENT = "time-to-event"
    SPANS = "spans"
    MASKS = "masks"
    TEXT = "text"


class Aim(StrEnum):
    """Which values of a measure are good: high, low, or near a target."""

    HIGH = "high"
    LOW = "low"
    NEAR = "near"


class Direction(StrEnum):
    """How a minimal acceptable value is read."""

    AT_LEAST = "at-least"
    AT_MOST = "at-most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: for which outcomes, its bounds, which values are good, its methods of interval.

    `is_cut`: it needs a threshold. `target`: the value that is perfect, where `aim` is NEAR.
    `low` and `high` are its bounds, empty where it has none.
    """

    name: str
    outcomes: frozenset[OutcomeKind]
    methods: tuple[str, ...]
    aim: Aim = Aim.HIGH
    low: str = "0"
    high: str = "1"
    target: str = ""
    is_cut: bool = False


RESAMPLED: Final = ("bca", "percentile")
PROPORTION: Final = ("wilson", "clopper-pearson", *RESAMPLED)
METHODS: Final = frozenset(
    {
        *("wilson", "clopper-pearson", "bca", "percentile", "logit", "delta"),
        *("delong-logit", "obuchowski-logit", "boyd-logit", "wald", "wald-cluster", "log"),
    }
)
"""Every method of the core that a protocol may ask, by the name that its intervals bear."""

_BINARY: Final = frozenset({OutcomeKind.BINARY})
_CLASSES: Final = frozenset({OutcomeKind.CLASSES})
_EITHER: Final = _BINARY | _CLASSES
_TIME: Final = frozenset({OutcomeKind.TIME_TO_EVENT})
_SPANS: Final = frozenset({OutcomeKind.SPANS})
_MASKS: Final = frozenset({OutcomeKind.MASKS})


def _measures() -> tuple[Measure, ...]:
    return (
        *_accuracy(),
        Measure(
            name="auroc",
            outcomes=_BINARY,
            methods=("delong-logit", "obuchowski-logit", *RESAMPLED),
        ),
        Measure(name="auprc", outcomes=_BINARY, methods=("boyd-logit", *RESAMPLED)),
        *_calibration(),
        Measure(name="net-benefit", outcomes=_BINARY, methods=RESAMPLED, low="", is_cut=True),
        *_words(),
        *_masks(),
        *_times(),
    )


def _accuracy() -> tuple[Measure, ...]:
    proportions = ("sensitivity", "specificity", "ppv", "npv")
    return (
        *(
            Measure(name=name, outcomes=_BINARY, methods=PROPORTION, is_cut=True)
            for name in proportions
        ),
        Measure(name="accuracy", outcomes=_EITHER, methods=PROPORTION),
        *(
            Measure(
                name=name, outcomes=_BINARY, methods=("logit", "delta", *RESAMPLED), is_cut=True
            )
            for name in ("ppv-at-target", "npv-at-target")
        ),
        Measure(name="coverage", outcomes=_EITHER, methods=PROPORTION),
    )


def _calibration() -> tuple[Measure, ...]:
    near = ("wald", "wald-cluster", *RESAMPLED)
    return (
        Measure(
            name="calibration-intercept",
            outcomes=_BINARY,
            methods=near,
            aim=Aim.NEAR,
            low="",
            high="",
            target="0",
        ),
        Measure(
            name="calibration-slope",
            outcomes=_BINARY,
            methods=near,
            aim=Aim.NEAR,
            low="",
            high="",
            target="1",
        ),
        Measure(
            name="observed-expected",
            outcomes=_BINARY | _TIME,
            methods=("log", *RESAMPLED),
            aim=Aim.NEAR,
            high="",
            target="1",
        ),
        Measure(name="brier", outcomes=_BINARY, methods=("wald", *RESAMPLED), aim=Aim.LOW),
        Measure(name="ici", outcomes=_BINARY, methods=RESAMPLED, aim=Aim.LOW),
    )


def _words() -> tuple[Measure, ...]:
    return (
        Measure(name="f1", outcomes=_BINARY, methods=RESAMPLED, is_cut=True),
        Measure(name="macro-f1", outcomes=_CLASSES, methods=RESAMPLED),
        *(
            Measure(name=name, outcomes=_SPANS, methods=RESAMPLED)
            for name in ("micro-f1", "span-precision", "span-recall")
        ),
        *(
            Measure(name=name, outcomes=_EITHER, methods=RESAMPLED, low="-1")
            for name in ("kappa", "mcc")
        ),
        Measure(name="icc", outcomes=frozenset({OutcomeKind.NUMBER}), methods=RESAMPLED, low="-1"),
        Measure(name="claim-support", outcomes=frozenset({OutcomeKind.TEXT}), methods=PROPORTION),
        Measure(
            name="schema-validity",
            outcomes=frozenset({OutcomeKind.TEXT, OutcomeKind.SPANS}),
            methods=PROPORTION,
        ),
    )


def _masks() -> tuple[Measure, ...]:
    return (
        Measure(name="dice", outcomes=_MASKS, methods=RESAMPLED),
        Measure(name="hd95", outcomes=_MASKS, methods=RESAMPLED, aim=Aim.LOW, high=""),
    )


def _times() -> tuple[Measure, ...]:
    return (
        Measure(name="uno-c", outcomes=_TIME, methods=RESAMPLED),
        Measure(name="time-dependent-auc", outcomes=_TIME, methods=RESAMPLED),
        Measure(name="integrated-brier", outcomes=_TIME, methods=RESAMPLED, aim=Aim.LOW),
    )


MEASURES: Final[Mapping[str, Measure]] = {one.name: one for one in _measures()}


def measure(name: str) -> Measure:
    """The measure of that name. Raises InvalidInput."""
    found = MEASURES.get(name)
    if found is None:
        raise InvalidInput(
            f"{name[:40]!r} is no known measure: take {', '.join(sorted(MEASURES))}."
        )
    return found
