"""Random walks through the acts of a review: what anybody tries, and what then must hold.

I1 to I8 are the invariants that the machine was designed by; each is a method here.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ecluse.domain.documents import Decision, Verdict
from ecluse.domain.errors import InvalidInput, NotAllowed, OutOfScope
from ecluse.domain.reviews import acts, judging
from ecluse.domain.reviews.judging import Phase
from ecluse.domain.reviews.machine import AFTER_THE_END, MOVES, State
from ecluse.domain.reviews.policies import ReviewPolicy
from ecluse.domain.reviews.review import (
    FileKind,
    Group,
    Review,
    ReviewFile,
    ScreenedFile,
    Screening,
)

STEPS = int(os.environ.get("ECLUSE_STEPS", "4000"))
STEPS_A_WALK = 50
START = datetime(2026, 2, 1, 9, tzinfo=UTC)
AUTHOR, MEMBER, OFFICER = "camille@univ", "louis@univ", "paul@hub"
CHECKERS = ("sarah@hub", "marc@hub", "nora@hub", "leila@hub")
LAPSED = "leila@hub"
PEOPLE = (AUTHOR, MEMBER, OFFICER, *CHECKERS)
ZONE = "agent"
NAMES = ("a.csv", "b.csv")
DIGESTS = ("1", "2", "3")
REFUSED = (NotAllowed, InvalidInput, OutOfScope)
GROUPS = (Group("g", "Users.", "11 or more."),)
_ENDS = START + timedelta(hours=STEPS_A_WALK * 2)

FORWARD, RARE = 0.7, 0.2
ENDED = (
    State.RELEASED,
    State.RECALLED,
    State.REJECTED,
    State.WITHDRAWN,
    State.BLOCKED,
    State.CLOSED,
)
policies = st.builds(
    ReviewPolicy,
    reviewers=st.integers(2, 3),
    accredited=st.sampled_from(
        [None, {**dict.fromkeys(CHECKERS, date(2027, 1, 1)), LAPSED: date(2026, 1, 31)}]
    ),
    fast_lane=st.booleans(),
    sample_percent=st.sampled_from([1, 50, 100]),
)


class Walk(RuleBasedStateMachine):
    """One request, whoever tries whatever; beside it what was seen to happen."""

    done: ClassVar[Counter[str]] = Counter()
    steps: ClassVar[int] = 0

    @initialize(policy=policies, ends=st.booleans(), random=st.randoms(use_true_random=True))
    def open(self, policy: ReviewPolicy, ends: bool, random: Random) -> None:
        self.random = random
        self.at = START
        self.released: frozenset[str] = frozenset()
        self.review = Review(
            number="FR-2026-0001-R1",
            author=AUTHOR,
            barred=frozenset({AUTHOR, MEMBER, OFFICER}),
            policy=policy,
            ends_at=_ENDS if ends else None,
        )
        self.ballots: dict[str, tuple[datetime, dict[str, tuple[str, Decision]]]] = {}
        self.effects: list[tuple[str, State, State]] = []

    def _try(self, name: str, change: Callable[[Review], Review]) -> None:
        """Do an act; what is refused changes nothing."""
        before = self.review
        self.at += timedelta(minutes=30)
        try:
            after = change(before)
        except REFUSED:
            return
        self.review = after
        self.done[name] += 1
        self._hold_i4_and_i5(before, after)

    def _hold_i4_and_i5(self, before: Review, after: Review) -> None:
        new = after.log[len(before.log) :]
        path = [before.state, *(line.to for line in new)]
        assert after.log[: len(before.log)] == before.log
        assert path[-1] is after.state
        assert [line.source for line in new] == path[:-1]
        for line in new:
            row = MOVES[line.move]
            assert line.source in row.sources
            assert line.to in row.to
            ended = before.ends_at is not None and before.ends_at <= line.at
            assert not ended or line.move in AFTER_THE_END

    @rule()
    def somebody_acts(self) -> None:
        """Mostly what leads on from here; else anything, by anybody."""
        Walk.steps += 1
        leads = self._forward()
        anything = [
            *(self.compose, self.submit, self.screen, self.vote, self.approve, self.decide),
            *(self.leave, self.recall, self.withdraw, self.freeze, self.unfreeze, self.close),
            *(self.suspend, self.ask_again),
        ]
        goes_on = self.random.random() < FORWARD
        self.random.choice(leads if goes_on else anything)()

    def _forward(self) -> list[Callable[[], None]]:
        state = self.review.state
        if state in ENDED:
            return [self.recall, self.ask_again]
        return {
            State.DRAFT: [self.submit if self.review.files else self.compose],
            State.RETURNED: [self.submit, self.submit, self.compose, self.withdraw],
            State.SUBMITTED: [self.screen],
            State.SCREENING: [self.screen],
            State.IN_REVIEW: [self.vote, self.vote, self.approve],
            State.ONE_REVIEW: [self.vote],
            State.REVIEWED: [self.vote, self.approve, self.decide],
            State.APPROVED: [self.leave],
            State.RELEASING: [self.leave],
            State.RELEASE_FAILED: [self.leave],
            State.FROZEN: [self.unfreeze],
        }[state]

    def _who(self, *likely: str) -> str:
        return self.random.choice([*likely * 4, *PEOPLE])

    def compose(self) -> None:
        names = self.random.sample(NAMES, self.random.choice([1, 2]))
        digests = [self.random.choice((*DIGESTS, *sorted(self.released) * 2)) for _ in names]
        kinds = [self.random.choice((FileKind.OUTPUT,) * 3 + (FileKind.SUPPORTING,)) for _ in names]
        files = tuple(
            ReviewFile(name=n, digest=d, group="g", kind=k, released_before=d in self.released)
            for n, d, k in zip(names, digests, kinds, strict=True)
        )
        old = {(file.name, file.digest) for file in self.review.files}
        by = self._who(AUTHOR)
        self._try("compose", lambda r: acts.compose(r, GROUPS, files, by=by, at=self.at))
        assert {(vote.name, vote.digest) for vote in self.review.votes} <= old

    def submit(self) -> None:
        before, by = self.review.turn, self._who(AUTHOR)
        self._try("submit", lambda r: acts.submit(r, by=by, at=self.at))
        if self.review.turn > before:
            self.ballots = {}

    def screen(self) -> None:
        verdicts = (*(Verdict.PASS,) * 6, Verdict.REVIEW, Verdict.BLOCKED)
        made = self.random.random() < FORWARD
        screened = tuple(
            ScreenedFile(file.name, file.digest, self.random.choice(verdicts), made)
            for file in self.review.files
        )
        report = Screening("SNDS-2026", f"sha256:{len(self.review.log)}", screened)
        self._try("screen", lambda r: acts.screen(r, report, at=self.at))

    def vote(self) -> None:
        said = (*(Decision.APPROVE,) * 4, Decision.REJECT)
        given = {file.name: self.random.choice(said) for file in self.review.pending}
        before, by = len(self.review.log), self._who(*CHECKERS)
        self._try("vote", lambda r: acts.vote(r, given, by=by, at=self.at))
        if len(self.review.log) > before:
            seen = {file.name: (file.digest, given[file.name]) for file in self.review.pending}
            self.ballots[by] = (self.at, seen)

    def approve(self) -> None:
        for act in (acts.approve, acts.approve_again, acts.approve_by_machine):
            self._try(act.__name__, partial(act, at=self.at))

    def decide(self) -> None:
        act, by = (
            self.random.choice([acts.send_back, acts.send_back, acts.reject]),
            self._who(*CHECKERS),
        )
        self._try(act.__name__, partial(act, by=by, at=self.at))

    def leave(self) -> None:
        before = self.review.state
        self._try("release", lambda r: acts.release(r, at=self.at))
        act = self.random.choice([acts.confirm, acts.confirm, acts.fail])
        self._try(act.__name__, partial(act, by=ZONE, at=self.at))
        self._try("retry", lambda r: acts.retry(r, by=self._who(*CHECKERS), at=self.at))
        if self.review.state is State.RELEASED and before is not State.RELEASED:
            self.released |= {file.digest for file in self.review.outputs}

    def recall(self) -> None:
        by, before = self._who(*CHECKERS), self.review.state
        self._try("recall", lambda r: acts.recall(r, by=by, at=self.at))
        if self.review.state is State.RECALLED and before is not State.RECALLED:
            self.released -= {file.digest for file in self.review.outputs}

    def withdraw(self) -> None:
        if self.random.random() < RARE:
            by = self._who(AUTHOR)
            self._try("withdraw", lambda r: acts.withdraw(r, by=by, at=self.at))

    def freeze(self) -> None:
        if self.random.random() < RARE:
            self._try("freeze", lambda r: acts.freeze(r, by="victor@hub", at=self.at))

    def unfreeze(self) -> None:
        self._try("unfreeze", lambda r: acts.unfreeze(r, by="victor@hub", at=self.at))

    def close(self) -> None:
        if self.random.random() < RARE / 2 or self.review.policy.sample_percent == 100:
            self._try("close", lambda r: acts.close(r, at=self.at))

    def suspend(self) -> None:
        """While the permit is suspended, whatever would move does not."""
        held = replace(self.review, is_suspended=True)
        for act in (acts.release, acts.approve, acts.approve_again, acts.approve_by_machine):
            with pytest.raises(NotAllowed):
                act(held, at=self.at)

    def ask_again(self) -> None:
        """A new request of the same project, after the last one came to an end."""
        if self.review.state in ENDED:
            self.review = replace(
                self.review,
                number=f"{self.review.number}'",
                state=State.DRAFT,
                turn=1,
                files=(),
                votes=(),
                submitted=(),
                screening=None,
                log=(),
            )
            self.ballots = {}

    def _way(self) -> str:
        """By which of the three ways this request was last approved."""
        ways = [line.move for line in self.review.log if line.to is State.APPROVED]
        return ways[-1] if ways else ""

    @invariant()
    def i1_enough_accredited_strangers_approved(self) -> None:
        if self.review.state is not State.RELEASED or self._way() != "approve":
            return
        policy, wanted = self.review.policy, {f.name for f in self.review.pending}
        agreeing = [
            by
            for by, (at, seen) in self.ballots.items()
            if {n for n, (_d, said) in seen.items() if said is Decision.APPROVE} >= wanted
            and by not in self.review.barred
            and (policy.accredited is None or policy.accredited[by] >= at.date())
        ]
        assert len(set(agreeing)) >= policy.reviewers
        assert len(judging.signed_votes(self.review)) >= policy.reviewers

    @invariant()
    def i2_the_bytes_that_leave_are_those_voted_on(self) -> None:
        if self.review.state is not State.RELEASED or self._way() != "approve":
            return
        leaving = {(file.name, file.digest) for file in self.review.pending}
        for vote in judging.signed_votes(self.review):
            _at, seen = self.ballots[vote.checker]
            assert {(name, digest) for name, (digest, _said) in seen.items()} == leaving

    @invariant()
    def i3_nobody_sees_another_vote_before_all_are_in(self) -> None:
        if judging.phase(self.review) is not Phase.INDEPENDENT:
            return
        for viewer in CHECKERS:
            seen = judging.visible_votes(self.review, viewer=viewer)
            assert {vote.checker for vote in seen} <= {viewer}
        assert judging.votes_for_author(self.review) == ()

    @invariant()
    def i6_nobody_reviews_what_was_not_screened(self) -> None:
        state = self.review.frozen_from or self.review.state
        beyond = (*MOVES["review"].sources, State.APPROVED, State.RELEASING, State.RELEASED)
        if state not in beyond:
            return
        assert self.review.screening is not None
        for file in self.review.outputs:
            said = self.review.screening.of(file)
            assert said is not None
            assert said.verdict is not Verdict.BLOCKED

    @invariant()
    def i7_only_what_left_before_skips_a_decision(self) -> None:
        if self._way() == "approve-again" and self.review.state is not State.RECALLED:
            assert {file.digest for file in self.review.outputs} <= self.released

    @invariant()
    def i8_a_machine_decides_only_what_the_policy_leaves_to_it(self) -> None:
        if self._way() != "approve-by-machine":
            return
        assert self.review.policy.fast_lane
        assert judging.is_machine_decidable(self.review)
        assert not judging.is_sampled(self.review)
