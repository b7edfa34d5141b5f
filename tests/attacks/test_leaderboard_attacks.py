"""Attacks on a held-out set through the board that keeps it.

The boosting attack of Blum and Hardt, ICML 2015: many random submissions, then the majority of
those that the board praised. Labels are random, so the true error of anything is 1/2.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.domain.evaluations.secrecy import MILLION, Purpose, StepRule
from tests.unit.data.evaluation.boarding import COMPANY, HOSPITAL, Trial

Bits = npt.NDArray[np.int8]
CASES, SUBMISSIONS = 5714, 2000
"""30 % wait for the end: 4,000 answer."""


class Attack:
    """A board of random labels, and random attempts at them."""

    def __init__(self, folder: Path, *, seed: int, submissions: int, **rules: object) -> None:
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, CASES, np.int8)
        budget = {"submissions": submissions + 1, "per_entity": submissions + 1}
        self.trial = Trial(folder, labels, **{**budget, **rules})
        self.attempts = rng.integers(0, 2, (submissions, CASES), np.int8)
        answering = ~self.trial.board._final
        self.errors = (self.attempts != labels)[:, answering].mean(axis=1)
        self.labels, self.answering = labels, answering

    def naive(self) -> float:
        """What a board that shows every score would publish of the majority it praised."""
        majority = self.attempts[self.errors < 0.5].mean(axis=0) > 0.5
        return float((majority != self.labels)[self.answering].mean())

    def through(self, entity_of: dict[int, str] | None = None) -> float:
        """The error that the board publishes in the end; the attacker keeps what moved it."""
        entities = entity_of or {}
        told = [
            self.trial.submit(attempt, entity=entities.get(rank, HOSPITAL))
            for rank, attempt in enumerate(self.attempts)
        ]
        moved = np.array([one.has_moved for one in told])
        majority = self.attempts[moved].mean(axis=0) > 0.5
        last = self.trial.submit(majority, entity=COMPANY)
        return 1.0 - (last.shown_millionths or 0) / MILLION

    def climb(self, *, tries: int) -> tuple[float, float]:
        """Flip some cases, keep them flipped when it helped: the error that a plain board shows.

        Second, what this board publishes to an attacker who keeps what moved it.
        """
        rng = np.random.default_rng(5)
        blocks = [rng.choice(CASES, 120, replace=False) for _ in range(tries)]
        plain, kept = self.attempts[0].copy(), self.attempts[0].copy()
        told = self.trial.submit(kept)
        for block in blocks:
            plain = min((plain, _flipped(plain, block)), key=self._error)
            tried = _flipped(kept, block)
            told = self.trial.submit(tried)
            kept = tried if told.has_moved else kept
        return self._error(plain), 1.0 - (told.shown_millionths or 0) / MILLION

    def _error(self, attempt: Bits) -> float:
        return float((attempt != self.labels)[self.answering].mean())


def _flipped(attempt: Bits, block: npt.NDArray[np.int64]) -> Bits:
    found = attempt.copy()
    found[block] = 1 - found[block]
    return found


def test_two_thousand_random_submissions_teach_nothing(tmp_path: Path) -> None:
    """A board that shows all is off by over a tenth; this one stays within two hundredths."""
    attack = Attack(tmp_path, seed=1, submissions=SUBMISSIONS)

    published = attack.through()

    assert 0.5 - attack.naive() > 0.10
    assert abs(published - 0.5) < 0.02


def test_two_hundred_entities_in_league_learn_no_more_than_one(tmp_path: Path) -> None:
    """Each sends one: were each shown its own first score, 200 scores would be read at once."""
    entities = {rank: f"DE:HRB{rank}" for rank in range(200)}
    attack = Attack(tmp_path, seed=2, submissions=200)

    published = attack.through(entities)

    assert 0.5 - attack.naive() > 0.03
    assert abs(published - 0.5) < 0.02


def test_the_paired_rule_holds_too(tmp_path: Path) -> None:
    attack = Attack(tmp_path, seed=3, submissions=300, step_rule=StepRule.PAIRED)

    published = attack.through()

    assert abs(published - 0.5) < 0.02


def test_an_attacker_who_adapts_each_submission_to_the_last_answer_gains_nothing(
    tmp_path: Path,
) -> None:
    """A plain board is climbed, by over a twentieth; this one is where it was."""
    attack = Attack(tmp_path, seed=4, submissions=300)

    plain, published = attack.climb(tries=250)

    assert 0.5 - plain > 0.05
    assert abs(published - 0.5) < 0.02


def test_bisecting_a_claim_spends_the_budget_before_it_finds_the_score(tmp_path: Path) -> None:
    """Each question counts as a submission; those that the held-out set answers count apart too."""
    trial = Trial(tmp_path, [0, 1] * 500, explorations=2)
    answers = [
        trial.submit(trial.right(0.60), purpose=Purpose.EXPLORE, claimed_millionths=claim)
        for claim in (990_000, 980_000)
    ]

    assert [one.left for one in answers] == [9, 8]
    with pytest.raises(NotAllowed, match="exploratory budget"):
        trial.submit(trial.right(0.60), purpose=Purpose.EXPLORE, claimed_millionths=970_000)


def test_accounts_files_and_spaces_make_no_second_entity(tmp_path: Path) -> None:
    """One entity, three accounts, files that differ by a digit: one budget of two."""
    trial = Trial(tmp_path, [0, 1] * 500, per_entity=2)
    trial.submit(trial.right(0.6), submitted_by="one@univ.example")
    trial.submit(trial.right(0.6) * 0.999, submitted_by="two@univ.example")

    with pytest.raises(NotAllowed, match="All 2 submissions"):
        trial.submit(trial.right(0.6) * 0.998, submitted_by="three@univ.example")
