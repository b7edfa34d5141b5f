"""A board: what it tells, what it counts, what it never tells."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.evaluation.boards import prepare_labels, read_labels
from ecluse.data.evaluation.boards.ladders import explore
from ecluse.data.evaluation.boards.scoring import Scoring
from ecluse.data.evaluation.discrimination import area
from ecluse.domain import codec
from ecluse.domain.documents import BoardClosing
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound, OutOfScope, Replayed
from ecluse.domain.evaluations.secrecy import (
    BoardMeasure,
    Fault,
    FaultCode,
    Level,
    Purpose,
    StepRule,
    SubmissionStatus,
)
from tests.unit.data.evaluation.boarding import (
    CLOSING_DIGEST,
    COMPANY,
    HOSPITAL,
    OPENED_AT,
    OPENING_DIGEST,
    Trial,
    case_names,
    written,
)

HALF = [0, 1] * 500
"""1,000 cases, one in two with the outcome: 700 answer, 350 of each class; 300 wait for the end."""


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, HALF)


def test_the_first_score_is_told_by_the_step(trial: Trial) -> None:
    """√(2·ln 100)/2/√700 = .0574; all right: a loss of 0, shown as it is."""
    told = trial.submit(trial.right(1.0))

    assert (told.status, told.shown_millionths, told.has_moved) == ("scored", 1_000_000, True)
    assert (told.left, told.failures_left, told.period) == (9, 3, 0)


def test_a_score_that_is_hardly_better_is_not_told(trial: Trial) -> None:
    """.800 then .801: the gain is under the step of .057, so the board stays where it was."""
    first = trial.submit(trial.right(0.800))

    second = trial.submit(trial.right(0.801), entity=COMPANY)

    assert first.has_moved
    assert (second.shown_millionths, second.has_moved) == (first.shown_millionths, False)
    assert [one.entity for one in second.standings] == [HOSPITAL]


def test_a_score_that_is_surely_better_is_told(trial: Trial) -> None:
    first = trial.submit(trial.right(0.60))

    second = trial.submit(trial.right(0.95), entity=COMPANY)

    assert second.has_moved
    assert abs(second.shown_millionths - 950_000) < 57_500
    assert [(one.band, one.entity) for one in second.standings] == [(1, COMPANY), (2, HOSPITAL)]
    assert first.standings[0].low_millionths < 600_000 < first.standings[0].high_millionths


def test_systems_closer_than_luck_reaches_share_a_band(trial: Trial) -> None:
    """Steps of .01 are shown, yet .0574 is what luck reaches in 100 tries on 700 cases."""
    close = Trial(trial.folder / "close", HALF, step_millionths=10_000)
    close.submit(close.right(0.80))

    told = close.submit(close.right(0.83), entity=COMPANY)

    assert told.has_moved
    assert {one.band for one in told.standings} == {1}


def test_two_accounts_of_one_entity_share_its_budget(trial: Trial) -> None:
    mine = trial.submit(trial.right(0.8), submitted_by="camille.moreau@univ.example")

    other = trial.submit(trial.right(0.7), submitted_by="second.account@univ.example")
    elsewhere = trial.submit(trial.right(0.6), entity=COMPANY)

    assert (mine.left, other.left, elsewhere.left) == (9, 8, 9)


def test_a_spent_budget_ends_a_period_for_every_account(tmp_path: Path) -> None:
    trial = Trial(tmp_path, HALF, per_entity=1)
    trial.submit(trial.right(0.8))

    with pytest.raises(NotAllowed, match="All 1 submissions of this legal entity"):
        trial.submit(trial.right(0.9), submitted_by="second.account@univ.example")


def test_the_same_file_again_is_told_the_same_and_counted_once(trial: Trial) -> None:
    first = trial.submit(trial.right(0.8))

    again = trial.submit(trial.right(0.8), submitted_by="second.account@univ.example")

    assert (again.status, again.has_moved, again.left) == (SubmissionStatus.REPEATED, False, 9)
    assert again.shown_millionths == first.shown_millionths


def test_the_same_file_of_another_entity_is_counted_for_that_one(trial: Trial) -> None:
    trial.submit(trial.right(0.8))

    other = trial.submit(trial.right(0.8), entity=COMPANY)

    assert (other.status, other.left) == (SubmissionStatus.SCORED, 9)


def test_the_same_document_again_is_answered_byte_for_byte(trial: Trial) -> None:
    asked = trial.asked(written(trial.cases, trial.right(0.8)))
    first = trial.board.submit(asked)

    again = trial.open().submit(asked)

    assert again == first


def test_another_document_cannot_bear_a_number_again(trial: Trial) -> None:
    trial.submit(trial.right(0.8), submission_number="S1")

    with pytest.raises(Replayed, match="S1"):
        trial.submit(trial.right(0.7), submission_number="S1")


def test_the_last_instant_of_a_period_and_the_first_of_the_next(tmp_path: Path) -> None:
    """30 days from 1 February in Paris: 2 March 23:59:59.999 there is 22:59:59.999 UTC."""
    trial = Trial(tmp_path, HALF, per_entity=1)
    edge = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    last = trial.submit(trial.right(0.6), at=edge - timedelta(milliseconds=1))

    first = trial.submit(trial.right(0.7), at=edge)

    assert (last.period, last.left) == (0, 0)
    assert (first.period, first.left) == (1, 0)


def test_a_clock_set_back_opens_no_spent_period(tmp_path: Path) -> None:
    trial = Trial(tmp_path, HALF, per_entity=1)
    trial.submit(trial.right(0.6), at=OPENED_AT + timedelta(days=40))

    with pytest.raises(NotAllowed, match="All 1 submissions"):
        trial.submit(trial.right(0.7), at=OPENED_AT)


def test_a_board_answers_no_more_than_its_rules_say(tmp_path: Path) -> None:
    trial = Trial(
        tmp_path, HALF, submissions=2, per_entity=2, failures_per_entity=1, explorations=0
    )
    trial.submit(trial.right(0.6))
    trial.submit(trial.right(0.7), entity=COMPANY)

    with pytest.raises(NotAllowed, match="given its 2 answers"):
        trial.submit(trial.right(0.8), entity=COMPANY)


def test_a_file_that_does_not_fit_is_told_its_faults_alone(trial: Trial) -> None:
    """Two cases are missing, one is unknown, one comes twice, one says nan, one is over 1."""
    names = [*trial.cases[:-2], "stranger", trial.cases[0]]
    lines = written(names, np.full(len(names), 0.5)).decode().splitlines()
    lines[2], lines[3] = "c000001,nan", "c000002,1.5"

    told = trial.board.submit(trial.asked("\n".join(lines).encode()))

    assert (told.status, told.shown_millionths, told.standings) == ("failed", None, ())
    assert set(told.faults) == {
        Fault(FaultCode.MISSING_CASES, 2),
        Fault(FaultCode.UNKNOWN_CASES, 1),
        Fault(FaultCode.REPEATED_CASES, 1),
        Fault(FaultCode.NOT_A_NUMBER, 1),
        Fault(FaultCode.OUT_OF_RANGE, 1),
    }
    assert (told.left, told.failures_left) == (10, 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04\xff\xfe", FaultCode.UNREADABLE),
        (b'case,prediction\n"c000000,0.5', FaultCode.UNREADABLE),
        (b"case,score\nc000000,0.5\n", FaultCode.WRONG_COLUMNS),
        (b"", FaultCode.WRONG_COLUMNS),
        (b"case,prediction\nc000000,0.5,1\n", FaultCode.WRONG_COLUMNS),
        (b"x" * 60_000, FaultCode.TOO_LARGE),
    ],
)
def test_a_file_of_another_kind_is_not_read(trial: Trial, content: bytes, code: FaultCode) -> None:
    told = trial.board.submit(trial.asked(content))

    assert [fault.code for fault in told.faults] == [code]
    assert list((trial.folder / "board" / "submissions").iterdir()) == []


def test_failures_have_a_limit_of_their_own(trial: Trial) -> None:
    told = [trial.board.submit(trial.asked(content)) for content in (b"1", b"2", b"3")]

    assert [one.failures_left for one in told] == [2, 1, 0]
    with pytest.raises(NotAllowed, match="3 files of this legal entity did not fit"):
        trial.submit(trial.right(0.8))


def test_no_answer_holds_the_score_of_what_did_not_move_the_board(trial: Trial) -> None:
    """.80 is on the board; .7771 is sent: no number of the answer is near .777."""
    trial.submit(trial.right(0.80))

    told = json.dumps(codec.encode(trial.submit(trial.right(0.7771), entity=COMPANY)))

    assert "777" not in told
    assert "776" not in told


def test_an_area_moves_by_its_paired_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rules = {"measure": BoardMeasure.AUROC, "step_rule": StepRule.PAIRED}
    trial = Trial(tmp_path, HALF, **rules)
    noise = rng.normal(size=1000)
    weak, strong = (1 / (1 + np.exp(-(trial.outcomes * gain + noise))) for gain in (0.8, 3.0))

    first = trial.submit(weak)
    hair = trial.submit(np.clip(weak + rng.normal(scale=0.001, size=1000), 0, 1), entity=COMPANY)
    far = trial.submit(strong, entity=COMPANY)

    assert (first.has_moved, hair.has_moved, far.has_moved) == (True, False, True)
    assert far.shown_millionths == pytest.approx(1e6 * area(trial.outcomes, strong), abs=25_000)


@pytest.mark.parametrize("measure", [BoardMeasure.F1, BoardMeasure.BRIER, BoardMeasure.ACCURACY])
def test_other_measures_move_by_their_paired_error_too(
    tmp_path: Path, measure: BoardMeasure
) -> None:
    trial = Trial(tmp_path, HALF, measure=measure, step_rule=StepRule.PAIRED)

    first = trial.submit(trial.right(0.70))
    same = trial.submit(trial.right(0.71), entity=COMPANY)
    better = trial.submit(trial.right(0.95), entity=COMPANY)

    assert (first.has_moved, same.has_moved, better.has_moved) == (True, False, True)


def test_public_labels_give_exact_scores(tmp_path: Path) -> None:
    """Nothing is secret: .80 then .81 are both shown, each entity with its best."""
    trial = Trial(tmp_path, HALF, level=Level.PUBLIC)
    trial.submit(trial.right(0.80))

    told = trial.submit(trial.right(0.81), entity=COMPANY)

    assert [one.entity for one in told.standings] == [COMPANY, HOSPITAL]
    assert told.standings[0].score_millionths > told.standings[1].score_millionths


def test_a_claim_that_holds_is_said_back(trial: Trial) -> None:
    """4/√350 = .21 is the threshold: .80 for .78 or so agrees, and spends nothing."""
    told = trial.submit(trial.right(0.78), purpose=Purpose.EXPLORE, claimed_millionths=800_000)

    assert (told.shown_millionths, told.has_moved, told.standings) == (800_000, False, ())
    assert trial.board._memory.usage(HOSPITAL, 0).explored == 0


def test_a_claim_that_is_far_off_is_told_with_noise_once(trial: Trial) -> None:
    """.95 for .05: an answer near .05, noise of scale 1/√350 = .053; the budget loses one."""
    asked = {"purpose": Purpose.EXPLORE, "claimed_millionths": 950_000}

    told = trial.submit(trial.right(0.05), **asked)
    again = trial.submit(trial.right(0.05), **asked)

    assert told.shown_millionths < 400_000
    assert again.shown_millionths == told.shown_millionths
    assert again.status == "repeated"
    assert trial.board._memory.usage(HOSPITAL, 0).explored == 1


def test_the_noise_of_an_answer_is_that_of_its_question_and_of_the_board(trial: Trial) -> None:
    """Asked again, after a death for instance, the same; another question or board, another."""
    scoring = Scoring(BoardMeasure.ACCURACY, trial.outcomes == 1, 0.5)
    ask = partial(explore, scoring, trial.rules, trial.right(0.05), explored=0)

    first, again = (ask(claimed=0.95, secret=b"one") for _ in range(2))

    assert first == again
    assert first != ask(claimed=0.96, secret=b"one")
    assert first != ask(claimed=0.95, secret=b"two")


def test_a_question_without_a_claim_is_refused(trial: Trial) -> None:
    with pytest.raises(OutOfScope, match="exploratory question"):
        trial.submit(trial.right(0.8), purpose=Purpose.EXPLORE)


def test_the_final_slice_ranks_in_bands(tmp_path: Path) -> None:
    """On 600 cases, .60 and .95 are surely apart; .94 is not from .95, wrong elsewhere."""
    trial = Trial(tmp_path, [0, 1] * 1000)
    trial.submit(trial.right(0.60, first=17))
    trial.submit(trial.right(0.95, first=17), entity=COMPANY)
    trial.submit(trial.right(0.94, first=900), entity="DE:HRB1")

    result = trial.close()

    assert (result.case_count, result.event_count, result.submission_count) == (600, 300, 3)
    assert [(one.band, one.entity) for one in result.standings][-1] == (2, HOSPITAL)
    assert {one.entity for one in result.standings if one.band == 1} == {COMPANY, "DE:HRB1"}


def test_the_last_submission_of_an_entity_is_the_one_that_is_judged(trial: Trial) -> None:
    trial.submit(trial.right(0.95))
    trial.submit(trial.right(0.60, first=300))

    result = trial.close()

    assert result.standings[0].submission_number == "B-2026-0001-S2"
    assert result.standings[0].score_millionths < 800_000


def test_intervals_of_the_result_are_those_of_the_final_slice(trial: Trial) -> None:
    """All 300 right: 1, from Clopper and Pearson's (.05/2)^(1/300) = .98778."""
    trial.submit(trial.right(1.0))

    (only,) = trial.close().standings

    assert (only.score_millionths, only.high_millionths) == (1_000_000, 1_000_000)
    assert only.low_millionths == pytest.approx(987_779, abs=2)


