"""Data requests as an attacker makes them: rows, small cells, the difference of two answers."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

import ecluse.data.tabulation as stage
from ecluse.data.tabulation import Axis, Memory, ProtectedTable, write
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.data.tabulation.tables import Seal
from ecluse.domain import codec
from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, Refused
from ecluse.domain.tabulation import (
    CodeGroup,
    CodeGroups,
    Measure,
    MeasureKind,
    Noise,
    TabulationPlan,
    TabulationPolicy,
)
from tests.unit.data.tabulation.clinics import (
    AGE,
    CARE,
    EVENTS,
    LATER,
    MAN,
    PERSONS,
    clinic,
    condition,
    person,
    plan,
    read,
    table,
)

MARCH, APRIL = date(2021, 3, 1), date(2022, 4, 1)
WOMEN = [person(key) for key in range(60)]
MEN = [person(key, sex=MAN) for key in range(60, 120)]
EVERYBODY = WOMEN + MEN


def test_the_same_count_without_one_person_does_not_tell_of_that_person(tmp_path: Path) -> None:
    here = clinic(tmp_path, EVERYBODY)
    here.answer(plan(table("sex")))

    made = here.answer(plan(table("sex"), number="D-2"), here.everybody[1:])

    shown = read(made)
    assert shown["_T",] is None
    assert shown["F",] is None
    assert shown["M",] == 60


def test_a_population_of_eleven_more_is_told_of_freely(tmp_path: Path) -> None:
    here = clinic(tmp_path, EVERYBODY)
    here.answer(plan(table("sex")))

    made = here.answer(plan(table("sex"), number="D-2"), here.everybody[11:])

    assert read(made) == {("_T",): 109, ("F",): 49, ("M",): 60, ("_O",): 0}


def test_a_period_longer_by_a_year_with_few_persons_does_not_tell_of_them(tmp_path: Path) -> None:
    rows = [condition(key, "E11", MARCH) for key in range(50)]
    rows += [condition(key, "E11", APRIL) for key in range(50, 53)]
    here = clinic(tmp_path, EVERYBODY, rows)
    one_year = replace(CARE, last=date(2021, 12, 31))
    here.answer(plan(table("disease", of=one_year)))

    made = here.answer(plan(table("disease", of=CARE), number="D-2"))

    assert read(made)["diabetes",] is None
    assert read(made)["_T",] is None


def test_two_periods_in_one_plan_are_told_apart_no_more(tmp_path: Path) -> None:
    rows = [condition(key, "E11", MARCH) for key in range(50)]
    rows += [condition(key, "E11", APRIL) for key in range(50, 53)]
    here = clinic(tmp_path, EVERYBODY, rows)
    one_year = replace(CARE, last=date(2021, 12, 31))

    made = here.answer(plan(table(name="short", of=one_year), table(name="long", of=CARE)))

    assert None in (read(made, "short")[()], read(made, "long")[()])


def test_those_few_without_an_event_are_not_told_by_those_who_have_one(tmp_path: Path) -> None:
    rows = [condition(key, "E11", MARCH) for key in range(115)]
    here = clinic(tmp_path, EVERYBODY, rows)

    made = here.answer(plan(table(name="all"), table(name="ill", of=CARE)))

    assert None in (read(made, "all")[()], read(made, "ill")[()])


def test_a_variable_asked_under_another_name_is_the_same(tmp_path: Path) -> None:
    people = [*WOMEN, *[person(key, sex=MAN) for key in range(60, 64)]]
    here = clinic(tmp_path, people)
    first = here.answer(plan(table("sex")))
    asked = plan(table("sex"), number="D-2")
    sex = replace(asked.variable("sex"), name="genre", title="Genre")
    renamed = replace(asked, variables=(sex,), tables=(replace(asked.tables[0], by=("genre",)),))

    second = here.answer(renamed)

    assert read(first) == read(second)


def test_a_breakdown_asked_later_does_not_give_back_what_was_hidden(tmp_path: Path) -> None:
    young_men = [person(key, sex=MAN, born=2000) for key in range(60, 64)]
    old_men = [person(key, sex=MAN) for key in range(64, 120)]
    here = clinic(tmp_path, WOMEN + young_men + old_men)
    first = here.answer(plan(table("sex", "age")))

    second = here.answer(plan(table("age", "sex"), number="D-2"))
    third = here.answer(plan(table("age"), number="D-3"))

    assert read(first)["M", "0-39"] is None
    assert read(second)["0-39", "M"] is None
    assert read(third)["0-39",] is None


def test_bands_shifted_by_a_year_do_not_tell_of_those_of_that_age(tmp_path: Path) -> None:
    of_40 = [person(key, born=1982) for key in range(120, 123)]
    younger = [person(key, born=1990) for key in range(123, 150)]
    older = [person(key, born=1970) for key in range(150, 170)]
    here = clinic(tmp_path, [*EVERYBODY, *of_40, *younger, *older])
    first = here.answer(plan(table("age")))
    asked = plan(table("age"), number="D-2")
    shifted = (replace(AGE, starts=(0, 41, 65)),)

    second = here.answer(replace(asked, variables=shifted))

    assert read(first)["0-39",] == 27
    assert read(second)["0-40",] is None


def test_bands_of_two_widths_do_not_tell_of_the_ages_between(tmp_path: Path) -> None:
    by_year = [person(2 * rank + one, born=1963 + rank) for rank in range(57) for one in (0, 1)]
    here = clinic(tmp_path, by_year)
    asked = plan(table("age"))
    wide, narrow = (
        (replace(AGE, starts=(0, 20, 40)),),
        (replace(AGE, starts=(0, 10, 21, 30, 40, 50)),),
    )
    first = here.answer(replace(asked, variables=wide))

    second = here.answer(replace(asked, variables=narrow, number="D-2"))

    # Two of each age: those of 0 to 20 less those of 0 to 19 are the two of 20.
    assert (read(first)["0-19",], read(first)["20-39",]) == (34, 40)
    assert None in (read(second)["0-9",], read(second)["10-20",])
    assert None in (read(second)["21-29",], read(second)["30-39",])


def test_those_of_one_year_alone_are_not_told_by_the_total_of_two(tmp_path: Path) -> None:
    rows = [condition(key, "E11", MARCH) for key in range(50)]
    rows += [condition(key, "E11", APRIL) for key in range(20, 54)]
    here = clinic(tmp_path, EVERYBODY, rows)

    made = here.answer(plan(table("year", of=CARE)))

    # 54 in all, 50 of 2021, 34 of 2022: 4 had care in 2022 alone.
    assert None in (read(made)["_T",], read(made)["2021",])


def test_a_new_snapshot_does_not_tell_of_the_person_whom_it_adds(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    before = clinic(tmp_path / "a", EVERYBODY, memory=memory)
    after = clinic(tmp_path / "b", [*EVERYBODY, person(120)], memory=memory, now=LATER)
    before.answer(plan(table("sex")))

    made = after.answer(plan(table("sex"), number="D-2"))

    assert read(made)["F",] is None
    assert read(made)["_T",] is None
    assert read(made)["M",] == 60


def test_a_person_with_nearly_all_events_does_not_show_through(tmp_path: Path) -> None:
    few = [condition(key, "E11", MARCH) for key in range(20)]
    many = [condition(0, "E11", date(2021, 4, day)) for day in range(1, 31)]
    here = clinic(tmp_path, EVERYBODY, few + many * 20)

    made = here.answer(plan(table("disease", measures=(PERSONS, EVENTS), of=CARE)))

    assert read(made)["diabetes",] is None
    assert made.tables[0].numbers[(0,)] == (None, None)


def test_a_group_that_is_all_of_one_category_is_not_told(tmp_path: Path) -> None:
    sensitive = CodeGroups(
        "sex", "Sex", "person", "gender_concept_id",
        (CodeGroup("M", "Men", (str(MAN),)), CodeGroup("F", "Women", ("8532",))),
        is_exact=True, is_sensitive=True,
    )  # fmt: skip
    old = [person(key, sex=MAN, born=1950) for key in range(30)]
    young = [person(key, born=2000) for key in range(30, 60)]
    mixed = [person(key, sex=sex, born=1970) for sex in (MAN, 8532) for key in _keys(sex)]
    asked = plan(table("age", "sex"))
    asked = replace(asked, variables=(sensitive, *asked.variables[1:]))

    made = clinic(tmp_path, old + young + mixed).answer(asked)

    shown = read(made)
    assert shown["65+", "M"] is None
    assert shown["0-39", "F"] is None


def _keys(sex: int) -> range:
    return range(60, 90) if sex == MAN else range(90, 120)


def test_a_protected_table_is_made_by_the_protection_alone() -> None:
    axis = Axis("sex", "Sex", ())

    with pytest.raises(NotAllowed, match="was not protected"):
        ProtectedTable("t", "T", (axis,), ("persons",), {(): (3,)}, Seal())


def test_nothing_public_gives_a_count_or_a_row() -> None:
    public = {name: getattr(stage, name) for name in stage.__all__}
    returned = {
        str(member.__annotations__["return"])
        for member in public.values()
        if not isinstance(member, type | ModuleType)
    }
    answer_types = {str(field.type) for field in dataclasses.fields(stage.Answer)}

    assert not {"CellContent", "Counts", "Holdings", "Frame", "Joint"} & set(public)
    assert not any(
        word in name for name in returned | answer_types for word in ("Counts]", "Frame")
    )
    assert dataclasses.fields(stage.Answer)[4].type == tuple[ProtectedTable, ...]


@pytest.mark.parametrize(
    "column",
    ["gender_concept_id) FROM person; DROP TABLE x; --", "\"; COPY x TO '/tmp/out' --", "a'b"],
)
def test_sql_in_a_column_is_a_column_that_does_not_exist(tmp_path: Path, column: str) -> None:
    here = clinic(tmp_path, EVERYBODY)
    hostile = CodeGroups("sex", "Sex", "person", column, (CodeGroup("a", "A", ("1",)),))
    asked = replace(plan(table("sex")), variables=(hostile,))

    with pytest.raises(InvalidInput, match="has no column"):
        here.answer(asked)


def test_sql_in_a_code_is_a_code_that_nobody_has(tmp_path: Path) -> None:
    here = clinic(tmp_path, EVERYBODY, [condition(key, "E11", MARCH) for key in range(20)])
    hostile = replace(
        CARE, code_column="condition_source_value", codes=("E11' OR '1'='1", "%", "*")
    )

    made = here.answer(plan(table(of=hostile)))

    assert read(made)[()] == 0


def test_a_formula_in_a_title_is_not_run_by_a_spreadsheet(tmp_path: Path) -> None:
    here = clinic(tmp_path, EVERYBODY)
    asked = plan(table("sex"))
    sex = replace(asked.variable("sex"), title="=HYPERLINK(1)")
    write(here.answer(replace(asked, variables=(sex, *asked.variables[1:]))), tmp_path / "out")

    text = (tmp_path / "out" / "codebook.csv").read_text()
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text


@pytest.mark.parametrize(
    "change",
    [
        {"tables": []},
        {"protection": {"type": "None"}},
        {"protection": {"type": "Noise", "epsilon_thousandths": 0, "cells_per_person": 1}},
        {"variables": [{"type": "Rows", "name": "rows"}]},
        {"rows": True},
    ],
)
def test_a_plan_altered_so_as_to_ask_for_something_else_is_refused(
    change: dict[str, object],
) -> None:
    content = codec.encode(plan(table("sex")))
    assert isinstance(content, dict)

    with pytest.raises(EcluseError):
        codec.decode({**content, **change}, TabulationPlan)  # type: ignore[dict-item]


def test_groups_that_overlap_would_count_persons_twice_and_are_refused() -> None:
    with pytest.raises(InvalidInput, match="falls in two groups"):
        CodeGroups(
            "x", "X", "t", "c", (CodeGroup("a", "A", ("E1",)), CodeGroup("b", "B", ("E11",)))
        )


def test_a_small_minimum_cannot_be_set() -> None:
    with pytest.raises(InvalidInput):
        TabulationPolicy(minimum_count=1)


def test_two_requests_at_once_are_answered_one_after_the_other(tmp_path: Path) -> None:
    here = clinic(tmp_path, EVERYBODY)

    def ask(number: str, persons: PersonKeys) -> object:
        return read(here.answer(plan(table("sex"), number=number), persons))["F",]

    with ThreadPoolExecutor(2) as pool:
        shown = list(pool.map(ask, ("D-1", "D-2"), (here.everybody, here.everybody[1:])))

    assert shown.count(None) == 1


def test_two_requests_cannot_spend_the_same_budget(tmp_path: Path) -> None:
    refused: list[str] = []

    def spend(number: str) -> None:
        try:
            with Memory(tmp_path).of("clinic") as answers:
                answers.spend(300, limit=1000, plan=plan(table("sex"), number=number))
        except Refused:
            refused.append(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spend, (f"D-{rank}" for rank in range(8))))

    lines = (tmp_path / "clinic" / "privacy.jsonl").read_text().splitlines()
    assert [json.loads(line)["epsilon_thousandths"] for line in lines] == [300, 300, 300]
    assert len(refused) == 5


def test_noise_asked_of_a_spent_budget_gives_no_table(tmp_path: Path) -> None:
    pytest.importorskip("opendp")
    here = clinic(tmp_path, EVERYBODY)

    with pytest.raises(Refused, match="left for this dataset"):
        here.answer(plan(table("sex"), protection=Noise(1001)))


def test_an_error_never_quotes_a_row(tmp_path: Path) -> None:
    here = clinic(tmp_path, EVERYBODY, [condition(1, "SECRET-CODE", MARCH)])
    asked = plan(table("sex", of=CARE))
    text = replace(
        asked.tables[0], measures=(Measure(MeasureKind.TOTAL, "condition_source_value"),)
    )

    with pytest.raises(EcluseError) as caught:
        here.answer(replace(asked, tables=(text,)))

    assert "SECRET-CODE" not in str(caught.value)
    assert caught.value.__cause__ is None
