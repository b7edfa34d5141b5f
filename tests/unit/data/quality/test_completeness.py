from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.lake import Draft, Lake
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.data.quality import Status
from ecluse.data.schemas import model
from tests.unit.data.lakes import LOADED_AT, NAME_COLUMNS, PERSON_COLUMNS, seal
from tests.unit.data.quality.examined import act, exact, found, measured

MAY, JUNE, JULY = (date(2022, month, 1) for month in (5, 6, 7))


def test_missing_values_are_told_by_column_and_by_month_of_flow(tmp_path: Path) -> None:
    acts = [
        act(1, MAY, 1, PRE_PRE_DTD=MAY),
        act(1, MAY, 2, PRE_PRE_DTD=None),
        act(1, MAY, 3, PRE_PRE_DTD=None, FLX_DIS_DTD=JULY),
    ]

    table = measured(tmp_path, {"ER_PRS_F": acts}).table("ER_PRS_F")

    assert table is not None
    (column,) = [column for column in table.columns if column.name == "PRE_PRE_DTD"]
    assert [period.name for period in table.periods] == ["2022-06", "2022-07"]
    assert (column.missing, column.missing_by_period) == (2, (1, 1))
    assert column.title_en == "Date of prescription"


def test_files_that_do_not_tell_their_missing_values_are_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.staging("data") as staging:
        silent = staging.writing("silent.parquet")
        rows = pa.table(
            {
                "PHA_CIP_C13": pa.array([1, 2, None], pa.int64()),
                "PHA_ATC_C07": pa.array([None, None, "A10BA02"]),
            }
        )
        pq.write_table(rows, silent, write_statistics=False)
        part = staging.seal(silent, table="IR_PHA_R", slice_name="all")
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text(
            "file,line,column,reason\n"
            "a.csv,3,PHA_CIP_C13,not-a-number\n"
            "a.csv,9,PHA_CIP_C13,not-a-number\n"
            "b.csv,2,,ragged-line\n"
        )
        draft = Draft(
            model=model("snds"),
            tables={"IR_PHA_R": [part]},
            persons=[seal(staging, PERSON_COLUMNS.empty_table(), PERSONS)],
            names=[seal(staging, NAME_COLUMNS.empty_table(), NAMES)],
            quarantine=quarantine,
            report={},
        )
        snapshot = lake.publish(staging, draft, now=LOADED_AT)

    report = exact(snapshot)

    table = report.table("IR_PHA_R")
    assert table is not None
    missing = {column.name: column.missing for column in table.columns}
    assert missing == {"PHA_CIP_C13": 1, "PHA_ATC_C07": 2}
    refused = [(item.reason, item.column, item.lines) for item in report.refusals]
    assert refused == [("not-a-number", "PHA_CIP_C13", 2), ("ragged-line", "", 1)]
    assert found(report, "refused-line") == (3, 6, Status.FAILED)


def test_a_column_that_a_month_lacks_is_missing_in_all_its_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.staging("data") as staging:
        old = pa.table({"PHA_CIP_C13": pa.array([1, 2], pa.int64())})
        new = pa.table(
            {"PHA_CIP_C13": pa.array([3], pa.int64()), "PHA_ATC_C07": pa.array(["A10BA02"])}
        )
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text("file,line,column,reason\n")
        draft = Draft(
            model=model("snds"),
            tables={
                "IR_PHA_R": [
                    seal(staging, old, "IR_PHA_R", slice_name="2021"),
                    seal(staging, new, "IR_PHA_R", slice_name="2022"),
                ]
            },
            persons=[seal(staging, PERSON_COLUMNS.empty_table(), PERSONS)],
            names=[seal(staging, NAME_COLUMNS.empty_table(), NAMES)],
            quarantine=quarantine,
            report={},
        )
        snapshot = lake.publish(staging, draft, now=LOADED_AT)

    table = exact(snapshot).table("IR_PHA_R")

    assert table is not None
    (column,) = [column for column in table.columns if column.name == "PHA_ATC_C07"]
    assert column.missing_by_period == (2, 0)


def test_a_table_delivered_whole_is_cut_by_the_year_of_its_events(tmp_path: Path) -> None:
    illness = {"person_key": 1, "MED_MTF_COD": None}
    rows = [
        {**illness, "event_date": date(2019, 3, 1)},
        {**illness, "event_date": date(2020, 3, 1), "MED_MTF_COD": "E11"},
        {**illness, "event_date": None},
    ]

    table = measured(tmp_path, {"IR_IMB_R": rows}).table("IR_IMB_R")

    assert table is not None
    (column,) = table.columns
    periods = [(period.name, period.rows) for period in table.periods]
    assert periods == [("2019", 1), ("2020", 1), ("undated", 1)]
    assert column.missing_by_period == (1, 0, 1)


def test_columns_that_a_key_needs_and_that_are_absent_are_counted(tmp_path: Path) -> None:
    report = measured(tmp_path, {"IR_PHA_R": [{"PHA_ATC_C07": "A10BA02"}]})

    violations, _, status = found(report, "missing-column", "IR_PHA_R")
    assert (violations, status) == (1, Status.WARNING)
