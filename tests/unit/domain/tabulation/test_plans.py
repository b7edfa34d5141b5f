"""Plans that can be run, and those that cannot."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput
from ecluse.domain.tabulation import (
    CodeGroup,
    CodeGroups,
    ControlledRounding,
    Measure,
    MeasureKind,
    Noise,
    Source,
    Suppression,
    TableOrder,
    TabulationPlan,
    Years,
    canonical,
    sources,
)

SEX = CodeGroups("sex", "Sex", "IR_BEN_R", "BEN_SEX_COD", (CodeGroup("F", "Women", ("2",)),))
YEAR = Years("year", "Year", 2021, 2022)
PERSONS = (Measure(MeasureKind.PERSONS),)
CARE = Source("ER_PRS_F", date(2021, 1, 1), date(2022, 12, 31))
PEOPLE = TableOrder("people", "People", ("sex",), PERSONS)
BY_YEAR = TableOrder("by_year", "By year", ("year", "sex"), PERSONS, CARE)
PLAN = TabulationPlan("D-1", "A", "everybody", (SEX, YEAR), (PEOPLE, BY_YEAR), Suppression())


@pytest.mark.parametrize("protection", [Suppression(5), ControlledRounding(10), Noise(500)])
def test_a_plan_is_read_as_it_was_written(
    protection: Suppression | ControlledRounding | Noise,
) -> None:
    plan = replace(PLAN, protection=protection)

    assert codec.decode(codec.encode(plan), TabulationPlan) == plan


def test_a_table_does_not_take_the_name_of_the_codebook() -> None:
    with pytest.raises(InvalidInput, match="codebook"):
        TableOrder("codebook", "T", (), (Measure(MeasureKind.PERSONS),))


def test_tables_of_the_same_events_are_protected_together() -> None:
    third = replace(BY_YEAR, name="third", by=("year",))

    assert sources(replace(PLAN, tables=(PEOPLE, BY_YEAR, third))) == {
        None: (PEOPLE,),
        CARE: (BY_YEAR, third),
    }


def test_the_cells_of_a_table_include_its_totals() -> None:
    assert PLAN.cell_count(BY_YEAR) == 4 * 3


def test_a_variable_is_named_by_what_it_measures_whatever_it_is_called() -> None:
    renamed = replace(SEX, name="genre", title="Genre", groups=(CodeGroup("F", "Femmes", ("2",)),))
    other = replace(SEX, groups=(CodeGroup("F", "Women", ("1",)),))

    first = canonical(replace(PLAN, variables=(SEX, YEAR)))
    second = canonical(
        replace(
            PLAN,
            variables=(renamed, YEAR),
            tables=(replace(PEOPLE, by=("genre",)), replace(BY_YEAR, by=("year", "genre"))),
        )
    )
    third = canonical(replace(PLAN, variables=(other, YEAR)))

    assert first.tables == second.tables
    assert first.tables != third.tables


@pytest.mark.parametrize(
    "tables",
    [
        (),
        (PEOPLE, PEOPLE),
        (replace(PEOPLE, by=("unknown",)),),
        (replace(PEOPLE, by=("year",)),),
    ],
)
def test_a_plan_that_cannot_be_run_is_refused(tables: tuple[TableOrder, ...]) -> None:
    with pytest.raises(InvalidInput):
        replace(PLAN, tables=tables)


@pytest.mark.parametrize(
    "change",
    [
        {"measures": ()},
        {"measures": PERSONS * 2},
        {"by": ("sex", "sex")},
        {"measures": (Measure(MeasureKind.EVENTS),)},
        {"name": "../out"},
    ],
)
def test_a_table_that_cannot_be_counted_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        replace(PEOPLE, **change)  # type: ignore[arg-type]


def test_a_table_of_too_many_cells_is_refused() -> None:
    many = tuple(CodeGroup(f"g{rank}", "G", (f"{rank:03}",)) for rank in range(998))
    variables = tuple(CodeGroups(name, "G", "t", "c", many) for name in ("a", "b"))
    table = replace(PEOPLE, by=("a", "b"))

    with pytest.raises(InvalidInput, match="1000000 cells, at most 200000"):
        replace(PLAN, variables=variables, tables=(table,))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Measure(MeasureKind.PERSONS, "PRS_PAI_MNT"),
        lambda: Measure(MeasureKind.TOTAL),
        lambda: replace(CARE, last=date(2020, 1, 1)),
        lambda: replace(CARE, code_column="PRS_NAT_REF"),
        lambda: replace(CARE, codes=("1111",)),
        lambda: Noise(0),
    ],
)
def test_a_part_that_means_nothing_is_refused(make: object) -> None:
    with pytest.raises(InvalidInput):
        make()  # type: ignore[operator]
