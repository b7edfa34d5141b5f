"""The precision that an applicant asks for: kept with the answer, read by the decision."""

from django.http import QueryDict

from ecluse.domain.documents import Coarsening, Precision, TableScope
from ecluse.domain.forms import Field
from ecluse.portal.applications import labels, scope, versions
from ecluse.portal.applications.controls import Setting, make, read
from tests.unit.portal.permits.columns import ASKED, RICH

FIVE = Coarsening("BEN_NAI_ANN", Precision.AGE_BAND, 5)


def question() -> Field:
    return versions.load("data-access-application", 1).field("tables")


def test_only_days_ages_and_places_that_are_ticked_have_a_precision() -> None:
    made = make(question(), "tables", ASKED, Setting(RICH, "fr"))

    assert [name for name in made if "." in name] == [
        "tables_ER_PHA_F.event_date",
        "tables_IR_BEN_R.BEN_NAI_ANN",
        "tables_IR_BEN_R.BEN_DCD_DTE",
        "tables_IR_BEN_R.BDI_COD",
    ]
    assert made["tables_IR_BEN_R.BEN_NAI_ANN"].initial == "age-band:5"
    assert made["tables_IR_BEN_R.BDI_COD"].initial == "as-is"


def test_what_is_chosen_is_kept_with_the_answer_and_read_back() -> None:
    data = QueryDict("tables_IR_BEN_R=BEN_SEX_COD&tables_IR_BEN_R=BEN_NAI_ANN")
    made = make(question(), "tables", None, Setting(RICH, "fr", data))
    cleaned = {
        "tables_ER_PHA_F": [],
        "tables_IR_BEN_R": ["BEN_SEX_COD", "BEN_NAI_ANN"],
        "tables_IR_BEN_R.BEN_NAI_ANN": made["tables_IR_BEN_R.BEN_NAI_ANN"].clean("age-band:5"),
    }

    answer = read(question(), "tables", cleaned)

    assert answer == [
        {
            "table": "IR_BEN_R",
            "columns": ["BEN_SEX_COD", "BEN_NAI_ANN"],
            "coarsened": [{"column": "BEN_NAI_ANN", "to": "age-band", "step": 5}],
        }
    ]
    assert scope.read_tables(answer) == (
        TableScope("IR_BEN_R", ("BEN_SEX_COD", "BEN_NAI_ANN"), (FIVE,)),
    )


def test_an_answer_without_precision_is_written_as_before() -> None:
    answer = read(question(), "tables", {"tables_ER_PHA_F": ["PHA_PRS_C13"]})

    assert answer == [{"table": "ER_PHA_F", "columns": ["PHA_PRS_C13"]}]


def test_what_is_no_precision_counts_for_nothing() -> None:
    made = make(question(), "tables", ASKED, Setting(RICH, "fr"))

    assert made["tables_IR_BEN_R.BDI_COD"].clean("'; DROP TABLE") is None


def test_a_precision_that_cannot_be_read_leaves_the_column_whole() -> None:
    answer = [
        {
            "table": "IR_BEN_R",
            "columns": ["BEN_NAI_ANN"],
            "coarsened": [{"column": "BEN_NAI_ANN", "to": "age-band", "step": 0}, "x", None],
        }
    ]

    assert scope.read_tables(answer) == (TableScope("IR_BEN_R", ("BEN_NAI_ANN",)),)


def test_the_assessor_reads_the_precision_asked() -> None:
    told = labels.answer_text(question(), ASKED, "fr")

    assert told == (
        "ER_PHA_F (event_date, PHA_PRS_C13) ; IR_BEN_R (BEN_SEX_COD, BEN_NAI_ANN (par tranche"
        " de 5), BEN_NAI_MOI, BEN_DCD_DTE, BDI_COD)"
    )
