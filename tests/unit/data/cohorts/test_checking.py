from datetime import date

import pytest

from ecluse.data.cohorts.checking import check
from ecluse.data.schemas import model
from ecluse.domain.cohorts import (
    Aged,
    AtLeast,
    Cohort,
    ColumnAt,
    Comparison,
    Condition,
    Events,
    EveryEvent,
    FixedDay,
    LinkedEvents,
    LivesIn,
    SameRecord,
    Step,
    Total,
    Value,
    Variable,
    Where,
    cohort_of,
)
from ecluse.domain.errors import InvalidInput

SNDS, OMOP = model("snds"), model("omop")
DRUGS = Events("drug_atc", ("A10",))
STAYS = Events("stay_main_diagnosis", ("E11",))


def refusal(condition: Condition) -> str:
    with pytest.raises(InvalidInput) as refused:
        check(cohort_of(condition), SNDS)
    return str(refused.value)


def refused_variable(value: Value, name: str = "v") -> str:
    cohort = Cohort((Step("Tous", AtLeast(DRUGS)),), variables=(Variable(name, value, "V"),))
    with pytest.raises(InvalidInput) as refused:
        check(cohort, SNDS)
    return str(refused.value)


def claims_where(column: str, comparison: Comparison, *values: str) -> AtLeast:
    return AtLeast(EveryEvent("act_nature", (Where(column, comparison, values),)))


def test_a_cohort_of_what_the_model_has_is_accepted() -> None:
    drugs = Events("drug_atc", ("A10",), where=(Where("PHA_ACT_QSN", Comparison.AT_LEAST, ("2",)),))
    same = SameRecord(STAYS, Events("stay_associated_diagnosis", ("I10",)))
    condition = AtLeast(drugs) & AtLeast(same) & Aged(FixedDay(date(2022, 1, 1)), 18, None)

    check(cohort_of(condition), SNDS)


def test_every_source_and_link_that_is_missing_is_named() -> None:
    said = refusal(AtLeast(Events("horoscope", ("A1",))) | AtLeast(LinkedEvents(DRUGS, "cousin")))

    assert "no event source 'horoscope'" in said
    assert "no link 'cousin' (use mother)" in said


def test_a_column_that_the_table_lacks_is_named() -> None:
    assert "act_nature has no column MOOD" in refusal(claims_where("MOOD", Comparison.IS_PRESENT))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("PRS_ACT_QTE", "two"),
        ("PRS_NAT_REF", "99999999999999999999"),
        ("BSE_REM_MNT", "nan"),
        ("PRE_PRE_DTD", "31/01/2022"),
    ],
)
def test_a_value_that_is_not_of_the_type_of_its_column_is_refused_and_not_told(
    column: str, value: str
) -> None:
    said = refusal(claims_where(column, Comparison.AT_LEAST, value))

    assert f"a value given for {column} is not of its type" in said
    assert value not in said


def test_nobody_is_looked_for_by_pseudonym() -> None:
    said = refusal(claims_where("BEN_NIR_PSA", Comparison.IS_IN, "a" * 17))

    assert "BEN_NIR_PSA names persons: no condition can be put on it" in said


def test_pseudonyms_of_persons_and_professionals_are_never_a_variable() -> None:
    claims = EveryEvent("act_nature")

    assert "cannot be given" in refused_variable(ColumnAt(claims, "BEN_NIR_PSA"))
    assert "cannot be given" in refused_variable(ColumnAt(claims, "PFS_EXE_NUM"))


def test_stays_and_claims_are_not_the_same_records() -> None:
    assert "not found in the same records" in refusal(AtLeast(SameRecord(STAYS, DRUGS)))


def test_only_numbers_are_added_up() -> None:
    said = refused_variable(Total(EveryEvent("act_nature"), "PRE_PRE_DTD"))

    assert "does not hold numbers" in said


def test_a_variable_does_not_take_the_name_of_a_column_of_the_cohort() -> None:
    said = refused_variable(Total(EveryEvent("act_nature"), "BSE_REM_MNT"), name="person_key")

    assert "cannot be called person_key" in said


def test_a_fact_that_the_register_does_not_tell_is_named() -> None:
    with pytest.raises(InvalidInput, match="does not tell their department"):
        check(cohort_of(LivesIn(("75",))), OMOP)
