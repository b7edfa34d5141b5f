from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain import identifying, permits
from ecluse.domain.documents import Coarsening, DatasetScope, Permit, Precision, TableScope
from ecluse.domain.errors import InvalidInput, OutOfScope
from ecluse.domain.identifying import Fact
from tests.unit.domain import build

CARE = TableScope("ER_PRS_F", ("EXE_SOI_DTD",))
BIRTH = TableScope("IR_BEN_R", ("BEN_NAI_ANN", "BEN_NAI_MOI"))


def permit(*tables: TableScope, together: tuple[str, ...] = (), why: str | None = None) -> Permit:
    scope = DatasetScope("snds-synthetic", tables, date(2022, 1, 1), date(2023, 12, 31))
    return build.permit(datasets=(scope,), together=together, together_reason=why)


@pytest.mark.parametrize(
    ("column", "fact"),
    [
        ("BEN_NAI_MOI", Fact.BIRTH_MONTH),
        ("BEN_RES_COM", Fact.RESIDENCE),
        ("EXE_SOI_DTD", Fact.CARE_DAY),
        ("event_date", Fact.CARE_DAY),
        ("ENT_DAT", Fact.CARE_DAY),
        ("drug_exposure_start_date", Fact.CARE_DAY),
        ("visit_end_datetime", Fact.CARE_DAY),
        ("BEN_DCD_DTE", Fact.DEATH_DAY),
        ("DCD_COM_COD", Fact.DEATH_PLACE),
        ("BEN_NAI_ANN", None),
        ("EXE_SOI_AMD", None),
        ("BEN_RES_DPT", None),
        ("FLX_DIS_DTD", None),
    ],
)
def test_a_column_gives_a_fact_that_identifies_or_none(column: str, fact: Fact | None) -> None:
    assert identifying.fact_of(column) == fact


def test_one_such_fact_alone_is_allowed() -> None:
    permits.check_terms(permit(CARE))


def test_two_such_facts_are_refused_even_from_two_tables() -> None:
    with pytest.raises(InvalidInput, match="day-of-care, month-of-birth"):
        permits.check_terms(permit(CARE, BIRTH))


def test_two_are_allowed_when_one_is_coarsened() -> None:
    months = TableScope("ER_PRS_F", ("EXE_SOI_DTD",), (Coarsening("EXE_SOI_DTD", Precision.MONTH),))

    permits.check_terms(permit(months, BIRTH))


def test_two_are_allowed_when_they_are_authorised_with_a_reason() -> None:
    both = ("day-of-care", "month-of-birth")

    permits.check_terms(permit(CARE, BIRTH, together=both, why="CNIL DR-2026-001"))


def test_authorising_one_of_two_is_not_enough() -> None:
    with pytest.raises(InvalidInput, match="month-of-birth"):
        permits.check_terms(permit(CARE, BIRTH, together=("day-of-care",), why="For fun."))


def test_an_authorisation_without_reason_is_refused() -> None:
    with pytest.raises(InvalidInput, match="why"):
        permits.check_terms(permit(CARE, BIRTH, together=("day-of-care", "month-of-birth")))


def test_an_unknown_fact_authorises_nothing() -> None:
    with pytest.raises(InvalidInput, match="among"):
        permits.check_terms(permit(CARE, together=("shoe-size",), why="CNIL DR-2026-001"))


def test_an_order_under_a_permit_that_was_never_checked_is_refused_too() -> None:
    unchecked = permit(CARE, BIRTH)
    order = replace(build.ORDER, dataset="snds-synthetic", tables=(CARE, BIRTH))

    with pytest.raises(OutOfScope, match="could identify"):
        permits.check_extraction(order, unchecked)


def test_an_order_for_one_of_the_two_is_obeyed() -> None:
    order = replace(build.ORDER, dataset="snds-synthetic", tables=(CARE,))

    permits.check_extraction(order, permit(CARE, BIRTH))


def test_an_order_that_asks_more_precisely_than_the_permit_is_refused() -> None:
    year = Coarsening("EXE_SOI_DTD", Precision.YEAR)
    month = Coarsening("EXE_SOI_DTD", Precision.MONTH)
    given = permit(TableScope("ER_PRS_F", ("EXE_SOI_DTD",), (year,)))
    asked = (TableScope("ER_PRS_F", ("EXE_SOI_DTD",), (month,)),)

    with pytest.raises(OutOfScope, match="gives less of EXE_SOI_DTD"):
        permits.check_extraction(
            replace(build.ORDER, dataset="snds-synthetic", tables=asked), given
        )
