"""What a model answered, judged outside the sandbox: a failed case is wrong, and is counted.

From the sandbox come arrays of exactly one number a case, and no more: what is not a possible
answer is a failure with a code, and what is one is rounded before anybody reads it.
"""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation.arrays import Bools, Floats, Ints, Values, binary
from ecluse.data.evaluation.running.plans import Answer, AnswerKind
from ecluse.domain.errors import InvalidInput, JobFailed

ANSWERS: Final = "answers"
STATES: Final = "states"
SPANS: Final = "spans"
ALONE: Final = "alone"
TIMES: Final = "times"
FACTS: Final = "facts.json"
SPAN_COLUMNS: Final = 4
"""Row, first character, character after the last, rank of the label."""
States = npt.NDArray[np.uint8]


class State(IntEnum):
    """How one case ended."""

    ANSWERED = 0
    ABSTAINED = 1
    FAILED = 2
    TIMED_OUT = 3
    NOT_A_NUMBER = 4
    OUT_OF_RANGE = 5
    UNKNOWN_LABEL = 6
    NOT_SPANS = 7


FAILURES: Final = frozenset(State) - {State.ANSWERED, State.ABSTAINED}


@dataclass(frozen=True, slots=True)
class Answers:
    """One answer a case: a number, or the rank of a class; NaN where there is none.

    `spans` are (row, begin, end, label) for texts.
    """

    values: Floats
    states: States
    spans: Ints

    @property
    def failed(self) -> Bools:
        """Which cases have no answer that counts; those on which the model abstained are not."""
        return np.asarray(np.isin(self.states, [int(one) for one in FAILURES]))

    def failures(self) -> Mapping[str, int]:
        """How many cases failed, by what happened."""
        counted = Counter(State(int(one)).name.lower() for one in self.states[self.failed])
        return dict(sorted(counted.items()))


def read_answers(folder: Path, cases: int, answer: Answer) -> Answers:
    """Return the answers left by the sandbox, judged and rounded.

    Raises:
        JobFailed: a file has another size than one answer a case.
    """
    values = _exactly(folder / ANSWERS, cases, "<f8").astype(np.float64)
    states = _exactly(folder / STATES, cases, "u1").astype(np.uint8)
    spans = _spans(folder / SPANS, cases * answer.most_spans)
    known = np.isin(states, [int(one) for one in State])
    states = np.where(known, states, State.FAILED).astype(np.uint8)
    if answer.kind is AnswerKind.SPANS:
        return judge_spans(spans, states, answer)
    return judge(values, states, answer)


def judge(values: Floats, states: States, answer: Answer) -> Answers:
    """Return numbers or ranks of classes as they may be read: possible, rounded, or failed."""
    states = states.copy()
    asked = states == State.ANSWERED
    finite = np.isfinite(values)
    states[asked & ~finite] = State.NOT_A_NUMBER
    if answer.kind is AnswerKind.CLASS:
        kept = finite & (values >= 0) & (values < len(answer.classes))
        wrong, rounded = State.UNKNOWN_LABEL, np.floor(np.where(finite, values, 0.0))
    else:
        rounded = np.round(np.where(finite, values, answer.low), answer.decimals)
        kept = finite & (rounded >= answer.low) & (rounded <= answer.high)
        wrong = State.OUT_OF_RANGE
    states[asked & finite & ~kept] = wrong
    settled = np.where(states == State.ANSWERED, rounded, np.nan)
    # A zero has a sign, which would be one bit more a case.
    return Answers(settled + 0.0, states, np.empty((0, SPAN_COLUMNS), np.int64))


def judge_spans(spans: Ints, states: States, answer: Answer) -> Answers:
    """Return spans of known labels, ordered, no more than allowed in each case."""
    states, cases = states.copy(), len(states)
    row, begin, end, label = spans.T
    sound = (begin >= 0) & (begin < end) & (label >= 0) & (label < len(answer.classes))
    inside = (row >= 0) & (row < cases)
    bad = np.bincount(row[inside & ~sound], minlength=cases) > 0
    many = np.bincount(row[inside], minlength=cases) > answer.most_spans
    states[(bad | many) & (states == State.ANSWERED)] = State.NOT_SPANS
    answered = np.zeros(len(spans), bool)
    answered[inside] = states[row[inside]] == State.ANSWERED
    # In one order alone, without repetition: their order would carry more.
    kept = np.unique(spans[sound & inside & answered], axis=0)
    return Answers(np.full(cases, np.nan), states, kept)


def _exactly(path: Path, cases: int, kind: str) -> npt.NDArray[np.generic]:
    wanted = cases * np.dtype(kind).itemsize
    size = path.stat().st_size if path.is_file() else 0
    if size != wanted:
        raise JobFailed(
            f"The run left {size} bytes of {path.name} and {wanted} make one answer a case."
        )
    return np.fromfile(path, kind)


def _spans(path: Path, most: int) -> Ints:
    if not path.is_file():
        return np.empty((0, SPAN_COLUMNS), np.int64)
    one = SPAN_COLUMNS * 8
    size = path.stat().st_size
    if size % one or size // one > most:
        raise JobFailed(f"The run left {size} bytes of spans: {most} spans at most.")
    return np.fromfile(path, "<i8").reshape(-1, SPAN_COLUMNS).astype(np.int64)


def read_alone(folder: Path, count: int) -> tuple[Floats, Floats]:
    """Return what the first cases were answered alone, and the milliseconds that each took.

    Raises:
        JobFailed: a file has another size than one number a case.
    """
    alone = _exactly(folder / ALONE, count, "<f8").astype(np.float64)
    times = _exactly(folder / TIMES, count, "<f8").astype(np.float64)
    return alone, times


def changed(answers: Answers, alone: Floats, answer: Answer) -> int:
    """Return how many cases were answered otherwise alone than among others.

    An answer that depends on the neighbours, on the hour or on chance carries something that is
    not of the case.
    """
    count = len(alone)
    if answer.kind is AnswerKind.SPANS:
        first = np.array([fingerprint(answers.spans[answers.spans[:, 0] == row, 1:])
                          for row in range(count)])  # fmt: skip
        second = alone
    else:
        states = np.where(np.isnan(alone), answers.states[:count], State.ANSWERED)
        again = judge(alone, states.astype(np.uint8), answer)
        first, second = answers.values[:count], again.values
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    return int(count - same.sum())


def fingerprint(spans: Sequence[Sequence[int]] | Ints) -> float:
    """Return a number that stands for the spans of one text, whatever their order."""
    ordered = np.unique(np.asarray(spans, np.int64).reshape(-1, SPAN_COLUMNS - 1), axis=0)
    return float(zlib.crc32(ordered.astype("<i8").tobytes()))


def counted_wrong(outcomes: Values, answers: Answers, answer: Answer) -> Floats:
    """Return predictions of a yes-or-no outcome in which every failed case is wrong.

    A failed case of outcome 1 gets the lowest prediction there is, one of outcome 0 the highest:
    wrong at every threshold. A case on which the model abstained stays NaN.

    Raises:
        InvalidInput: lengths differ, or an outcome is neither 0 nor 1.
    """
    truth = binary(outcomes)
    if len(truth) != len(answers.values):
        raise InvalidInput(f"{len(truth)} outcomes for {len(answers.values)} predictions.")
    worst = np.where(truth, answer.low, answer.high)
    return np.asarray(np.where(answers.failed, worst, answers.values), np.float64)
