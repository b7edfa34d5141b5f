"""A committee on one file: quorum, interests, blind votes, majority; random walks of its acts."""

from collections import Counter
from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ecluse.domain import committees
from ecluse.domain.committees import VOTING, Choice, Deliberation, Phase, Vote
from ecluse.domain.errors import InvalidInput, NotAllowed

ALL = frozenset("abcde")
FILE = Deliberation(ALL, chairs=("a", "b"), present=ALL, cleared=ALL)
SOME = st.sampled_from(sorted(ALL))


def final(*choices: Choice, chairs: tuple[str, ...] = ("a", "b")) -> Deliberation:
    """A final vote in which a, b, c… chose these."""
    votes = tuple(Vote(member, 1, choice) for member, choice in zip("abcde", choices, strict=False))
    return replace(FILE, chairs=chairs, phase=Phase.FINAL_VOTE, turn=1, votes=votes)


@pytest.mark.parametrize(("members", "needed"), [("abc", 2), ("abcd", 2), ("abcde", 3), ("a", 1)])
def test_the_quorum_is_half_of_the_members_rounded_up(members: str, needed: int) -> None:
    assert committees.quorum(replace(FILE, members=frozenset(members))) == needed


def test_a_second_call_needs_one_member() -> None:
    assert committees.quorum(replace(FILE, needs_quorum=False)) == 1


def test_a_member_with_an_interest_is_counted_neither_for_the_quorum_nor_in_the_votes() -> None:
    file = committees.declare(final(*[Choice.RESERVED] * 5), "e", has_interest=True)

    assert committees.deliberating(file) == frozenset("abcd")
    assert [vote.member for vote in committees.counted(file, 1)] == list("abcd")


def test_an_interest_is_never_taken_back() -> None:
    file = committees.declare(FILE, "e", has_interest=True)

    with pytest.raises(NotAllowed, match="not taken back"):
        committees.declare(file, "e", has_interest=False)


def test_who_replaces_the_chair_presides_where_the_chair_has_an_interest() -> None:
    file = committees.declare(FILE, "a", has_interest=True)

    assert committees.presiding(file) == "b"


def test_nobody_presides_where_both_have_an_interest_and_one_of_them_postpones() -> None:
    both = committees.declare(FILE, "a", has_interest=True)
    both = committees.declare(both, "b", has_interest=True)

    with pytest.raises(NotAllowed, match="postpone it"):
        committees.open_vote(both, by="a")
    assert committees.postpone(both, "Personne ne préside.", by="a").phase is Phase.POSTPONED


def test_more_than_half_of_the_votes_cast_make_the_opinion() -> None:
    file = final(Choice.UNFAVOURABLE, Choice.RESERVED, Choice.RESERVED)

    assert committees.majority(file) is Choice.RESERVED


def test_abstentions_are_not_cast() -> None:
    file = final(Choice.ABSTENTION, Choice.FAVOURABLE, Choice.ABSTENTION, Choice.ABSTENTION)

    assert committees.majority(file) is Choice.FAVOURABLE


def test_at_half_and_half_who_presides_decides() -> None:
    halves = (Choice.FAVOURABLE, Choice.UNFAVOURABLE)

    assert committees.majority(final(*halves)) is Choice.FAVOURABLE
    assert committees.majority(final(*halves, chairs=("b", "a"))) is Choice.UNFAVOURABLE


def test_without_a_majority_the_discussion_goes_on() -> None:
    three = final(Choice.FAVOURABLE, Choice.RESERVED, Choice.UNFAVOURABLE)
    after = committees.close_vote(three, by="a")
    again = committees.open_vote(after, by="a")

    assert (after.phase, after.opinion) == (Phase.DISCUSSION, None)
    assert (again.phase, again.turn) == (Phase.FINAL_VOTE, 2)


def test_a_first_vote_gives_no_opinion_however_clear() -> None:
    votes = tuple(Vote(member, 0, Choice.FAVOURABLE) for member in "abcde")
    file = replace(FILE, phase=Phase.FIRST_VOTE, votes=votes)

    assert committees.close_vote(file, by="a").phase is Phase.DISCUSSION


def test_a_vote_closes_once_the_quorum_voted() -> None:
    file = final(Choice.FAVOURABLE, Choice.FAVOURABLE)

    with pytest.raises(NotAllowed, match="quorum on this file is 3"):
        committees.close_vote(file, by="a")


