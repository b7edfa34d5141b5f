"""The same cohorts on Spark, local mode: a smaller number, since each costs seconds.

ECLUSE_COHORTS_SPARK raises it. One session for all; skipped where Java or PySpark is absent.
"""

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecluse.data.cohorts import Reading, duckdb, reference
from ecluse.data.cohorts.prepared import prepare
from ecluse.data.engines import connect
from ecluse.data.filters import DEFAULTS
from ecluse.data.schemas import model
from ecluse.domain.cohorts import AtLeast, Cohort, Events, cohort_of
from ecluse.domain.errors import InvalidInput, JobFailed
from tests.cohort_lakes import EVERY_FILTER_OFF, publish_dataset
from tests.cohort_strategies import cohorts, datasets
from tests.unit.data.lakes import folder_in_memory

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COHORTS_A_LAKE: Final = 4
NUMBER: Final = int(os.environ.get("ECLUSE_COHORTS_SPARK", "4"))
SETTINGS: Final = {
    "spark.default.parallelism": "1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",  # small data: compiling costs more than it saves
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
YEAR: Final = Reading(date(2022, 1, 1), date(2022, 12, 31), date(2022, 12, 1), EVERY_FILTER_OFF)
FILTERED: Final = replace(YEAR, switches=replace(DEFAULTS, flux_until=date(2022, 12, 1)))

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="needs Java 17 on the PATH"),
    # PySpark leaves its sockets to Python's collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def session() -> Iterator["SparkSession"]:
    sql = pytest.importorskip("pyspark.sql", reason="needs PySpark: the extra `spark`")
    building = sql.SparkSession.builder.master("local[2]")
    for name, value in SETTINGS.items():
        building = building.config(name, value)
    made = building.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it speaks when all is closed
    yield made
    made.stop()


@settings(
    max_examples=max(1, NUMBER // COHORTS_A_LAKE),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink would take an hour
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(
    asked=st.lists(cohorts(), min_size=COHORTS_A_LAKE, max_size=COHORTS_A_LAKE),
    dataset=datasets(),
)
def test_spark_gives_the_rows_that_the_reference_gives(
    session: "SparkSession", asked: Sequence[Cohort], dataset: reference.Dataset
) -> None:
    from ecluse.data.cohorts import spark  # noqa: PLC0415 - where PySpark is

    with folder_in_memory() as folder:
        snapshot = publish_dataset(folder, dataset)
        found = [spark.run(one, snapshot, YEAR, session=session) for one in asked]

    assert found == [reference.run(one, dataset, YEAR) for one in asked]


@settings(
    max_examples=max(1, NUMBER // COHORTS_A_LAKE),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(
    asked=st.lists(cohorts(), min_size=COHORTS_A_LAKE, max_size=COHORTS_A_LAKE),
    dataset=datasets(),
)
def test_spark_on_a_prepared_dataset_gives_the_rows_that_duckdb_gives_with_its_filters(
    session: "SparkSession", asked: Sequence[Cohort], dataset: reference.Dataset
) -> None:
    """Every filter in its default state, and claims lines marked at random for them."""
    from ecluse.data.cohorts import spark  # noqa: PLC0415 - where PySpark is

    with folder_in_memory() as folder:
        snapshot = publish_dataset(folder, marked(dataset))
        with connect(readable=[snapshot.folder]) as connection:
            fast = [duckdb.run(one, snapshot, FILTERED, connection=connection) for one in asked]
        prepared = prepare(snapshot, folder / "prepared", switches=FILTERED.switches)
        found = [spark.run(one, prepared, FILTERED, session=session) for one in asked]

    assert found == fast


def marked(dataset: reference.Dataset) -> reference.Dataset:
    """Return the dataset with one claims line in three a surcharge, one in five for information."""
    tables = {
        name: [
            {**row, "CPL_MAJ_TOP": 2 * (place % 3 == 0), "DPN_QLF": 71 if place % 5 == 0 else 0}
            for place, row in enumerate(rows)
        ]
        if name == "ER_PRS_F"
        else rows
        for name, rows in dataset.tables.items()
    }
    return replace(dataset, tables=tables)


def test_spark_refuses_a_dataset_prepared_under_other_filters(
    session: "SparkSession", tmp_path: Path
) -> None:
    from ecluse.data.cohorts import spark  # noqa: PLC0415 - where PySpark is

    cohort = cohort_of(AtLeast(Events("stay_main_diagnosis", ("E11",))))
    stay = {"person_key": 1, "event_date": date(2022, 3, 1), "DGN_PAL": "E119"}
    dataset = reference.Dataset(persons=(1,), tables={"T_MCOaaB": [stay]}, model=model("snds"))
    snapshot = publish_dataset(tmp_path / "lake", dataset)
    prepared = prepare(snapshot, tmp_path / "prepared", switches=EVERY_FILTER_OFF)

    with pytest.raises(InvalidInput, match="other filters"):
        spark.run(cohort, prepared, FILTERED, session=session)


def test_spark_that_stops_is_told_by_its_kind_alone(
    session: "SparkSession", tmp_path: Path
) -> None:
    from ecluse.data.cohorts import spark  # noqa: PLC0415 - where PySpark is

    cohort = cohort_of(AtLeast(Events("stay_main_diagnosis", ("E11",))))
    stay = {"person_key": 1, "event_date": date(2022, 3, 1), "DGN_PAL": "E119"}
    dataset = reference.Dataset(persons=(1,), tables={"T_MCOaaB": [stay]}, model=model("snds"))
    snapshot = publish_dataset(tmp_path / "lake", dataset)
    prepared = prepare(snapshot, tmp_path / "prepared", switches=EVERY_FILTER_OFF)
    (prepared.folder / "rows" / "T_MCOaaB" / "0000.parquet").unlink()

    with pytest.raises(JobFailed, match="engine stopped") as raised:
        spark.run(cohort, prepared, YEAR, session=session)

    assert str(tmp_path) not in str(raised.value)
    assert raised.value.__suppress_context__


def test_spark_refuses_to_read_rows_without_a_filter_that_is_on(
    session: "SparkSession", tmp_path: Path
) -> None:
    from ecluse.data.cohorts import spark  # noqa: PLC0415 - where PySpark is

    cohort = cohort_of(AtLeast(Events("stay_main_diagnosis", ("E11",))))
    stay = {"person_key": 1, "event_date": date(2022, 3, 1), "DGN_PAL": "E119"}
    dataset = reference.Dataset(persons=(1,), tables={"T_MCOaaB": [stay]}, model=model("snds"))
    snapshot = publish_dataset(tmp_path, dataset)

    with pytest.raises(InvalidInput, match="switch them off"):
        spark.run(cohort, snapshot, replace(YEAR, switches=DEFAULTS), session=session)