def test_the_final_slice_is_opened_once(trial: Trial) -> None:
    trial.submit(trial.right(0.8))
    first = trial.close()
    other = BoardClosing("B-2026-0001", OPENING_DIGEST, "nora.blanc@hub.example", OPENED_AT)

    with pytest.raises(Replayed, match="opened once"):
        trial.board.close(other, digest="sha256:" + "d" * 64)
    assert trial.close() == first
    assert first.closing_digest == CLOSING_DIGEST


def test_a_closed_board_takes_nothing(trial: Trial) -> None:
    trial.close()

    with pytest.raises(NotAllowed, match="is closed"):
        trial.submit(trial.right(0.8))


def test_no_answer_before_the_end_depends_on_the_final_slice(tmp_path: Path) -> None:
    """Wrong on every case of the final slice, right elsewhere: the board still shows 1."""
    trial = Trial(tmp_path, HALF)
    sent = np.where(trial.board._final, 1.0 - trial.outcomes, trial.outcomes)

    told = trial.submit(sent)

    assert told.shown_millionths == 1_000_000
    assert trial.close().standings[0].score_millionths == 0


def test_a_system_that_says_the_same_of_all_keeps_no_board_open(tmp_path: Path) -> None:
    trial = Trial(tmp_path, HALF, measure=BoardMeasure.AUROC)
    trial.submit(np.full(1000, 0.5))

    (only,) = trial.close().standings

    assert (only.score_millionths, only.band) == (500_000, 1)


