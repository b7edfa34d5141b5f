"""What is proposed of each column, and what clashes."""

from datetime import date

import pytest

from ecluse.domain.documents import Coarsening, DatasetScope, Precision, TableScope
from ecluse.domain.errors import InvalidInput
from ecluse.domain.identifying import Fact
from ecluse.domain.minimisation import check_no_sharper, clashing, proposed, ways, written

MONTH = Coarsening("BEN_DCD_DTE", Precision.MONTH)
YEAR = Coarsening("BEN_DCD_DTE", Precision.YEAR)
ONLY = Coarsening("BEN_DCD_DTE", Precision.CHOICE_ONLY)
DAYS = (Precision.MONTH, Precision.YEAR, Precision.CHOICE_ONLY)


def scope(*tables: TableScope) -> DatasetScope:
    return DatasetScope("snds", tables, date(2021, 1, 1), date(2023, 12, 31))


def test_the_ways_of_giving_a_day_go_from_the_value_to_nothing() -> None:
    assert ways("BEN_DCD_DTE", DAYS) == (None, MONTH, YEAR, ONLY)


def test_no_way_says_more_than_what_is_given() -> None:
    assert ways("BEN_DCD_DTE", DAYS, given=YEAR) == (YEAR, ONLY)


def test_an_unusual_step_that_is_given_is_a_way_and_so_are_its_multiples() -> None:
    two = Coarsening("AGE", Precision.AGE_BAND, 2)

    found = ways("AGE", (Precision.AGE_BAND, Precision.CHOICE_ONLY), given=two)

    assert [written(one) for one in found] == ["age-band:2", "age-band:10", "choice-only"]


def test_beginnings_of_a_code_are_offered_from_the_longest() -> None:
    found = ways("CODE", (Precision.FIRST_CHARACTERS,))

    assert [written(one) for one in found][:3] == [
        "as-is",
        "first-characters:5",
        "first-characters:4",
    ]


def test_the_day_of_care_stays_and_other_facts_are_lessened() -> None:
    asked = (
        TableScope("ER_PRS_F", ("EXE_SOI_DTD", "BEN_RES_COM")),
        TableScope("IR_BEN_R", ("BEN_DCD_DTE",)),
    )
    precisions = {
        ("ER_PRS_F", "EXE_SOI_DTD"): DAYS,
        ("ER_PRS_F", "BEN_RES_COM"): (Precision.CHOICE_ONLY,),
        ("IR_BEN_R", "BEN_DCD_DTE"): DAYS,
    }

    assert proposed(asked, precisions) == (
        TableScope(
            "ER_PRS_F",
            ("EXE_SOI_DTD", "BEN_RES_COM"),
            (Coarsening("BEN_RES_COM", Precision.CHOICE_ONLY),),
        ),
        TableScope("IR_BEN_R", ("BEN_DCD_DTE",), (MONTH,)),
    )


def test_what_the_applicant_coarsened_is_proposed_as_it_is() -> None:
    asked = (TableScope("IR_BEN_R", ("BEN_DCD_DTE",), (YEAR,)),)

    assert proposed(asked, {("IR_BEN_R", "BEN_DCD_DTE"): DAYS}) == asked


def test_one_fact_alone_is_proposed_whole() -> None:
    asked = (TableScope("IR_BEN_R", ("BEN_DCD_DTE", "BEN_SEX_COD")),)

    assert proposed(asked, {("IR_BEN_R", "BEN_DCD_DTE"): DAYS}) == asked


def test_every_column_of_facts_that_clash_is_told() -> None:
    table = TableScope("ER_PRS_F", ("EXE_SOI_DTF", "EXE_SOI_DTD", "BEN_DCD_DTE", "PRS_NAT_REF"))

    assert clashing(scope(table), authorised=()) == (
        (("ER_PRS_F", "BEN_DCD_DTE"), Fact.DEATH_DAY),
        (("ER_PRS_F", "EXE_SOI_DTD"), Fact.CARE_DAY),
        (("ER_PRS_F", "EXE_SOI_DTF"), Fact.CARE_DAY),
    )


def test_facts_that_are_authorised_together_do_not_clash() -> None:
    table = TableScope("ER_PRS_F", ("EXE_SOI_DTD", "BEN_DCD_DTE"))

    assert clashing(scope(table), authorised=("day-of-care", "day-of-death")) == ()


def test_a_column_given_whole_where_less_was_asked_is_refused() -> None:
    given = TableScope("IR_BEN_R", ("BEN_DCD_DTE",))
    asked = TableScope("IR_BEN_R", ("BEN_DCD_DTE",), (MONTH,))

    with pytest.raises(InvalidInput, match="IR_BEN_R BEN_DCD_DTE"):
        check_no_sharper([given], [asked])


def test_a_column_given_with_less_than_was_asked_passes() -> None:
    given = TableScope("IR_BEN_R", ("BEN_DCD_DTE",), (YEAR,))
    asked = TableScope("IR_BEN_R", ("BEN_DCD_DTE",), (MONTH,))

    check_no_sharper([given], [asked])
