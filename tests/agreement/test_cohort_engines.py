"""Random cohorts on random small data: every engine gives the rows that the reference gives.

ECLUSE_COHORTS raises the number of cohorts, a few hundred unless told.
"""

import os
from collections.abc import Sequence
from datetime import date
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.data.cohorts import Reading, duckdb, reference
from ecluse.data.engines import connect
from ecluse.domain.cohorts import Cohort
from tests.cohort_lakes import EVERY_FILTER_OFF, publish_dataset
from tests.cohort_strategies import cohorts, datasets
from tests.unit.data.lakes import folder_in_memory

COHORTS_A_LAKE: Final = 8
NUMBER: Final = int(os.environ.get("ECLUSE_COHORTS", "160"))

bounds = st.sampled_from([date(2021, 11, 1), date(2022, 1, 1), date(2022, 2, 1)])
readings = st.builds(
    Reading,
    bounds,
    st.sampled_from([date(2022, 2, 1), date(2022, 12, 31), date(2023, 6, 1)]),
    st.sampled_from([date(2022, 3, 1), date(2022, 12, 1), date(2023, 6, 1)]),
    st.just(EVERY_FILTER_OFF),
)


@settings(
    max_examples=max(1, NUMBER // COHORTS_A_LAKE),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    asked=st.lists(cohorts(), min_size=COHORTS_A_LAKE, max_size=COHORTS_A_LAKE),
    dataset=datasets(),
    reading=readings,
)
def test_duckdb_gives_the_rows_that_the_reference_gives(
    asked: Sequence[Cohort], dataset: reference.Dataset, reading: Reading
) -> None:
    with folder_in_memory() as folder:
        snapshot = publish_dataset(folder, dataset)
        with connect(readable=[snapshot.folder]) as connection:
            fast = [duckdb.run(one, snapshot, reading, connection=connection) for one in asked]

    assert fast == [reference.run(one, dataset, reading) for one in asked]
