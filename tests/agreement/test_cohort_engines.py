"""Random cohorts on random small data: both engines must select the same persons."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.data.cohorts import Reading, duckdb, reference
from ecluse.data.engines import connect
from ecluse.data.schemas import model
from ecluse.domain.cohorts import AllOf, AnyOf, AtLeast, Cohort, Events, Match, Not
from tests.unit.data.lakes import delivery, diagnosis, drug, folder_in_memory, publish

SOURCES = model("snds").sources
FIRST = date(2022, 1, 1)
days = st.integers(0, 12).map(lambda number: FIRST + timedelta(days=number * 30))
keys = st.integers(1, 5)
cips = st.sampled_from([3400930000001, 3400930000002, 3400930000003, None])
flows = st.sampled_from([date(2022, 3, 1), date(2022, 9, 1), date(2023, 2, 1), None])

deliveries = st.builds(
    lambda person, day, cip, flow: delivery(person, day, cip, FLX_DIS_DTD=flow),
    st.one_of(keys, st.none()),
    st.one_of(days, st.none()),
    cips,
    flows,
)
drugs = st.builds(
    drug,
    cips.filter(bool),
    st.sampled_from(["A10BA02", "A10AB01", "A10BX06", "M01AH01", None]),
)
stays = st.builds(
    diagnosis, keys, days, st.sampled_from(["E11", "E119", "E11.90", "I21", " E10", None])
)
tables = st.fixed_dictionaries(
    {
        "ER_PHA_F": st.lists(deliveries, max_size=12),
        "IR_PHA_R": st.lists(drugs, max_size=4),
        "T_MCOaaB": st.lists(stays, max_size=8),
    }
)


def _events(source: str, codes: list[str]) -> st.SearchStrategy[Events]:
    lists = st.lists(st.sampled_from(codes), min_size=1, max_size=3).map(tuple)
    return st.builds(Events, st.just(source), lists, st.sampled_from(Match))


def _count(events: Events, number: int, ends: tuple[date | None, date | None]) -> AtLeast:
    first, last = ends
    return AtLeast(events, number, first, last)


events = st.one_of(
    _events("drug_atc", ["A10", "A10BA02", "A10B", "M01", "Z99"]),
    _events("drug_cip", ["3400930000001", "34009300", "3400930000002"]),
    _events("stay_main_diagnosis", ["E11", "E11.9", "E1", "I21", "I"]),
)
ends = st.tuples(st.one_of(days, st.none()), st.one_of(days, st.none())).filter(
    lambda pair: pair[0] is None or pair[1] is None or pair[0] <= pair[1]
)
counts = st.builds(_count, events, st.integers(1, 3), ends)


def _combined(parts: st.SearchStrategy[Cohort]) -> st.SearchStrategy[Cohort]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(AllOf, several), st.builds(AnyOf, several), st.builds(Not, parts))


cohorts = st.recursive(counts, _combined, max_leaves=5)
readings = st.tuples(days, days, flows.filter(bool)).map(
    lambda drawn: Reading(min(drawn[:2]), max(drawn[:2]), drawn[2])
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cohort=cohorts, tables=tables, reading=readings)
def test_duckdb_selects_the_persons_that_the_reference_selects(
    cohort: Cohort, tables: dict[str, list[reference.Row]], reading: Reading
) -> None:
    with folder_in_memory() as folder:
        persons = [(key, f"person-{key}", None) for key in range(1, 6)]
        snapshot = publish(folder, "snds-synthetic", tables, persons)
        dataset = reference.Dataset(range(1, 6), tables, SOURCES)

        with connect(readable=[snapshot.folder]) as connection:
            fast = duckdb.select(cohort, snapshot, reading, connection=connection)

        assert set(fast.tolist()) == reference.select(cohort, dataset, reading)
