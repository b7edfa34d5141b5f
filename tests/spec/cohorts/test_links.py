"""Who is joined to whom: a child to the mother, by the number that the stays of a birth share."""

from datetime import date
from itertools import chain

import pytest

from ecluse.domain.cohorts import AtLeast, Events, LinkedEvents
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import MOTHER, NEWBORN, Shown, chosen, dataset, delivery, numbered

NUMBER = "0123456789ABCDEF0123456789ABCDEF"
CHILD, TWIN, WOMAN, OTHER_WOMAN = 1, 2, 11, 12
BORN = "2022-03-02"
MOTHERS_DRUG = AtLeast(LinkedEvents(Events("drug_atc", ("N03AG01",)), "mother"))
HER_STAY = list(numbered(WOMAN, NUMBER, MOTHER, record=911, on=BORN))
BIRTH = list(numbered(CHILD, NUMBER, NEWBORN, record=901, on=BORN))


def with_a_mother(engine: Engine, *stays: list[Shown]) -> set[int]:
    """Who is joined to a woman who bought a drug: both women of these pages did."""
    drugs = [delivery(woman, "2022-01-10", "N03AG01") for woman in (WOMAN, OTHER_WOMAN)]
    data = dataset(*drugs, *chain(*stays), persons=range(1, 14))
    return chosen(engine, MOTHERS_DRUG, data)


def test_two_stays_of_one_hospital_with_one_number_join_a_child_to_the_mother(
    engine: Engine,
) -> None:
    assert with_a_mother(engine, BIRTH, HER_STAY) == {CHILD}


@pytest.mark.parametrize("on", ["2022-03-01", "2022-03-03"])
def test_the_mother_may_come_the_day_before_or_the_day_after(engine: Engine, on: str) -> None:
    her_stay = list(numbered(WOMAN, NUMBER, MOTHER, record=911, on=on))

    assert with_a_mother(engine, BIRTH, her_stay) == {CHILD}


@pytest.mark.parametrize("on", ["2022-02-28", "2022-03-04", "2019-03-02"])
def test_two_days_apart_are_two_births(engine: Engine, on: str) -> None:
    her_stay = list(numbered(WOMAN, NUMBER, MOTHER, record=911, on=on))

    assert with_a_mother(engine, BIRTH, her_stay) == set()


def test_another_hospital_with_the_same_number_joins_no_one(engine: Engine) -> None:
    elsewhere = list(numbered(WOMAN, NUMBER, MOTHER, record=911, on=BORN, hospital="750000002"))

    assert with_a_mother(engine, BIRTH, elsewhere) == set()


@pytest.mark.parametrize("number", ["AB" * 16, "", None])
def test_a_number_in_error_or_empty_joins_no_one(engine: Engine, number: str | None) -> None:
    birth = list(numbered(CHILD, number, NEWBORN, record=901, on=BORN))
    her_stay = list(numbered(WOMAN, number, MOTHER, record=911, on=BORN))

    assert with_a_mother(engine, birth, her_stay) == set()


def test_a_number_that_merely_begins_with_abab_is_a_number(engine: Engine) -> None:
    birth = list(numbered(CHILD, "ABAB" + "0" * 28, NEWBORN, record=901, on=BORN))
    her_stay = list(numbered(WOMAN, "ABAB" + "0" * 28, MOTHER, record=911, on=BORN))

    assert with_a_mother(engine, birth, her_stay) == {CHILD}


def test_twins_have_the_same_mother(engine: Engine) -> None:
    twin = list(numbered(TWIN, NUMBER, NEWBORN, record=902, on="2022-03-03"))

    assert with_a_mother(engine, BIRTH, twin, HER_STAY) == {CHILD, TWIN}


def test_a_number_that_fits_two_women_joins_no_one(engine: Engine) -> None:
    another = list(numbered(OTHER_WOMAN, NUMBER, MOTHER, record=912, on=BORN))

    assert with_a_mother(engine, BIRTH, HER_STAY, another) == set()


def test_a_number_that_fits_a_woman_and_somebody_unknown_joins_no_one(engine: Engine) -> None:
    unknown = list(numbered(None, NUMBER, MOTHER, record=912, on=BORN))

    assert with_a_mother(engine, BIRTH, HER_STAY, unknown) == set()


def test_two_stays_of_one_woman_are_one_mother(engine: Engine) -> None:
    again = list(numbered(WOMAN, NUMBER, MOTHER, record=912, on="2022-03-03"))

    assert with_a_mother(engine, BIRTH, HER_STAY, again) == {CHILD}


def test_a_number_kept_from_one_birth_to_the_next_joins_each_child_to_the_same_woman(
    engine: Engine,
) -> None:
    first = list(numbered(TWIN, NUMBER, NEWBORN, record=902, on="2021-01-05"))
    her_first = list(numbered(WOMAN, NUMBER, MOTHER, record=912, on="2021-01-04"))

    assert with_a_mother(engine, BIRTH, HER_STAY, first, her_first) == {CHILD, TWIN}


@pytest.mark.parametrize(
    "told",
    [
        {**MOTHER, "COD_SEX": "1"},
        {**MOTHER, "COD_SEX": None},
        {**MOTHER, "AGE_ANN": None, "AGE_JOU": 1},
        {**MOTHER, "AGE_ANN": 0},
    ],
    ids=["a man", "sex unknown", "a girl of one day", "a girl under one"],
)
def test_only_a_woman_is_a_mother(engine: Engine, told: dict[str, object]) -> None:
    stay = list(numbered(WOMAN, NUMBER, told, record=911, on=BORN))

    assert with_a_mother(engine, BIRTH, stay) == set()


@pytest.mark.parametrize(
    ("told", "joined"),
    [
        ({**NEWBORN, "ENT_MOD": "N"}, {CHILD}),
        ({**NEWBORN, "AGE_ANN": 0}, {CHILD}),
        ({**NEWBORN, "ENT_MOD": "7"}, set()),
        ({**NEWBORN, "AGE_JOU": 3}, set()),
        ({**NEWBORN, "AGE_ANN": 40}, set()),
    ],
    ids=["born there", "under one", "transferred", "three days old", "an age of 0 days by default"],
)
def test_only_a_child_born_there_has_a_mother(
    engine: Engine, told: dict[str, object], joined: set[int]
) -> None:
    birth = list(numbered(CHILD, NUMBER, told, record=901, on=BORN))

    assert with_a_mother(engine, birth, HER_STAY) == joined


def test_a_mother_is_not_joined_to_her_child(engine: Engine) -> None:
    drugs = [delivery(CHILD, "2022-04-01", "N03AG01")]
    data = dataset(*drugs, *BIRTH, *HER_STAY, persons=range(1, 14))

    assert chosen(engine, MOTHERS_DRUG, data) == set()


def test_one_pseudonym_for_child_and_mother_joins_no_one_to_themselves(engine: Engine) -> None:
    same = list(numbered(WOMAN, NUMBER, NEWBORN, record=901, on=BORN))

    assert with_a_mother(engine, same, HER_STAY) == set()


def test_a_stay_without_a_day_joins_no_one(engine: Engine) -> None:
    birth = [
        (table, {**row, "EXE_SOI_DTD": None} if table == "T_MCOaaC" else row)
        for table, row in BIRTH
    ]

    assert isinstance(BIRTH[0][1]["EXE_SOI_DTD"], date)
    assert with_a_mother(engine, birth, HER_STAY) == set()
