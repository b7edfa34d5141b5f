from datetime import date
from pathlib import Path

from ecluse.data.quality import Status
from ecluse.data.quality.reports import AgeBand
from tests.unit.data.quality.examined import found, measured, registered


def test_ages_are_those_of_the_living_at_the_day_of_the_report(tmp_path: Path) -> None:
    register = [
        registered(1, BEN_NAI_ANN=2021),  # 5 in 2026
        registered(2, BEN_NAI_ANN=1921, BEN_SEX_COD=1),  # 105, in the last band
        registered(3, BEN_NAI_ANN=1960, BEN_DCD_DTE=date(2020, 1, 1)),  # dead
    ]

    people = measured(tmp_path, {"IR_BEN_R": register}).population

    assert people is not None
    assert (people.persons, people.women, people.men, people.dead) == (3, 2, 1, 1)
    inhabited = [band for band in people.ages if band.women or band.men]
    assert inhabited == [AgeBand(5, 1, 0), AgeBand(95, 0, 1)]


def test_a_year_of_birth_that_nobody_living_has_is_found(tmp_path: Path) -> None:
    register = [
        registered(1, BEN_NAI_ANN=1905),
        registered(2, BEN_NAI_ANN=2027),
        registered(3, BEN_NAI_ANN=None),
    ]

    report = measured(tmp_path, {"IR_BEN_R": register})

    assert found(report, "implausible-birth-year", "IR_BEN_R") == (2, 3, Status.WARNING)


def test_a_death_before_the_birth_is_found(tmp_path: Path) -> None:
    report = measured(tmp_path, {"IR_BEN_R": [registered(1, BEN_DCD_DTE=date(1959, 12, 31))]})

    assert found(report, "death-before-birth", "IR_BEN_R") == (1, 1, Status.FAILED)


def test_a_dataset_without_its_register_has_no_population(tmp_path: Path) -> None:
    report = measured(tmp_path, {"IR_PHA_R": [{"PHA_CIP_C13": 1, "PHA_ATC_C07": "A10BA02"}]})

    assert report.population is None
