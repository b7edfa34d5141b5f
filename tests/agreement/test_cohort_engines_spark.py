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

from ecluse.data.cohorts import Reading, reference
from ecluse.data.filters import DEFAULTS
from ecluse.data.schemas import model
from ecluse.domain.cohorts import AtLeast, Cohort, Events, cohort_of
from ecluse.domain.errors import InvalidInput
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
