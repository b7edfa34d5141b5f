"""The quality of deliveries loaded through the product's own door.

Eunomia's counts were worked out apart, by queries on its own files.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Lake
from ecluse.data.loading import load_delivery
from ecluse.data.quality import QualityReport, Status, report
from tests.unit.data.quality.examined import exact, found
from tests.unit.data.synthetic.countries import Loaded

EUNOMIA = Path(__file__).parents[3].parent / "shared/snds/samples/omop_eunomia_gibleed"
NOW = datetime(2026, 1, 4, 8, tzinfo=UTC)


def quality_of(delivery: Path, lake: Path, *, model: str) -> QualityReport:
    loaded = load_delivery(delivery, lake=Lake(lake), dataset="data", model=model, now=NOW)
    with connect(readable=[loaded.snapshot.folder]) as connection:
        return report(loaded.snapshot, connection=connection, on=NOW.date(), minimum_count=1)


@pytest.mark.skipif(not EUNOMIA.is_dir(), reason="the Eunomia sample is not here")
def test_the_known_defects_of_eunomia_are_found(tmp_path: Path) -> None:
    made = quality_of(EUNOMIA, tmp_path, model="omop")

    assert found(made, "repeated-key", "drug_exposure") == (4384, 67707, Status.FAILED)
    assert found(made, "repeated-key", "measurement") == (2183, 44053, Status.FAILED)
    assert found(made, "repeated-key", "condition_occurrence") == (0, 65332, Status.PASSED)
    gaps = found(made, "out-of-range", "drug_era", "gap_days")
    assert gaps == (12637, 52508, Status.FAILED)
    visits = found(made, "broken-reference", "condition_occurrence", "visit_occurrence_id")
    assert visits == (64680, 65230, Status.FAILED)
    # Half of the observation periods are of persons whom the table of persons lacks.
    nobody = found(made, "row-without-person", "observation_period")
    assert nobody == (2649, 5343, Status.WARNING)
    assert found(made, "person-without-observation", "observation_period")[0] == 0


def test_a_synthetic_country_is_sound_where_its_traps_are_not(small_country: Loaded) -> None:
    made = exact(small_country.snapshot)

    assert found(made, "repeated-key", "ER_PRS_F")[2] is Status.PASSED
    assert found(made, "child-without-parent", "ER_PHA_F")[2] is Status.PASSED
    assert found(made, "care-before-birth", "ER_PRS_F")[2] is Status.PASSED
    assert found(made, "care-after-flow", "ER_PRS_F")[2] is Status.PASSED
    assert found(made, "missing-date", "ER_UCD_F")[2] is Status.PASSED
    (curve,) = made.lags
    assert float(curve.arrived[6]) > 95
    people = made.population
    assert people is not None
    assert people.persons == (people.women or 0) + (people.men or 0)
