"""The form of an order becomes a cohort, columns with their precision, filters and formats."""

import json
from datetime import date
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from ecluse.domain import codec
from ecluse.domain.cohorts import AnyOf, AtLeast, Cohort, Events, Not, Step, cohort_of
from ecluse.domain.documents import (
    Coarsening,
    DatasetScope,
    FileFormat,
    FilterState,
    FilterSwitch,
    Precision,
    TableScope,
)
from ecluse.portal.extractions.actions import Request
from ecluse.portal.extractions.forms import OrderForm
from tests.unit.portal.applications.road import NOTICE
from tests.unit.portal.permits.columns import RICH

SCOPE = DatasetScope(
    "snds-synthetic",
    (TableScope("ER_PHA_F", ("PHA_PRS_C13",)),),
    date(2021, 1, 1),
    date(2023, 12, 31),
)
FIRST = AtLeast(Events("drug_atc", ("A10",)), 3)
SECOND = AtLeast(Events("drug_atc", ("M01A",)))


def cohort(**changes: str) -> Cohort:
    """The cohort of two criteria, changed by keyword."""
    data = {
        "source_1": "drug_atc",
        "codes_1": "a10",
        "match_1": "prefix",
        "dates_1": "3",
        "source_2": "drug_atc",
        "codes_2": "M01A",
        "match_2": "prefix",
        "dates_2": "1",
        "match_3": "prefix",
        "dates_3": "1",
        "combination": "all",
        "care_from": "2022-01-01",
        "care_to": "2022-12-31",
        "flux_until": "2023-06",
        "tables_ER_PHA_F": ["PHA_PRS_C13"],
        **changes,
    }
    form = OrderForm(SCOPE, NOTICE, data)
    assert form.is_valid(), form.errors
    return form.request().cohort


def title() -> str:
    return next(one.title_fr for one in NOTICE.sources if one.name == "drug_atc")


def test_criteria_that_must_all_be_met_are_steps_of_the_flowchart() -> None:
    assert cohort() == Cohort(
        (
            Step(f"Critère 1 : {title()}", FIRST),
            Step(f"Critère 2 : {title()}", SECOND),
        )
    )


def test_a_criterion_that_excludes_says_so() -> None:
    steps = cohort(excludes_2="on").steps

    assert steps[1] == Step(f"Critère 2 : sans {title()}", Not(SECOND))


def test_criteria_of_which_one_suffices_are_one_step() -> None:
    assert cohort(combination="any") == cohort_of(AnyOf((FIRST, SECOND)), label="Dans la cohorte")


def test_one_criterion_is_one_step() -> None:
    assert cohort(source_2="", codes_2="") == cohort_of(FIRST, label="Dans la cohorte")


MONTH = Coarsening("event_date", Precision.MONTH)
THREE = Coarsening("PHA_PRS_C13", Precision.FIRST_CHARACTERS, 3)
GIVEN = DatasetScope(
    "snds-synthetic",
    (
        TableScope("ER_PHA_F", ("event_date", "PHA_PRS_C13", "PHA_ACT_QSN"), (MONTH,)),
        TableScope("IR_BEN_R", ("BEN_SEX_COD",)),
    ),
    date(2021, 1, 1),
    date(2023, 12, 31),
)
ORDER = {
    "source_1": "drug_atc",
    "codes_1": "A10",
    "match_1": "prefix",
    "dates_1": "3",
    "match_2": "prefix",
    "dates_2": "1",
    "match_3": "prefix",
    "dates_3": "1",
    "combination": "all",
    "care_from": "2022-01-01",
    "care_to": "2022-12-31",
    "flux_until": "2023-06",
    "tables_ER_PHA_F": ["event_date", "PHA_PRS_C13"],
}
WHOLE = cohort_of(AtLeast(Events("drug_atc", ("A10",)).in_year(2022), 3), label="Traités")
JSON = json.dumps(codec.encode(WHOLE))
NO_CRITERIA = {"source_1": "", "codes_1": ""}


def form(files: dict[str, object] | None = None, **changes: object) -> OrderForm:
    """The form of an order under a permit that gives the day of care by month."""
    values = {**ORDER, **{name.replace("__", "."): value for name, value in changes.items()}}
    return OrderForm(GIVEN, RICH, QueryDict(urlencode(values, doseq=True)), files)


def request(files: dict[str, object] | None = None, **changes: object) -> Request:
    filled = form(files, **changes)
    assert filled.is_valid(), filled.errors
    return filled.request()


