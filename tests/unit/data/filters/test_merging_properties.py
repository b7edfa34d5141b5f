"""Merging, on random rows, against the same rule told again in plain Python."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.filters import State, Switches
from tests.unit.data.filters.reading import cleaned, line
from tests.unit.data.lakes import Row, folder_in_memory

DAY = date(2021, 3, 10)
EVERY_ROW = (
    Switches().with_state("missing_dates", State.OFF).with_state("fictive_persons", State.OFF)
)
"""Rows without a date or a person are merged too."""
LINES = st.lists(
    st.tuples(
        st.sampled_from([1, 2, None]),
        st.sampled_from([DAY, None]),
        st.sampled_from(["P1", None]),
        st.sampled_from([-2, -1, 0, 1, 2, None]),
    ),
    max_size=12,
)
INTERVALS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, None]),
        st.one_of(st.none(), st.integers(0, 30)),
        st.one_of(st.none(), st.integers(0, 12)),
    ),
    max_size=10,
)


@settings(max_examples=40, deadline=None)
@given(LINES)
def test_netted_quantities_are_those_of_acts_added_up_one_by_one(
    drawn: list[tuple[int | None, date | None, str | None, int | None]],
) -> None:
    lines = [
        line(key, person_key=person, event_date=day, PFS_EXE_NUM=professional, PRS_ACT_QTE=quantity)
        for key, (person, day, professional, quantity) in enumerate(drawn)
    ]

    with folder_in_memory() as folder:
        left = cleaned(
            folder,
            {"ER_PRS_F": [*lines, line(99, PFS_EXE_NUM="P9")]},
            "person_key",
            "event_date",
            "PFS_EXE_NUM",
            "PRS_ACT_QTE",
            of="ER_PRS_F",
            switches=EVERY_ROW,
        )

    assert left == sorted([*_netted(drawn), (1, DAY, "P9", 1)], key=str)


@settings(max_examples=40, deadline=None)
@given(INTERVALS)
def test_merged_intervals_cover_the_days_of_those_delivered(
    drawn: list[tuple[int | None, int | None, int | None]],
) -> None:
    rows = [_illness(person, start, length) for person, start, length in drawn]

    with folder_in_memory() as folder:
        left = cleaned(
            folder,
            {"IR_IMB_R": [*rows, _illness(9, 0, 1)]},
            "person_key",
            "IMB_ALD_DTD",
            "IMB_ALD_DTF",
            of="IR_IMB_R",
            switches=EVERY_ROW,
        )

    assert left == sorted([*_merged(rows), (9, DAY, DAY + timedelta(1))], key=str)


def _netted(
    drawn: Iterable[tuple[int | None, date | None, str | None, int | None]],
) -> list[tuple[object, ...]]:
    acts = defaultdict(list)
    for *act, quantity in drawn:
        acts[tuple(act)].append(quantity)
    left: list[tuple[object, ...]] = []
    for act, quantities in acts.items():
        told = [quantity for quantity in quantities if quantity is not None]
        if any(quantity <= 0 for quantity in told):
            left += [(*act, sum(told))] if sum(told) > 0 else []
        else:
            left += [(*act, quantity) for quantity in quantities]
    return left


def _illness(person: int | None, start: int | None, length: int | None) -> Row:
    first = None if start is None else DAY + timedelta(start)
    last = None if first is None or length is None else first + timedelta(length)
    return {
        "person_key": person,
        "event_date": first,
        "MED_MTF_COD": "E11",
        "IMB_ETM_NAT": 41,
        "IMB_ALD_DTD": first,
        "IMB_ALD_DTF": last,
    }


def _merged(rows: Iterable[Row]) -> list[tuple[object, ...]]:
    by_person = defaultdict(list)
    for row in rows:
        by_person[row["person_key"]].append((row["IMB_ALD_DTD"], row["IMB_ALD_DTF"] or date.max))
    episodes: list[tuple[object, date | None, date]] = []
    for person, intervals in by_person.items():
        dated = sorted((start, end) for start, end in intervals if isinstance(start, date))
        episodes += [(person, None, end) for start, end in intervals if start is None]
        open_episode: tuple[date, date] | None = None
        for start, end in dated:
            if open_episode and start <= _next_day(open_episode[1]):
                open_episode = (open_episode[0], max(open_episode[1], end))
                continue
            episodes += [(person, *open_episode)] if open_episode else []
            open_episode = (start, end)
        episodes += [(person, *open_episode)] if open_episode else []
    return [(p, start, None if end == date.max else end) for p, start, end in episodes]


def _next_day(day: date) -> date:
    return day if day == date.max else day + timedelta(1)
