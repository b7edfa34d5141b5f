from datetime import date
from fractions import Fraction
from pathlib import Path

from ecluse.data.quality.timeliness import arrived
from tests.unit.data.quality.examined import act, found, measured

JANUARY, FEBRUARY, MARCH = 2022 * 12, 2022 * 12 + 1, 2022 * 12 + 2


def test_recent_months_are_completed_by_what_older_months_did() -> None:
    # January: 50, then 80, then 100. February: 60, then 100, a third flow to come. March: 30.
    triangle = {
        JANUARY: {0: 50, 1: 30, 2: 20},
        FEBRUARY: {0: 60, 1: 40},
        MARCH: {0: 30},
    }

    shares = arrived(triangle, last=MARCH)

    # From the first flow to the second: 180/110. From the second to the third: 100/80.
    second = Fraction(80, 100)
    assert shares == [second * Fraction(110, 180), second, Fraction(1)]


def test_months_of_care_before_the_first_flow_are_left_out() -> None:
    # December's first lines came before the dataset begins: its delay looks longer than it is.
    december = JANUARY - 1
    triangle = {december: {1: 10, 2: 10}, JANUARY: {0: 50, 1: 50}, FEBRUARY: {0: 50}}

    shares = arrived(triangle, last=FEBRUARY)

    assert shares == [Fraction(1, 2), Fraction(1)]


def test_a_single_flow_gives_a_curve_of_one_point() -> None:
    assert arrived({JANUARY: {0: 10}}, last=JANUARY) == [Fraction(1)]


def test_the_curve_of_a_dataset_and_its_incomplete_months(tmp_path: Path) -> None:
    january, february = date(2022, 1, 15), date(2022, 2, 15)
    acts = [
        act(1, january, 1, FLX_DIS_DTD=date(2022, 1, 1)),
        act(1, january, 2, FLX_DIS_DTD=date(2022, 2, 1)),
        act(1, february, 3, FLX_DIS_DTD=date(2022, 2, 1)),
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    (curve,) = report.lags
    assert (curve.last_flow, curve.arrived) == ("2022-02", ("50.00", "100.00"))
    assert [(month.month, month.rows, month.arrived) for month in curve.recent] == [
        ("2022-02", 1, "50.00")
    ]


def test_the_age_of_the_last_flow_is_counted_in_months(tmp_path: Path) -> None:
    report = measured(tmp_path, {"ER_PRS_F": [act(1, date(2022, 6, 1), 1)]})

    # From the flow of June 2022 to January 2026.
    violations, allowed, _ = found(report, "old-flow", "ER_PRS_F")
    assert (violations, allowed) == (43, 3)
