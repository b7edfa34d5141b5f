"""When an opinion asked outside may be read, whatever the order of what happens to the others."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.domain.opinions import AWAITED, AskedOpinion, Standing, are_open, standing

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=30)
MOMENTS = st.none() | st.integers(0, 30).map(lambda days: START + timedelta(days=days))
ASKED = st.builds(
    AskedOpinion,
    st.just(END),
    cleared_at=MOMENTS,
    conflicted_at=MOMENTS,
    given_at=MOMENTS,
    withdrawn_at=MOMENTS,
)


def test_a_link_not_used_lapses_at_its_last_moment() -> None:
    asked = AskedOpinion(END)

    assert standing(asked, now=END - timedelta(seconds=1)) is Standing.ASKED
    assert standing(asked, now=END) is Standing.LAPSED


def test_what_is_signed_stays_signed_after_the_link_ends() -> None:
    asked = AskedOpinion(END, cleared_at=START, given_at=START)

    assert standing(asked, now=END + timedelta(days=1)) is Standing.GIVEN


def test_an_expert_with_an_interest_keeps_nobody_waiting() -> None:
    conflicted = AskedOpinion(END, conflicted_at=START)

    assert are_open([conflicted], now=START)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ASKED, min_size=1, max_size=6), st.integers(0, 40))
def test_opinions_open_together_once_none_is_awaited(asked: list[AskedOpinion], day: int) -> None:
    now = START + timedelta(days=day)
    awaited = [one for one in asked if standing(one, now=now) in AWAITED]

    assert are_open(asked, now=now) == (awaited == [])
    assert are_open(asked, now=END)
