"""The checks on OMOP data, in the families of OHDSI: conformance, completeness, plausibility."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from ecluse.data.quality import QualityReport, Status, Unit
from tests.unit.data.lakes import Row
from tests.unit.data.quality.examined import found, measured

DIABETES, METFORMIN, MALE, FEMALE, EHR, RETIRED = 201826, 1503297, 8507, 8532, 32817, 45757
JAN, FEB, MAR = date(2020, 1, 10), date(2020, 2, 10), date(2020, 3, 10)


def concept(concept_id: int, domain: str, standard: str | None = "S", **more: object) -> Row:
    return {
        "concept_id": concept_id,
        "concept_name": domain,
        "domain_id": domain,
        "vocabulary_id": "SNOMED",
        "concept_class_id": "Any",
        "concept_code": str(concept_id),
        "standard_concept": standard,
        "invalid_reason": None,
        **more,
    }


def person(key: int, gender: int = FEMALE, year: int = 1960) -> Row:
    return {
        "person_key": key,
        "person_id": key,
        "gender_concept_id": gender,
        "year_of_birth": year,
        "race_concept_id": 0,
        "ethnicity_concept_id": 0,
    }


def period(key: int, first: date, last: date, number: int = 0) -> Row:
    return {
        "person_key": key,
        "person_id": key,
        "observation_period_id": number or key,
        "event_date": first,
        "observation_period_start_date": first,
        "observation_period_end_date": last,
        "period_type_concept_id": EHR,
    }


def condition(number: int, key: int, day: date, code: int = DIABETES, **more: object) -> Row:
    return {
        "person_key": key,
        "person_id": key,
        "condition_occurrence_id": number,
        "event_date": day,
        "condition_start_date": day,
        "condition_concept_id": code,
        "condition_type_concept_id": EHR,
        **more,
    }


VOCABULARY = [
    concept(DIABETES, "Condition"),
    concept(METFORMIN, "Drug"),
    concept(MALE, "Gender"),
    concept(FEMALE, "Gender"),
    concept(EHR, "Type Concept"),
    concept(RETIRED, "Condition", None, invalid_reason="U"),
]
PERSON_TABLES: dict[str, Sequence[Row]] = {
    "person": [person(1), person(2, MALE)],
    "observation_period": [
        period(1, date(2020, 1, 1), date(2020, 12, 31)),
        period(2, date(2020, 1, 1), date(2020, 1, 31)),
    ],
    "concept": VOCABULARY,
}


def report_of(folder: Path, **tables: Sequence[Row]) -> QualityReport:
    return measured(folder, {**PERSON_TABLES, **tables}, model_name="omop")


def test_concepts_must_exist_be_standard_be_in_use_and_be_of_the_right_domain(
    tmp_path: Path,
) -> None:
    rows = [
        condition(1, 1, JAN),
        condition(2, 1, JAN, METFORMIN),  # a drug is no condition
        condition(3, 1, JAN, RETIRED),  # neither standard nor in use
        condition(4, 1, JAN, 999),  # nowhere
        condition(5, 1, JAN, 0),  # unmapped: judged apart
    ]

    report = report_of(tmp_path, condition_occurrence=rows)

    place = ("condition_occurrence", "condition_concept_id")
    assert found(report, "unknown-code", *place) == (1, 4, Status.FAILED)
    assert found(report, "wrong-domain", *place) == (1, 4, Status.FAILED)
    assert found(report, "non-standard-concept", *place) == (1, 4, Status.FAILED)
    assert found(report, "retired-concept", *place) == (1, 4, Status.WARNING)
    assert found(report, "unmapped-concept", *place) == (1, 5, Status.PASSED)


def test_source_codes_without_counterpart_are_counted_once_each(tmp_path: Path) -> None:
    rows = [
        condition(1, 1, JAN, condition_source_value="E11"),
        condition(2, 1, JAN, 0, condition_source_value="X99"),
        condition(3, 2, JAN, 0, condition_source_value="X99"),
    ]

    report = report_of(tmp_path, condition_occurrence=rows)

    place = ("condition_occurrence", "condition_source_value")
    assert found(report, "unmapped-source-value", *place) == (1, 2, Status.WARNING)


def test_events_lie_within_the_observation_periods_of_their_person(tmp_path: Path) -> None:
    rows = [condition(1, 1, FEB), condition(2, 2, FEB), condition(3, 2, JAN)]

    report = report_of(tmp_path, condition_occurrence=rows)

    expected = (1, 3, Status.WARNING)
    assert found(report, "outside-observation", "condition_occurrence") == expected


def test_observation_periods_do_not_overlap_and_everybody_has_one(tmp_path: Path) -> None:
    periods = [
        period(1, date(2020, 1, 1), date(2020, 6, 30), 1),
        period(1, date(2020, 6, 30), date(2020, 9, 1), 2),
        period(1, date(2020, 10, 1), date(2020, 12, 31), 3),
    ]

    report = report_of(tmp_path, observation_period=periods)

    overlapping = found(report, "overlapping-observations", "observation_period")
    assert overlapping == (1, 3, Status.FAILED)
    without = found(report, "person-without-observation", "observation_period")
    assert without == (1, 2, Status.FAILED)


def test_identifiers_are_unique(tmp_path: Path) -> None:
    report = report_of(tmp_path, condition_occurrence=[condition(1, 1, JAN), condition(1, 2, JAN)])

    assert found(report, "repeated-key", "condition_occurrence") == (1, 2, Status.FAILED)


def test_rows_refer_to_visits_that_exist_and_are_near_them(tmp_path: Path) -> None:
    visit = {
        "person_key": 1,
        "person_id": 1,
        "visit_occurrence_id": 50,
        "event_date": JAN,
        "visit_start_date": JAN,
        "visit_end_date": JAN,
        "visit_concept_id": 0,
        "visit_type_concept_id": EHR,
    }
    rows = [
        condition(1, 1, date(2020, 1, 17), visit_occurrence_id=50),  # seven days later
        condition(2, 1, date(2020, 1, 18), visit_occurrence_id=50),  # eight
        condition(3, 1, JAN, visit_occurrence_id=51),
        condition(4, 1, JAN, visit_occurrence_id=None),
    ]

    report = report_of(tmp_path, condition_occurrence=rows, visit_occurrence=[visit])

    broken = found(report, "broken-reference", "condition_occurrence", "visit_occurrence_id")
    assert broken == (1, 3, Status.FAILED)
    assert found(report, "outside-visit", "condition_occurrence") == (1, 2, Status.WARNING)


def test_ends_do_not_come_before_starts_and_dates_are_the_day_of_their_instant(
    tmp_path: Path,
) -> None:
    rows = [
        condition(1, 1, FEB, condition_end_date=JAN),
        condition(2, 1, FEB, condition_start_datetime=datetime(2020, 3, 10, 9)),  # noqa: DTZ001 — OMOP has no zone
    ]

    report = report_of(tmp_path, condition_occurrence=rows)

    place = "condition_occurrence"
    order = found(report, "end-before-start", place, "condition_end_date")
    assert order == (1, 1, Status.FAILED)
    day = found(report, "date-against-time", place, "condition_start_date")
    assert day == (1, 1, Status.WARNING)


def test_values_of_measurements_have_a_unit(tmp_path: Path) -> None:
    base = {
        "person_key": 1,
        "person_id": 1,
        "event_date": JAN,
        "measurement_date": JAN,
        "measurement_concept_id": 0,
        "measurement_type_concept_id": EHR,
    }
    rows = [
        {**base, "measurement_id": 1, "value_as_number": 6.5, "unit_concept_id": 8554},
        {**base, "measurement_id": 2, "value_as_number": 48.0, "unit_concept_id": None},
        {**base, "measurement_id": 3, "value_as_number": None, "unit_concept_id": None},
    ]

    report = report_of(tmp_path, measurement=rows)

    unit = found(report, "missing-unit", "measurement", "value_as_number")
    assert unit == (1, 2, Status.WARNING)


def test_numbers_keep_within_their_bounds(tmp_path: Path) -> None:
    base = {
        "person_key": 1,
        "person_id": 1,
        "event_date": JAN,
        "drug_exposure_start_date": JAN,
        "drug_exposure_end_date": JAN,
        "drug_concept_id": METFORMIN,
        "drug_type_concept_id": EHR,
    }
    rows = [
        {**base, "drug_exposure_id": 1, "days_supply": 365},
        {**base, "drug_exposure_id": 2, "days_supply": 366},
        {**base, "drug_exposure_id": 3, "days_supply": -1},
    ]

    report = report_of(tmp_path, drug_exposure=rows)

    bounds = found(report, "out-of-range", "drug_exposure", "days_supply")
    assert bounds == (2, 3, Status.FAILED)


def test_required_tables_and_columns_are_there(tmp_path: Path) -> None:
    report = measured(tmp_path, {"person": [person(1)]}, model_name="omop")

    assert found(report, "missing-table") == (1, 2, Status.FAILED)
    gender = found(report, "missing-value", "person", "gender_concept_id")
    assert gender == (0, 1, Status.PASSED)


def test_genders_are_those_of_the_standard(tmp_path: Path) -> None:
    report = report_of(tmp_path, person=[person(1), person(2, DIABETES)])

    gender = found(report, "unexpected-value", "person", "gender_concept_id")
    assert gender == (1, 2, Status.FAILED)


def test_a_death_ends_the_care(tmp_path: Path) -> None:
    death = {
        "person_key": 1,
        "person_id": 1,
        "event_date": JAN,
        "death_date": JAN,
        "death_type_concept_id": EHR,
    }

    report = report_of(
        tmp_path, death=[death], condition_occurrence=[condition(1, 1, MAR), condition(2, 1, FEB)]
    )

    # Sixty days after 10 January 2020 is 10 March.
    expected = (0, 2, Status.PASSED)
    assert found(report, "care-after-death", "condition_occurrence") == expected


def test_there_are_over_twenty_kinds_of_check(tmp_path: Path) -> None:
    rows = [condition(1, 1, JAN, condition_source_value="E11", condition_end_date=JAN)]

    report = report_of(tmp_path, condition_occurrence=rows)

    assert len({check.check for check in report.checks}) > 20
    assert {check.unit for check in report.checks} >= {Unit.ROWS, Unit.PERSONS, Unit.CODES}