def test_a_member_votes_once_a_turn() -> None:
    file = committees.cast(committees.open_vote(FILE, by="a"), "c", Choice.RESERVED)

    with pytest.raises(NotAllowed, match="once a turn"):
        committees.cast(file, "c", Choice.FAVOURABLE)


def test_minutes_are_signed_by_two_of_whom_one_presides() -> None:
    concluded = replace(FILE, phase=Phase.CONCLUDED, opinion=Choice.FAVOURABLE)

    assert committees.check_signature([concluded], ("c",), by="a") == ("c", "a")
    with pytest.raises(NotAllowed, match="presided"):
        committees.check_signature([concluded], ("c",), by="d")


def test_two_signers_with_an_interest_in_one_file_do_not_answer_for_it() -> None:
    concluded = replace(FILE, phase=Phase.CONCLUDED, conflicted=frozenset("ac"))

    with pytest.raises(NotAllowed, match="another member signs"):
        committees.check_signature([concluded], ("c",), by="a")


class Sittings(RuleBasedStateMachine):
    """Anybody does anything, in any order; what is known to whom is checked after each act."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.file = Deliberation(ALL, chairs=("a", "b"))
        self.closed: set[int] = set()

    def _try(self, name: str, after: "Deliberation | None") -> None:
        self.done["acts"] += 1
        if after is not None:
            self.done[name] += 1
            was_open = self.file.turn if self.file.phase in VOTING else None
            self.closed |= (
                {was_open} if was_open is not None and after.phase not in VOTING else set()
            )
            self.file = after

    @rule(who=SOME)
    def comes_or_goes(self, who: str) -> None:
        self._try("moved", committees.with_present(self.file, self.file.present ^ {who}))

    @rule(who=SOME, has_interest=st.sampled_from([*[False] * 11, True]))
    def declares(self, who: str, has_interest: bool) -> None:
        self._try(
            "declared", _or_none(committees.declare, self.file, who, has_interest=has_interest)
        )

    @rule(who=SOME)
    def opens(self, who: str) -> None:
        self._try("opened", _or_none(committees.open_vote, self.file, by=who))

    @rule(who=SOME)
    def closes(self, who: str) -> None:
        self._try("closed", _or_none(committees.close_vote, self.file, by=who))

    @rule(who=SOME, choice=st.sampled_from(list(Choice)))
    def votes(self, who: str, choice: Choice) -> None:
        self._try("voted", _or_none(committees.cast, self.file, who, choice))

    @rule()
    def who_presides_goes_on(self) -> None:
        leader = committees.presiding(self.file) or "a"
        self.opens(leader) if self.file.phase not in VOTING else self.closes(leader)

    @rule(choice=st.sampled_from(list(Choice)))
    def everybody_comes_declares_and_votes(self, choice: Choice) -> None:
        for who in sorted(ALL):
            self._try("moved", committees.with_present(self.file, ALL))
            self.declares(who, has_interest=False)
            self.votes(who, choice)

    @invariant()
    def nobody_reads_a_vote_of_another_before_it_is_closed(self) -> None:
        early = {
            (reader, vote.member)
            for reader in [*ALL, "officer"]
            for vote in committees.visible_votes(self.file, reader)
            if vote.turn not in self.closed and vote.member != reader
        }
        assert early == set()

    @invariant()
    def who_has_an_interest_reads_nothing_presides_nothing_and_counts_for_nothing(self) -> None:
        counted = {vote.member for vote in committees.counted(self.file, self.file.turn)}
        apart = self.file.conflicted
        read = {who for who in apart if committees.visible_votes(self.file, who)}
        assert not apart & (counted | committees.deliberating(self.file) | read)
        assert committees.presiding(self.file) not in apart

    @invariant()
    def an_opinion_comes_from_a_closed_final_vote_that_had_its_quorum(self) -> None:
        if self.file.phase is Phase.CONCLUDED:
            self.done["concluded"] += 1
            assert self.file.turn >= 1
            assert len(committees.counted(self.file, self.file.turn)) >= committees.quorum(
                self.file
            )


def _or_none(step: object, *args: object, **named: object) -> "Deliberation | None":
    try:
        return step(*args, **named)  # type: ignore[operator,no-any-return]
    except (NotAllowed, InvalidInput):
        return None


def test_no_order_of_acts_shows_a_vote_early_or_lets_an_interest_count() -> None:
    walks = settings(
        max_examples=250,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Sittings, settings=walks)

    assert Sittings.done["acts"] >= 10_000
    assert min(Sittings.done[name] for name in ("voted", "closed", "concluded")) > 50