def test_a_column_is_ordered_as_the_permit_gives_it_without_a_word() -> None:
    assert request().tables == (TableScope("ER_PHA_F", ("event_date", "PHA_PRS_C13"), (MONTH,)),)


def test_less_than_the_permit_gives_can_be_ordered() -> None:
    asked = request(
        tables_ER_PHA_F__PHA_PRS_C13="first-characters:3", tables_ER_PHA_F__event_date="year"
    )

    assert asked.tables[0].coarsened == (Coarsening("event_date", Precision.YEAR), THREE)


@pytest.mark.parametrize("posted", ["as-is", "rounded:10", "month:1", "AS-IS", "<script>"])
def test_more_than_the_permit_gives_posted_by_hand_is_refused(posted: str) -> None:
    assert list(form(tables_ER_PHA_F__event_date=posted).errors) == ["tables_ER_PHA_F.event_date"]


@pytest.mark.parametrize("column", ["BEN_NIR_ANO", "BEN_NAI_MOI", "*", ""])
def test_a_column_that_is_not_offered_is_refused(column: str) -> None:
    assert "tables_IR_BEN_R" in form(tables_IR_BEN_R=["BEN_SEX_COD", column]).errors


def test_one_column_posted_twice_is_asked_once() -> None:
    asked = request(tables_ER_PHA_F=["PHA_PRS_C13", "PHA_PRS_C13"])

    assert asked.tables[0].columns == ("PHA_PRS_C13",)


def test_filters_in_their_advised_state_are_not_said() -> None:
    assert request(filter_surcharges="on", filter_provisional_persons="off").filters == ()
    assert request().filters == ()


def test_a_filter_in_another_state_is_said() -> None:
    asked = request(filter_surcharges="off", filter_provisional_persons="strict")

    assert asked.filters == (
        FilterSwitch("surcharges", FilterState.OFF),
        FilterSwitch("provisional_persons", FilterState.STRICT),
    )


def test_what_is_no_state_of_a_filter_is_refused() -> None:
    assert list(form(filter_surcharges="maybe").errors) == ["filter_surcharges"]


def test_csv_and_sas_come_beside_parquet() -> None:
    assert request(formats=["csv", "sas-xport"]).formats == (FileFormat.CSV, FileFormat.XPORT)


def test_a_format_that_does_not_exist_is_refused() -> None:
    assert list(form(formats=["xlsx"]).errors) == ["formats"]


def test_a_cohort_in_the_full_language_replaces_the_criteria() -> None:
    assert request(cohort_text=JSON, **NO_CRITERIA).cohort == WHOLE


def test_a_file_sent_is_read_and_shown_again_as_text() -> None:
    sent = SimpleUploadedFile("cohorte.json", b"\xef\xbb\xbf" + JSON.encode())
    filled = form({"cohort_file": sent}, **NO_CRITERIA)

    assert filled.is_valid(), filled.errors
    assert filled.request().cohort == WHOLE
    assert filled["cohort_text"].value() == JSON


def test_a_file_that_is_not_text_is_told_beside_it() -> None:
    sent = SimpleUploadedFile("cohorte.json", b"\xff\xfe\x00")

    assert list(form({"cohort_file": sent}, **NO_CRITERIA).errors) == ["cohort_file"]


def test_an_empty_file_leaves_the_criteria() -> None:
    sent = SimpleUploadedFile("cohorte.json", b"")

    assert request({"cohort_file": sent}).cohort == cohort_of(FIRST, label="Dans la cohorte")


def test_criteria_and_a_cohort_together_are_sent_back() -> None:
    assert list(form(cohort_text=JSON).errors) == ["cohort_text"]


def test_a_cohort_that_the_permit_does_not_give_is_told() -> None:
    other = json.dumps(codec.encode(cohort_of(AtLeast(Events("stay_act", ("NEKA020",))))))

    filled = form(cohort_text=other, **NO_CRITERIA)

    assert "stay_act" in filled.errors["cohort_text"][0]


def test_criteria_are_held_against_the_permit_too() -> None:
    before = form(codes_1="E11", from_1="2020-12-31")

    assert len(before.errors["__all__"]) == 2
    assert "2020-12-31" in before.errors["__all__"][0]
    assert "codes ATC : E11" in before.errors["__all__"][1]


def test_an_order_without_any_cohort_asks_for_a_criterion() -> None:
    assert list(form(**NO_CRITERIA).errors) == ["source_1", "codes_1"]


def test_what_the_summary_carries_is_what_was_asked() -> None:
    asked = request(cohort_text=JSON, filter_surcharges="off", formats=["csv"], **NO_CRITERIA)

    assert codec.decode(codec.encode(asked), Request) == asked
