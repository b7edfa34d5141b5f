"""Births: a mother and her child are told by two stays of one hospital that share a number."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from ecluse.data.synthetic import Country
from ecluse.data.synthetic.calendar import NEVER, first_day, period_of
from ecluse.data.synthetic.families import draw_families
from ecluse.data.synthetic.obstetrics import shared_numbers
from ecluse.data.synthetic.people import draw_people
from tests.unit.data.synthetic.countries import Written, write

NEWBORNS = (
    "(SELECT ETA_NUM, RSA_NUM, NUM_ENQ, NIR_ANO_MAM, strptime(EXE_SOI_DTD, '%d/%m/%Y') AS day "
    "FROM T_MCOaaB JOIN T_MCOaaC USING (ETA_NUM, RSA_NUM, SOR_ANN) "
    "WHERE AGE_JOU = '0' AND POI_NAI <> '')"
)
MOTHERS = (
    "(SELECT ETA_NUM, RSA_NUM, NUM_ENQ, NIR_ANO_MAM, strptime(EXE_SOI_DTD, '%d/%m/%Y') AS day "
    "FROM T_MCOaaB JOIN T_MCOaaC USING (ETA_NUM, RSA_NUM, SOR_ANN) "
    "WHERE (ETA_NUM, RSA_NUM) IN "
    "(SELECT (ETA_NUM, RSA_NUM) FROM T_MCOaaD WHERE ASS_DGN LIKE 'Z37%'))"
)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("country")
    return write(folder, Country(persons=6000, years=(2017, 2018, 2019), seed=7))


def test_newborns_share_their_number_with_a_mother_but_for_the_gaps_told(country: Written) -> None:
    found = country.ask(
        "SELECT count(*), count(*) FILTER (NIR_ANO_MAM IN (SELECT NIR_ANO_MAM FROM THE_MOTHERS)), "
        "count(*) FILTER (NIR_ANO_MAM IS NULL OR NIR_ANO_MAM = ''), "
        "count(*) FILTER (NIR_ANO_MAM = repeat('AB', 16)) FROM THE_NEWBORNS",
        THE_MOTHERS=MOTHERS,
        THE_NEWBORNS=NEWBORNS,
    )

    trap = country.trap("mother_child_links")
    assert found == [
        (
            trap["rows_before"],
            trap["rows_after"],
            trap["stays_not_told"],
            trap["stays_unknown_stay"],
        )
    ]
    assert trap["injected"] == trap["stays_not_told"] + trap["stays_unknown_stay"] > 0
    assert trap["rows_after"] > 100


def test_a_child_is_born_within_a_day_of_the_mother_coming(country: Written) -> None:
    found = country.ask(
        "SELECT child.RSA_NUM, min(abs(date_diff('day', mother.day, child.day))) AS apart "
        "FROM THE_NEWBORNS AS child JOIN THE_MOTHERS AS mother USING (NIR_ANO_MAM) "
        "WHERE NIR_ANO_MAM <> '' GROUP BY child.RSA_NUM HAVING apart > 1",
        THE_MOTHERS=MOTHERS,
        THE_NEWBORNS=NEWBORNS,
    )

    assert found == []


def test_every_delivery_has_an_act_of_delivery(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (act.RSA_NUM IS NULL), count(*) > 100 FROM THE_MOTHERS AS mother "
        "LEFT JOIN (SELECT DISTINCT ETA_NUM, RSA_NUM FROM T_MCOaaA WHERE CDC_ACT LIKE 'JQG%') "
        "AS act USING (ETA_NUM, RSA_NUM)",
        THE_MOTHERS=MOTHERS,
    )

    assert found == [(0, True)]


def test_newborns_weigh_what_their_weeks_allow(country: Written) -> None:
    found = country.ask(
        "SELECT min(CAST(AGE_GES AS INTEGER)), max(CAST(AGE_GES AS INTEGER)), "
        "avg(CAST(POI_NAI AS INTEGER)) FROM T_MCOaaB WHERE POI_NAI <> ''"
    )

    least, most, mean = (float(str(value)) for value in found[0])
    assert 28 <= least < most <= 42
    assert 3000 < mean < 3500


def test_mothers_are_women_of_an_age_to_be_and_alive(country: Written) -> None:
    with duckdb.connect() as connection:
        connection.read_parquet(str(country.made.truth_path / "persons.parquet")).create_view("p")
        found = connection.execute(
            "SELECT count(*) > 100, bool_and(mother.sex = 2), "
            "min(date_sub('year', strptime(mother.born, '%d/%m/%Y'), strptime(child.born, "
            "'%d/%m/%Y'))) >= 15, max(date_sub('year', strptime(mother.born, '%d/%m/%Y'), "
            "strptime(child.born, '%d/%m/%Y'))) < 48, bool_and(mother.died = '' OR "
            "strptime(nullif(mother.died, ''), '%d/%m/%Y') >= strptime(child.born, '%d/%m/%Y')) "
            "FROM p AS child JOIN p AS mother ON child.mother_index = mother.person_index"
        ).fetchall()

    assert found == [(True, True, True, True, True)]


def test_a_child_lives_where_the_mother_does_and_twins_have_one_mother() -> None:
    period = period_of((2010, 2011, 2012))
    people = draw_families(
        np.random.default_rng(5), draw_people(np.random.default_rng(4), 8000, period), period
    )
    child = np.flatnonzero(people.mother >= 0)
    twin = child[people.twin_of[child] >= 0]

    assert len(child) > 150
    assert people.department[child].tolist() == people.department[people.mother[child]].tolist()
    assert people.regime[child].tolist() == people.regime[people.mother[child]].tolist()
    assert len(twin) > 0
    assert people.mother[twin].tolist() == people.mother[people.twin_of[twin]].tolist()


def test_a_woman_does_not_give_birth_twice_in_eleven_months() -> None:
    period = period_of(range(2006, 2016))
    people = draw_families(
        np.random.default_rng(5), draw_people(np.random.default_rng(4), 3000, period), period
    )
    child = np.flatnonzero((people.mother >= 0) & (people.twin_of < 0))
    order = child[np.lexsort((people.born[child], people.mother[child]))]
    same = people.mother[order[1:]] == people.mother[order[:-1]]

    assert same.sum() > 10
    assert np.diff(people.born[order])[same].min() >= 335


def test_a_number_follows_the_mother_until_2018_and_her_stay_since() -> None:
    people = draw_people(np.random.default_rng(4), 50, period_of((2017, 2018, 2019)))
    mother = np.array([7, 7, 7, -1])
    adult = np.full(50, first_day(1980), dtype=np.int32)
    known = people.__class__(
        **{name: getattr(people, name) for name in people.__slots__}
        | {"born": adult, "second_pseudonym": np.full(50, -1)}
    )

    first, second, later, nobody = shared_numbers(
        known, mother, np.array([first_day(2017), first_day(2018), first_day(2019), NEVER])
    )

    assert first == second != later
    assert [len(first), len(later), nobody] == [32, 32, ""]


def test_before_2013_no_stay_tells_the_mother(tmp_path: Path) -> None:
    old = write(tmp_path, Country(persons=600, years=(2012, 2013), seed=2))

    headers = {
        file: (old.made.delivery_path / file).read_text().split("\n")[0].split(";")
        for file in ("T_MCO12C.csv", "T_MCO13C.csv")
    }

    assert "NIR_ANO_MAM" not in headers["T_MCO12C.csv"]
    assert "NIR_ANO_MAM" in headers["T_MCO13C.csv"]
