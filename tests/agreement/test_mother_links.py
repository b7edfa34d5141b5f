"""Mothers found in a synthetic country, against its truth and against its files as delivered.

The country writes the number of a birth as the SNDS does: on the stays of both, missing from some,
in error on others. Those are counted in its truth.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.cohorts import Reading, duckdb
from ecluse.data.engines import connect
from ecluse.data.lake import read_names
from ecluse.data.synthetic import Country
from tests.cohort_lakes import EVERY_FILTER_OFF
from tests.unit.data.synthetic.countries import Loaded, load
from tests.unit.data.synthetic.test_synthetic_births import MOTHERS, NEWBORNS

EVERYTHING = Reading(date(2016, 1, 1), date(2020, 12, 31), date(2024, 1, 1), EVERY_FILTER_OFF)
STAYS = (
    "SELECT child.NUM_ENQ, min(mother.NUM_ENQ) FROM THE_NEWBORNS AS child LEFT JOIN THE_MOTHERS AS "
    "mother ON child.NIR_ANO_MAM = mother.NIR_ANO_MAM AND child.ETA_NUM = mother.ETA_NUM "
    "AND abs(date_diff('day', mother.day, child.day)) <= 1 "
    "WHERE child.NIR_ANO_MAM IN (SELECT NIR_ANO_MAM FROM THE_MOTHERS) "
    "AND child.NIR_ANO_MAM NOT IN ('', repeat('AB', 16)) "
    "GROUP BY child.ETA_NUM, child.RSA_NUM, child.NUM_ENQ"
)
"""Newborns' stays that share a number with a mother, and her pseudonym if in the same hospital."""
Pairs = set[tuple[int, int]]


@dataclass(frozen=True)
class Found:
    """Pairs of child and mother: those of the link, and those of the truth; who has which name."""

    country: Loaded
    linked: Pairs
    truth: Pairs
    alone: dict[str, int]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("country")
    country = load(folder, Country(persons=6000, years=(2017, 2018, 2019), seed=7))
    with connect(readable=[country.snapshot.folder]) as connection:
        pairs = duckdb.linked("mother", country.snapshot, EVERYTHING, connection=connection)
        columns = "pseudonym, birth_rank, person_key"
        names = read_names(connection, country.snapshot).project(columns).fetchall()
    linked = set(zip(pairs["linked_to"].to_pylist(), pairs["person_key"].to_pylist(), strict=True))
    return Found(country, linked, _truth(country, names), _alone(names))


def _truth(country: Loaded, names: list[tuple[str, int, int]]) -> Pairs:
    keys = {(pseudonym, rank): key for pseudonym, rank, key in names}
    path: Path = country.written.made.truth_path / "persons.parquet"
    drawn = pq.read_table(path).to_pylist()
    key_of = {
        row["person_index"]: keys.get((row["pseudonym"], int(row["birth_rank"]))) for row in drawn
    }
    pairs = [(key_of[row["person_index"]], key_of.get(row["mother_index"])) for row in drawn]
    return {(child, mother) for child, mother in pairs if child and mother}


def _alone(names: list[tuple[str, int, int]]) -> dict[str, int]:
    """Return the pseudonyms of one person: those of twins are of both."""
    whose: dict[str, set[int]] = {}
    for pseudonym, _, key in names:
        whose.setdefault(pseudonym, set()).add(key)
    return {pseudonym: min(keys) for pseudonym, keys in whose.items() if len(keys) == 1}


def test_no_child_is_given_another_mother(found: Found) -> None:
    assert found.linked - found.truth == set()
    assert len(found.linked) == 184


def test_the_mothers_found_are_those_told_less_the_gaps_recorded(found: Found) -> None:
    written, alone = found.country.written, found.alone
    stays = written.ask(STAYS, THE_MOTHERS=MOTHERS, THE_NEWBORNS=NEWBORNS)
    told = [(alone.get(str(child)), alone.get(str(mother))) for child, mother in stays]

    trap = written.trap("mother_child_links")
    gaps = trap["stays_not_told"] + trap["stays_unknown_stay"]
    assert len(stays) == trap["rows_before"] - gaps == 192
    assert found.linked == {(child, mother) for child, mother in told if child and mother}


def test_what_is_lost_besides_is_stays_of_nobody_known_and_of_a_hospital_with_two_numbers(
    found: Found,
) -> None:
    written, alone = found.country.written, found.alone
    stays = written.ask(STAYS, THE_MOTHERS=MOTHERS, THE_NEWBORNS=NEWBORNS)
    found_keys = {child for child, _ in found.linked}
    lost = [stay for stay in stays if alone.get(str(stay[0])) not in found_keys]

    children = [child for child, _ in lost if str(child) not in alone]
    elsewhere = [mother for _, mother in lost if mother is None]
    mothers = [mother for _, mother in lost if mother and str(mother) not in alone]
    assert children == ["x" * 17, "ZKVCUGHNQ5LCRRPIC"]  # unusable, and that of two twins
    assert len(elsewhere) == 2
    assert len(mothers) == 3  # twins themselves, whose hospital stays do not tell which
    assert len(lost) == 7
