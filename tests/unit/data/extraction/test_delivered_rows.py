"""Rows as they are delivered: cleaned by the filters, coarsened as the permit says."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.extraction import extract
from ecluse.data.lake import Lake
from ecluse.domain.documents import (
    Coarsening,
    DatasetScope,
    ExtractionOrder,
    ExtractionReceipt,
    FilterState,
    FilterSwitch,
    Precision,
    Removal,
    RemovedRows,
    TableScope,
)
from tests.unit.data import studies
from tests.unit.data.lakes import publish
from tests.unit.data.studies import CELECOXIB, EARLY_FLOW, KEY, NOW, PERMIT


def claim(number: int, quantity: int, event: int) -> tuple[dict[str, object], dict[str, object]]:
    """An act and its pack of person 1, the same day and pack each time."""
    shared = {"event_key": event}
    act = studies._act(1, date(2022, 3, 17), number) | shared | {"PRS_ACT_QTE": float(quantity)}
    pack = studies._drug(1, date(2022, 3, 17), number, CELECOXIB, EARLY_FLOW) | shared
    return act, pack | {"PHA_ACT_QSN": quantity}


LINES = [claim(101, 2, 1), claim(102, -2, 2), claim(103, 1, 3)]
"""Two boxes, taken back, then one box: one box was delivered."""
TABLES = {
    **studies.TABLES,
    "ER_PRS_F": [act for act, _ in LINES],
    "ER_PHA_F": [pack for _, pack in LINES],
}
COARSE = TableScope(
    "ER_PHA_F",
    ("PHA_PRS_C13", "PHA_ACT_QSN", "event_date"),
    (
        Coarsening("event_date", Precision.MONTH),
        Coarsening("PHA_ACT_QSN", Precision.ROUNDED, 10),
    ),
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    publish(tmp_path / "lake", studies.DATASET, TABLES, studies.PERSONS)
    return Lake(tmp_path / "lake")


def run(lake: Lake, scope: TableScope, **changes: object) -> tuple[ExtractionReceipt, list[object]]:
    """Extract under a permit that gives `scope`; return the receipt and the rows."""
    datasets = (DatasetScope(studies.DATASET, (scope,), date(2022, 1, 1), date(2023, 12, 31)),)
    order: ExtractionOrder = studies.order(
        lake.snapshot(studies.DATASET), tables=(scope,), **changes
    )
    target = lake.path.parent / "projects" / "E1"
    receipt = extract(
        studies.warrant(order, replace(PERMIT, datasets=datasets)),
        lake=lake,
        key=KEY,
        target=target,
        clock=lambda: NOW,
    )
    rows = pq.read_table(target / "ER_PHA_F.parquet").drop_columns(["person_pseudonym"])
    return receipt, rows.to_pylist()


WHOLE = replace(COARSE, coarsened=())
NETTED_OFF = (FilterSwitch("regularisations", FilterState.OFF),)


def test_lines_that_cancel_each_other_are_delivered_as_what_is_left(lake: Lake) -> None:
    receipt, rows = run(lake, WHOLE)

    day = date(2022, 3, 17)
    assert rows == [{"PHA_PRS_C13": CELECOXIB, "PHA_ACT_QSN": 1, "event_date": day}]
    assert receipt.tables[0].removed == (RemovedRows(Removal.FILTERED, 2),)


def test_an_order_may_ask_for_the_lines_as_they_came(lake: Lake) -> None:
    _, rows = run(lake, WHOLE, filters=NETTED_OFF)

    assert [row["PHA_ACT_QSN"] for row in rows] == [-2, 1, 2]  # type: ignore[index]


def test_values_leave_with_the_precision_of_the_permit(lake: Lake) -> None:
    receipt, rows = run(lake, COARSE)

    month = date(2022, 3, 1)
    assert rows == [{"PHA_PRS_C13": CELECOXIB, "PHA_ACT_QSN": 0, "event_date": month}]
    assert receipt.tables[0].coarsened == (
        Coarsening("PHA_ACT_QSN", Precision.ROUNDED, 10),
        Coarsening("event_date", Precision.MONTH),
    )


def test_the_dictionary_says_how_precise_each_column_is(lake: Lake) -> None:
    run(lake, COARSE)

    target = lake.path.parent / "projects" / "E1"
    lines = (target / "dictionary.csv").read_text().splitlines()
    contents = {line.split(",")[1]: line.split(",")[4] for line in lines[1:]}
    assert contents == {
        "person_pseudonym": "pseudonym",
        "PHA_PRS_C13": "value",
        "PHA_ACT_QSN": "rounded 10",
        "event_date": "month",
    }


def test_a_column_given_for_choosing_alone_is_not_delivered(lake: Lake) -> None:
    hidden = replace(COARSE, coarsened=(Coarsening("PHA_ACT_QSN", Precision.CHOICE_ONLY),))

    receipt, rows = run(lake, hidden)

    assert rows == [{"PHA_PRS_C13": CELECOXIB, "event_date": date(2022, 3, 17)}]
    assert receipt.tables[0].columns_dropped == ("PHA_ACT_QSN",)