def test_a_board_is_not_opened_twice_by_two_documents(trial: Trial) -> None:
    with pytest.raises(Replayed, match="opened by another document"):
        type(trial.board)(
            trial.folder / "board", trial.opening, trial.labels, opening_digest=CLOSING_DIGEST
        )


def test_labels_are_named_by_their_bytes(tmp_path: Path) -> None:
    made = prepare_labels(case_names(40), [0, 1] * 20, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().replace(b"c000001", b"c999999"))

    with pytest.raises(InvalidInput, match="not the bytes"):
        read_labels(tmp_path, made.digest)
    with pytest.raises(NotFound, match="prepare them"):
        read_labels(tmp_path, "sha256:" + "0" * 64)


@pytest.mark.parametrize(
    ("cases", "outcomes", "told"),
    [
        (["a"] * 40, [0, 1] * 20, "39 cases come more than once"),
        (case_names(40), [0, 1] * 19, "40 cases and 38 outcomes"),
        (case_names(40), [0, 2] * 20, "neither 0 nor 1"),
        (case_names(40), [0] * 30 + [1] * 10, "20 of each class"),
        (["a,b", *case_names(39)], [0, 1] * 20, "1 cases have no name"),
    ],
)
def test_labels_that_no_board_can_use_are_refused(
    tmp_path: Path, cases: list[str], outcomes: list[int], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        prepare_labels(cases, outcomes, tmp_path)
