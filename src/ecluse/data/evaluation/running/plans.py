"""What a run reads, what it may answer, how long it may take: the part of a protocol that runs."""

import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.protocols import Protocol

MOST_BITS: Final = 24.0
"""What one answer may carry: a number of 7 digits. A person's row needs more."""
MOST_SPAN_BITS: Final = 4096.0
"""What the spans found in one text may carry together."""
MOST_CLASSES: Final = 20_000
"""The labels of the largest nomenclature that a model answers from (ICD-10-FR has 18,000)."""
TEXT_CHARACTERS: Final = 65_536


class AnswerKind(StrEnum):
    """What a prediction is."""

    PROBABILITY = "probability"
    NUMBER = "number"
    CLASS = "class"
    SPANS = "spans"


_ANSWERS: Final = {
    OutcomeKind.BINARY: AnswerKind.PROBABILITY,
    OutcomeKind.TIME_TO_EVENT: AnswerKind.PROBABILITY,
    OutcomeKind.NUMBER: AnswerKind.NUMBER,
    OutcomeKind.CLASSES: AnswerKind.CLASS,
    OutcomeKind.SPANS: AnswerKind.SPANS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model may answer of one case: its range and its decimals, or its labels.

    Numbers are rounded to `decimals` before anybody reads them. `classes` are those of a class, or
    of spans, of which a text has `most_spans` at most.
    """

    kind: AnswerKind
    low: float = 0.0
    high: float = 1.0
    decimals: int = 4
    classes: tuple[str, ...] = ()
    most_spans: int = 64

    def __post_init__(self) -> None:
        """Raise InvalidInput for an answer that could carry a row."""
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InvalidInput("The range of predictions must go from a number to a higher one.")
        if self.decimals < 0 or self.most_spans < 1 or len(self.classes) > MOST_CLASSES:
            raise InvalidInput(
                f"Predictions have 0 decimals or more, and {MOST_CLASSES} labels at most."
            )
        if self.kind in (AnswerKind.CLASS, AnswerKind.SPANS) and not self.classes:
            raise InvalidInput("Name the labels that a prediction may be.")
        most = MOST_SPAN_BITS if self.kind is AnswerKind.SPANS else MOST_BITS
        if self.bits > most:
            raise InvalidInput(
                f"One prediction could carry {self.bits:.0f} bits, and {most:.0f} may leave the "
                "model for a case: take fewer decimals, a narrower range or fewer spans."
            )

    @property
    def bits(self) -> float:
        """What one answer can carry at most, in bits; abstaining counts as one more answer."""
        if self.kind is AnswerKind.CLASS:
            return math.log2(len(self.classes) + 1)
        if self.kind is AnswerKind.SPANS:
            one = 2 * math.log2(TEXT_CHARACTERS) + math.log2(len(self.classes))
            return self.most_spans * one
        return math.log2((self.high - self.low) * 10**self.decimals + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One run: the format of the model, the features it is given, what it may answer.

    `timed` cases are answered a second time, alone: their times are reported, and an answer that
    changes shows that it did not come from the case. `seed` draws the order of the cases.
    `case_ms` is the longest that one case may take; `missing`: whether a feature may be absent.
    """

    format: ModelFormat
    features: tuple[str, ...]
    answer: Answer
    key: str = "case"
    prediction: str = "prediction"
    abstained: str = ""
    missing: bool = False
    threads: int = 1
    batch: int = 1024
    timed: int = 200
    case_ms: int = 10_000
    seed: int = 0
    start_seconds: int = 60

    def __post_init__(self) -> None:
        """Raise InvalidInput for a plan that cannot be run."""
        if not self.features or len(set(self.features)) != len(self.features):
            raise InvalidInput("Name the features that the model is given, each once.")
        if min(self.threads, self.batch, self.timed, self.case_ms, self.start_seconds) < 1:
            raise InvalidInput("Threads, rows at once, timed cases and delays are 1 or more.")

    def to_text(self) -> str:
        """Return the plan as JSON: how it reaches the program in the sandbox."""
        return json.dumps(asdict(self))


def from_text(text: str) -> RunPlan:
    """Return the plan that `to_text` wrote."""
    told: dict[str, Any] = json.loads(text)
    answer: dict[str, Any] = told.pop("answer")
    answer |= {"kind": AnswerKind(answer["kind"]), "classes": tuple(answer["classes"])}
    told |= {"format": ModelFormat(told["format"]), "features": tuple(told["features"])}
    return RunPlan(answer=Answer(**answer), **told)


def plan_of(
    protocol: Protocol, *, answer: Answer | None = None, features: tuple[str, ...] = ()
) -> RunPlan:
    """Return what a protocol says of its run; `answer` where its kind has a range of its own.

    `features` are those of the inputs, for a protocol that takes all of them.

    Raises:
        InvalidInput: predictions of this kind are not run here, or need a range or labels.
    """
    kind = _ANSWERS.get(protocol.outcome.kind)
    columns = protocol.run
    if kind is None:
        raise InvalidInput(
            f"Predictions of kind {protocol.outcome.kind} are not run here: bring a table."
        )
    if answer is None and kind in (AnswerKind.NUMBER, AnswerKind.SPANS):
        raise InvalidInput(f"Say what {kind} a prediction may be: its range, or its labels.")
    if answer is not None and answer.kind is not kind:
        raise InvalidInput(f"The protocol predicts a {kind}, and a {answer.kind} is described.")
    return RunPlan(
        format=protocol.index_test.format,
        features=columns.features or features,
        answer=answer or Answer(kind=kind, classes=protocol.outcome.classes),
        key=columns.case,
        prediction=columns.prediction,
        abstained=columns.abstained,
        missing=protocol.missing_data.handling == "model",
        seed=protocol.analysis.seed,
    )
