from datetime import UTC, date, datetime
from pathlib import Path

from ecluse.data.engines import connect
from ecluse.data.quality import Scope, Status
from ecluse.data.quality import report as measure
from ecluse.data.quality.stability import absent, unusual
from tests.unit.data.lakes import publish
from tests.unit.data.quality.examined import ON, PERSONS, act, exact, found, measured, registered

MAY, JUNE, JULY, AUGUST = (date(2022, month, 1) for month in (5, 6, 7, 8))
LATER = datetime(2026, 2, 1, tzinfo=UTC)


def test_a_month_under_half_or_over_twice_its_neighbours_is_unusual() -> None:
    assert unusual([200, 200, 99, 200, 401, 200, 200]) == [2, 4]


def test_few_rows_are_never_unusual() -> None:
    assert unusual([10, 10, 1, 10, 50, 10]) == []


def test_an_empty_month_is_absent_where_its_neighbours_are_not_empty() -> None:
    rows = [200, 200, 0, 200, 200]

    assert (absent(rows), unusual(rows)) == ([2], [])


def test_an_empty_month_among_few_rows_may_be_chance() -> None:
    assert absent([1, 2, 0, 1, 3]) == []


def test_a_month_of_flow_that_was_not_delivered_is_found(tmp_path: Path) -> None:
    acts = [
        act(1, MAY, 100 * month.month + rank, FLX_DIS_DTD=month)
        for month in (MAY, JUNE, AUGUST)
        for rank in range(20)
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    assert found(report, "missing-month", "ER_PRS_F", "period") == (1, 4, Status.FAILED)


def test_a_snapshot_is_compared_with_the_former_report(tmp_path: Path) -> None:
    first = publish(
        tmp_path,
        "data",
        {
            "ER_PRS_F": [
                act(1, MAY, 1, PRS_ACT_QTE=1.0),
                act(1, MAY, 2, PRS_ACT_QTE=1.0, FLX_DIS_DTD=JULY),
            ],
            "IR_BEN_R": [registered(1), registered(2)],
        },
        PERSONS,
    )
    former = exact(first)
    second = publish(
        tmp_path,
        "data",
        {"ER_PRS_F": [act(1, MAY, 1, PRE_PRE_DTD=MAY)], "IR_BEN_R": [registered(1), registered(2)]},
        PERSONS,
        now=LATER,
    )

    report = exact(second, former=former)

    (change,) = report.changes
    assert (change.table, change.rows_before, change.rows_now) == ("ER_PRS_F", 2, 1)
    assert change.columns_appeared == ("PRE_PRE_DTD",)
    assert change.columns_vanished == ("PRS_ACT_QTE",)
    assert change.periods_changed == ("2022-06", "2022-07")
    assert report.former == first.snapshot_id
    assert found(report, "lost-rows", "ER_PRS_F") == (1, 2, Status.FAILED)
    assert found(report, "lost-columns", "ER_PRS_F")[::2] == (1, Status.WARNING)
    assert found(report, "lost-persons") == (0, 2, Status.PASSED)


def test_periods_that_a_load_brought_are_told_from_those_it_kept(tmp_path: Path) -> None:
    may = act(1, MAY, 1, FLX_DIS_DTD=MAY)
    former = exact(publish(tmp_path, "data", {"ER_PRS_F": [may]}, PERSONS))
    second = publish(
        tmp_path,
        "data",
        {"ER_PRS_F": [may, act(1, MAY, 2, FLX_DIS_DTD=JUNE)]},
        PERSONS,
        now=LATER,
    )

    table = exact(second, former=former).table("ER_PRS_F")

    assert table is not None
    told = [(period.name, period.is_new) for period in table.periods]
    assert told == [("2022-05", False), ("2022-06", True)]


def test_codes_that_left_since_the_former_snapshot_are_found(tmp_path: Path) -> None:
    before = [act(1, MAY, key, PRS_NAT_REF=1111) for key in range(50)]
    now = [act(1, MAY, key, PRS_NAT_REF=3313) for key in range(50)]
    former = exact(publish(tmp_path, "data", {"ER_PRS_F": before}, PERSONS))

    report = exact(publish(tmp_path, "data", {"ER_PRS_F": now}, PERSONS, now=LATER), former=former)

    _, _, status = found(report, "changed-codes-since-former", "ER_PRS_F", "PRS_NAT_REF")
    assert status is Status.WARNING


def test_the_report_of_a_load_looks_only_at_the_months_that_it_brings(tmp_path: Path) -> None:
    may = [act(1, MAY, 100 + key, FLX_DIS_DTD=MAY) for key in range(3)]
    drug = {"person_key": 1, "event_date": MAY, "FLX_DIS_DTD": MAY}
    tables = {
        "ER_PRS_F": [*may, act(None, MAY, 100, FLX_DIS_DTD=MAY)],  # nobody's, and repeated
        "ER_PHA_F": [{**drug, "event_key": 999}],  # without its claim
    }
    former = exact(publish(tmp_path, "data", tables, PERSONS))
    june = [act(1, MAY, 7, FLX_DIS_DTD=JUNE), act(None, MAY, 8, FLX_DIS_DTD=JUNE)]
    tables["ER_PRS_F"] += june
    second = publish(tmp_path, "data", tables, PERSONS, now=LATER)

    with connect(readable=[second.folder]) as connection:
        report = measure(
            second,
            connection=connection,
            on=ON,
            former=former,
            scope=Scope.LOAD,
            minimum_count=1,
        )

    assert report.scope is Scope.LOAD
    assert found(report, "row-without-person", "ER_PRS_F") == (1, 2, Status.WARNING)
    assert found(report, "repeated-key", "ER_PRS_F") == (0, 2, Status.PASSED)
    assert found(report, "child-without-parent", "ER_PHA_F") == (0, 0, Status.PASSED)
    # Volumes and delays are those of the whole dataset.
    assert found(report, "missing-date", "ER_PRS_F") == (0, 6, Status.PASSED)


def test_drugs_whose_claims_were_delivered_again_are_looked_at_too(tmp_path: Path) -> None:
    drug = {"person_key": 1, "event_date": MAY, "event_key": 1, "FLX_DIS_DTD": MAY}
    claims = [act(1, MAY, 1, FLX_DIS_DTD=MAY)]
    before = publish(tmp_path, "data", {"ER_PRS_F": claims, "ER_PHA_F": [drug]}, PERSONS)
    former = exact(before)
    others = [act(1, MAY, 2, FLX_DIS_DTD=MAY)]
    second = publish(tmp_path, "data", {"ER_PRS_F": others, "ER_PHA_F": [drug]}, PERSONS, now=LATER)

    with connect(readable=[second.folder]) as connection:
        report = measure(
            second,
            connection=connection,
            on=ON,
            former=former,
            scope=Scope.LOAD,
            minimum_count=1,
        )

    assert found(report, "child-without-parent", "ER_PHA_F") == (1, 1, Status.FAILED)
