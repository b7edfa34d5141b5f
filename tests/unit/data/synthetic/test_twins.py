from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from ecluse.data.synthetic.twins import Block, TwinReport
from ecluse.data.synthetic.twins.blocks import LocalNumbers
from tests.unit.data.synthetic.twin_worlds import (
    MAN,
    WOMAN,
    crowd,
    day,
    persons,
    pseudonyms,
    rows,
    since,
    stays,
    twins,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TwinReport:
    return twins(tmp_path_factory.mktemp("twins"), crowd(4000, facilities=60))


def three_patients(target: Path, **more: object) -> TwinReport:
    """Two stays in facilities 1 to 4, one in facility 5, which is not the hospital's."""
    entries = [(0, "2021-02-01", "2021-02-04", number, "J181") for number in (1, 2, 3, 4)] * 2
    block = Block(
        persons((MAN, "1950-01-01"), (WOMAN, "1960-01-01"), (WOMAN, "1970-01-01")),
        {"diabetes": since("", "2010-01-01", "")},
        stays(
            *entries,
            (1, "2021-03-01", "2021-03-01", 1, "K011"),
            (2, "2021-04-01", "2021-04-05", 5, "J181"),
        ),
        ["P0", "", "P2"],
    )
    return twins(target, replace(block, **more))


def test_only_persons_with_a_stay_in_the_hospital_are_in_its_warehouse(tmp_path: Path) -> None:
    report = three_patients(tmp_path)

    known = {row["person_index"] for row in rows(report.truth_path, "hospital_persons")}
    assert known == {"0", "1"}
    assert report.hospital["visit_occurrence"] == 9
    assert {row["care_site_id"] for row in rows(report.hospital_path, "visit_occurrence")} == {
        *("1", "2", "3", "4")
    }


def test_a_person_is_known_to_the_opt_out_register_by_the_national_pseudonym_alone(
    tmp_path: Path,
) -> None:
    report = three_patients(tmp_path)
    number = {
        r["person_index"]: r["person_id"] for r in rows(report.truth_path, "hospital_persons")
    }
    source = {
        r["person_id"]: r["person_source_value"] for r in rows(report.hospital_path, "person")
    }

    assert (source[number["0"]], source[number["1"]]) == ("P0", "")


def test_a_stay_of_several_nights_is_inpatient_and_one_of_a_day_is_not(tmp_path: Path) -> None:
    visits = rows(three_patients(tmp_path).hospital_path, "visit_occurrence")

    assert Counter(visit["visit_concept_id"] for visit in visits) == {"9201": 8, "9202": 1}


def test_the_reason_of_each_stay_is_its_discharge_diagnosis(tmp_path: Path) -> None:
    report = three_patients(tmp_path)
    main = [
        row["condition_source_value"]
        for row in rows(report.hospital_path, "condition_occurrence")
        if row["condition_status_concept_id"] == "32896"
    ]

    assert Counter(main) == {"J181": 8, "K011": 1}


def test_treatments_are_those_that_the_claims_saw(tmp_path: Path) -> None:
    dispensed = {"A10BH01": np.array([1]), "A10BA02": np.array([0])}
    report = three_patients(tmp_path, dispensed=dispensed)
    number = {
        r["person_id"]: r["person_index"] for r in rows(report.truth_path, "hospital_persons")
    }
    habitual = {
        (number[row["person_id"]], row["drug_source_value"])
        for row in rows(report.hospital_path, "drug_exposure")
        if row["drug_source_value"].startswith("A10")
    }

    # the first has the drug and not the illness: bought for someone else, hospitals do not see it
    assert habitual == {("1", "A10BH01")}


def test_numbers_of_a_holder_are_distinct_and_say_nothing_of_another_holder() -> None:
    hospital, cohort = LocalNumbers(1, "hospital"), LocalNumbers(1, "cohort")
    numbers = [hospital.of(person) for person in range(20_000)]

    assert len(set(numbers)) == 20_000
    assert numbers != sorted(numbers)
    assert sum(number == cohort.of(person) for person, number in enumerate(numbers)) < 3


def test_persons_with_diabetes_have_a_high_glycated_haemoglobin(made: TwinReport) -> None:
    illnesses = {r["person_id"]: r["illnesses"] for r in rows(made.truth_path, "hospital_persons")}
    measured = [
        (float(row["value_as_number"]), "diabetes" in illnesses[row["person_id"]])
        for row in rows(made.hospital_path, "measurement")
        if row["measurement_source_value"] == "4548-4"
    ]

    assert 7.0 < mean(value for value, _ in measured) < 7.7
    assert all(is_ill for _, is_ill in measured)


def test_pneumonia_raises_crp_and_treatment_lowers_it(tmp_path: Path) -> None:
    crp = [
        float(row["value_as_number"])
        for row in rows(three_patients(tmp_path).hospital_path, "measurement")
        if row["measurement_source_value"] == "1988-5"
    ]
    # eight stays of three nights: one value at admission, one before discharge
    at_admission, at_discharge = crp[0::2], crp[1::2]

    assert len(crp) == 16
    assert mean(at_admission) > 50
    assert mean(at_discharge) < mean(at_admission) / 3


def test_volunteers_are_adults_and_more_often_women(made: TwinReport) -> None:
    volunteers = rows(made.cohort_path, "volunteer")
    sexes = Counter(row["sex"] for row in volunteers)
    ages = [int(row["included_on"][:4]) - int(row["birth_year"]) for row in volunteers]

    assert len(volunteers) > 60
    assert sexes["F"] > 1.4 * sexes["M"]
    assert min(ages) >= 18


def test_a_body_mass_index_is_weight_over_height_squared(made: TwinReport) -> None:
    answers = [
        tuple(float(row[name]) for name in ("weight_kg", "height_cm", "body_mass_index"))
        for row in rows(made.cohort_path, "questionnaire")
        if row["weight_kg"] and row["height_cm"] and row["body_mass_index"]
    ]

    assert answers
    assert [bmi for kg, cm, bmi in answers if abs(kg / (cm / 100) ** 2 - bmi) > 0.06] == []


def test_a_volunteer_answers_no_questionnaire_after_death(tmp_path: Path) -> None:
    block = replace(crowd(3000), stays=stays())
    people = persons(*[(WOMAN, "1965-01-01")] * 3000)
    died = np.full(3000, day("2021-09-30"), dtype=np.int32)
    report = twins(tmp_path, replace(block, people=replace(people, died=died)))
    days = [row["answered_on"] for row in rows(report.cohort_path, "questionnaire")]

    assert days
    assert max(days) <= "2021-09-30"


def test_the_registry_has_97_percent_of_new_cases_and_some_unknown_to_claims(
    made: TwinReport,
) -> None:
    cases = rows(made.truth_path, "registry_cases")
    in_claims = [case for case in cases if case["is_in_claims"] == "1"]
    registered = [case for case in in_claims if case["is_registered"] == "1"]
    elsewhere = [case for case in cases if case["is_in_claims"] == "0"]

    assert 900 < len(in_claims) < 1100
    assert 0.95 < len(registered) / len(in_claims) < 0.99
    assert 10 < len(elsewhere) < 60
    assert made.registry["tumour"] == len(registered) + len(elsewhere)


def test_the_site_of_a_tumour_is_that_of_the_first_stay_for_cancer(tmp_path: Path) -> None:
    block = Block(
        persons((MAN, "1950-01-01")),
        {"cancer": since("2021-05-01")},
        stays(
            (0, "2021-06-01", "2021-06-05", 1, "C349"),
            (0, "2021-09-01", "2021-09-05", 1, "C189"),
        ),
        pseudonyms(1),
    )
    # the seed under which this case did not escape the registry
    report = twins(tmp_path, block, seed=2)
    tumours = rows(report.registry_path, "tumour")

    assert [(row["diagnosed_on"], row["topography"][:3], row["icd10"]) for row in tumours] == [
        ("2021-05-01", "C34", "C349")
    ]


def test_sites_follow_the_sex_of_the_patient(made: TwinReport) -> None:
    sexes = {row["patient_id"]: row["sex"] for row in rows(made.registry_path, "patient")}
    sites = {(sexes[r["patient_id"]], r["icd10"]) for r in rows(made.registry_path, "tumour")}

    assert {("M", "C61"), ("F", "C549")} <= sites
    assert not {("F", "C61"), ("M", "C549")} & sites


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = twins(tmp_path / "first", crowd(200))
    again = twins(tmp_path / "again", crowd(200))
    other = twins(tmp_path / "other", crowd(200), seed=2)

    assert _digest(first) == _digest(again)
    assert _digest(first) != _digest(other)


def test_blocks_follow_each_other_and_do_not_change_each_other(tmp_path: Path) -> None:
    alone = twins(tmp_path / "alone", crowd(300))
    both = twins(tmp_path / "both", crowd(300), crowd(300, seed=5, first_person=300))
    before = (alone.hospital_path / "note.csv").read_bytes()

    assert (both.hospital_path / "note.csv").read_bytes().startswith(before)
    assert both.hospital["person"] > alone.hospital["person"] + 200
    assert (
        len({row["person_id"] for row in rows(both.hospital_path, "person")})
        == (both.hospital["person"])
    )


def _digest(report: TwinReport) -> list[bytes]:
    folders = (report.hospital_path, report.cohort_path, report.registry_path, report.truth_path)
    return [file.read_bytes() for folder in folders for file in sorted(folder.iterdir())]


def test_an_anonymous_stay_is_in_nobody_s_record(tmp_path: Path) -> None:
    block = Block(
        persons((WOMAN, "1990-01-01"), (WOMAN, "1980-01-01")),
        {},
        stays(
            (0, "2021-06-01", "2021-06-01", 1, "O049"),
            (1, "2021-06-01", "2021-06-01", 1, "K011"),
        ),
        pseudonyms(2),
    )
    report = twins(tmp_path, block)

    assert [row["person_index"] for row in rows(report.truth_path, "hospital_persons")] == ["1"]
    assert report.hospital["visit_occurrence"] == 1
