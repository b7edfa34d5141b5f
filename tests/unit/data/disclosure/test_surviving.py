"""Survival asked from inside a job."""

from pathlib import Path

import numpy as np

from ecluse.data.disclosure.surviving import steps
from ecluse.data.results import Figure, Results
from ecluse.data.results.lifetimes import curve
from ecluse.domain.documents import Verdict
from tests.unit.data.disclosure.results import decided, frame, lines


def told(durations: list[float], events: list[float]) -> list[tuple[float, int, int, int, float]]:
    made = curve(np.array(durations), np.array(events), np.arange(len(events), dtype=np.uint64))
    return [
        (step.time, step.at_risk, step.events, step.censored, round(step.survival, 6))
        for step in steps(made, 11)
    ]


def test_steps_are_merged_until_they_have_eleven_events() -> None:
    # One event a day for 50 days: steps end on days 11 and 22 and 33; then 17 - 11 = 6 are left.
    days = [float(day) for day in range(1, 51)]

    assert told(days, [1.0] * 50) == [
        (11.0, 50, 11, 0, 0.78),
        (22.0, 39, 11, 0, 0.56),
        (33.0, 28, 11, 0, 0.34),
    ]


def test_a_few_persons_censored_are_merged_too() -> None:
    # 12 events on day 1 and 5 censored on day 1, 12 events and 6 censored on day 2, 20 left.
    durations = [1.0] * 17 + [2.0] * 18 + [3.0] * 20
    events = [1.0] * 12 + [0.0] * 5 + [1.0] * 12 + [0.0] * 6 + [0.0] * 20

    # Survival: (1 - 12/55) x (1 - 12/38) = 0.534928.
    assert told(durations, events) == [(2.0, 55, 24, 11, 0.534928)]


def test_a_small_group_is_hidden(tmp_path: Path) -> None:
    days = [float(1 + n % 5) for n in range(70)]
    columns = frame(range(1, 71), days=days, dead=[1.0, 0.0] * 35, arm=["A"] * 60 + ["B"] * 10)
    Results(tmp_path).survival(columns, name="s", duration="days", event="dead", by="arm")

    made = decided(tmp_path)

    assert "B,s,s,s,s,s" in lines(made)
    assert [one.place for one in made.released.predicates] == ["group = A"]


def test_a_curve_is_drawn_from_the_protected_table(tmp_path: Path) -> None:
    days = [float(1 + n % 5) for n in range(200)]
    columns = frame(range(1, 201), days=days, dead=[1.0, 0.0] * 100)
    Results(tmp_path).survival(
        columns, name="s", duration="days", event="dead", figure=Figure.STEPS
    )

    made = decided(tmp_path)

    assert [name for name, _ in made.files] == ["s.csv", "s.png"]
    assert made.files[1][1].startswith(b"\x89PNG")
    assert [verdict.verdict for verdict in made.verdicts] == [Verdict.PASS, Verdict.PASS]
