"""What counts as an answer, worked out by hand on a few cases."""

from pathlib import Path

import numpy as np
import pytest

from ecluse.data.evaluation.running import answers
from ecluse.data.evaluation.running.answers import State, counted_wrong, judge, judge_spans
from ecluse.data.evaluation.running.plans import Answer, AnswerKind
from ecluse.domain.errors import InvalidInput, JobFailed

PROBABILITY = Answer(kind=AnswerKind.PROBABILITY, decimals=2)
CLASSES = Answer(kind=AnswerKind.CLASS, classes=("A", "B", "C"))
SPANS = Answer(kind=AnswerKind.SPANS, classes=("NOM", "DATE"), most_spans=2)
OK = int(State.ANSWERED)


def test_a_probability_is_rounded_and_one_that_is_none_is_a_failure() -> None:
    given = np.array([0.123456, 1.2, -0.004, np.nan, np.inf, 1.004])

    found = judge(given, np.zeros(6, np.uint8), PROBABILITY)

    assert found.values.tolist()[:1] == [0.12]
    assert found.states.tolist() == [
        State.ANSWERED,
        State.OUT_OF_RANGE,
        State.ANSWERED,
        State.NOT_A_NUMBER,
        State.NOT_A_NUMBER,
        State.ANSWERED,
    ]
    assert found.values[2] == 0.0
    assert not np.signbit(found.values[2])
    assert found.values[5] == 1.0
    assert found.failures() == {"not_a_number": 2, "out_of_range": 1}


def test_a_rank_that_is_no_class_is_a_failure() -> None:
    found = judge(np.array([0.0, 2.0, 3.0, -1.0]), np.zeros(4, np.uint8), CLASSES)

    assert found.states.tolist() == [OK, OK, State.UNKNOWN_LABEL, State.UNKNOWN_LABEL]


def test_a_failed_case_is_wrong_whatever_its_outcome_and_at_every_threshold() -> None:
    states = np.array([OK, State.FAILED, State.TIMED_OUT, State.ABSTAINED], np.uint8)
    found = judge(np.array([0.7, 0.9, 0.1, 0.5]), states, PROBABILITY)

    told = counted_wrong([1, 1, 0, 1], found, PROBABILITY)

    assert told[:3].tolist() == [0.7, 0.0, 1.0]
    assert np.isnan(told[3])
    assert found.failed.tolist() == [False, True, True, False]


def test_outcomes_of_another_length_are_refused() -> None:
    found = judge(np.array([0.7]), np.zeros(1, np.uint8), PROBABILITY)

    with pytest.raises(InvalidInput, match="2 outcomes for 1 predictions"):
        counted_wrong([0, 1], found, PROBABILITY)


def test_spans_are_kept_in_one_order_and_too_many_or_impossible_ones_fail_their_case() -> None:
    told = np.array(
        [
            [0, 9, 12, 1],
            [0, 2, 5, 0],
            [0, 2, 5, 0],  # said twice: more than two with it
            [1, 4, 4, 0],  # empty
            [2, 1, 3, 0],
            [9, 1, 3, 0],  # of no case
        ]
    )

    found = judge_spans(told, np.zeros(3, np.uint8), SPANS)

    assert found.states.tolist() == [State.NOT_SPANS, State.NOT_SPANS, OK]
    assert found.spans.tolist() == [[2, 1, 3, 0]]


def test_a_file_of_answers_of_another_size_ends_the_run(tmp_path: Path) -> None:
    np.zeros(2).tofile(tmp_path / answers.ANSWERS)
    np.zeros(3, np.uint8).tofile(tmp_path / answers.STATES)

    with pytest.raises(JobFailed, match="16 bytes of answers and 24 make"):
        answers.read_answers(tmp_path, 3, PROBABILITY)


def test_a_state_that_no_program_of_ours_writes_is_a_failure(tmp_path: Path) -> None:
    np.array([0.5, 0.5]).tofile(tmp_path / answers.ANSWERS)
    np.array([0, 200], np.uint8).tofile(tmp_path / answers.STATES)

    found = answers.read_answers(tmp_path, 2, PROBABILITY)

    assert found.states.tolist() == [OK, State.FAILED]


def test_answers_changed_alone_are_counted_after_rounding() -> None:
    first = judge(np.array([0.501, 0.2, 0.9]), np.zeros(3, np.uint8), PROBABILITY)

    # .503 is .50 again; .21 is not .20; what has no answer any more has changed.
    assert answers.changed(first, np.array([0.503, 0.21, np.nan]), PROBABILITY) == 2
    assert answers.changed(first, np.array([0.503, 0.2]), PROBABILITY) == 0


def test_the_bits_of_one_answer_are_those_of_its_possible_values() -> None:
    assert Answer(kind=AnswerKind.CLASS, classes=("A", "B", "C")).bits == 2.0
    assert round(Answer(kind=AnswerKind.PROBABILITY, decimals=4).bits, 3) == 13.288
    assert round(SPANS.bits) == 2 * (2 * 16 + 1)


@pytest.mark.parametrize(
    "members",
    [
        {"kind": AnswerKind.NUMBER, "low": 0.0, "high": 1e9, "decimals": 3},
        {"kind": AnswerKind.PROBABILITY, "decimals": 8},
        {"kind": AnswerKind.CLASS},
        {"kind": AnswerKind.NUMBER, "low": 1.0, "high": 1.0},
        {"kind": AnswerKind.SPANS, "classes": ("A",), "most_spans": 200},
    ],
)
def test_an_answer_that_could_carry_a_row_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Answer(**members)  # type: ignore[arg-type]  # what a careless plan would say
