"""The deliveries of the other holders load with the product's own loader."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.data.lake import Lake
from ecluse.data.loading import LoadReport, load_delivery
from ecluse.data.schemas import model
from ecluse.data.schemas.checks import check
from ecluse.data.synthetic.twins import TwinReport
from tests.unit.data.synthetic.twin_worlds import crowd, twins

NOW = datetime(2026, 1, 4, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TwinReport:
    return twins(tmp_path_factory.mktemp("twins"), crowd(1000))


def load(folder: Path, lake: Path, model_name: str) -> LoadReport:
    return load_delivery(folder, lake=Lake(lake), dataset=folder.name, model=model_name, now=NOW)


@pytest.mark.parametrize("name", ["cohort-demo", "registry-demo"])
def test_the_models_of_the_other_holders_are_coherent(name: str) -> None:
    described = model(name)
    check(described)

    assert described.register.opt_out == "national_pseudonym"
    assert described.sources


@pytest.mark.parametrize(
    ("holder", "model_name", "register"),
    [
        ("hospital", "omop", "person"),
        ("cohort", "cohort-demo", "volunteer"),
        ("registry", "registry-demo", "patient"),
    ],
)
def test_each_holder_loads_entire_under_its_model(
    made: TwinReport, tmp_path: Path, holder: str, model_name: str, register: str
) -> None:
    expected = {"hospital": made.hospital, "cohort": made.cohort, "registry": made.registry}[holder]
    folder = made.truth_path.parents[1] / holder
    report = load(folder, tmp_path, model_name)

    loaded = {table.table: table.rows_loaded for table in report.tables}
    assert report.warnings == ()
    assert report.rows_quarantined == 0
    assert loaded == expected
    assert report.persons == expected[register]
