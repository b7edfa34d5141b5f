import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ecluse.data.lake import Lake
from ecluse.data.loading import LoadReport, load_delivery
from ecluse.data.synthetic import SyntheticReport, generate
from ecluse.domain.errors import InvalidInput
from ecluse.trust.national_numbers import pseudonymise_national_number, synthetic_national_number
from tests.unit.data.deliveries import NOW

KEY = bytes(range(32))
PERSONS = 2000


@dataclass(frozen=True)
class Country:
    made: SyntheticReport
    loaded: LoadReport

    def ask(
        self, question: str, *tables: str, given: tuple[str, ...] = ()
    ) -> list[tuple[object, ...]]:
        """Answer a question about the published tables, named `persons` and as in the lake."""
        with duckdb.connect() as connection:
            persons = connection.read_parquet(str(self.loaded.snapshot.persons_path))
            persons.create_view("persons")
            for name in tables:
                path = str(self.loaded.snapshot.tables[name].path)
                connection.read_parquet(path).create_view(name)
            return connection.execute(question, given).fetchall()


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    folder = tmp_path_factory.mktemp("country")
    made = generate(folder, persons=PERSONS, years=(2021, 2022), seed=7, national_key=KEY)
    loaded = load_delivery(
        made.delivery_path, lake=Lake(folder / "lake"), dataset="country", model="snds", now=NOW
    )
    return Country(made, loaded)


def test_the_whole_delivery_loads_without_a_warning_or_a_refused_row(country: Country) -> None:
    assert country.loaded.warnings == ()
    assert country.loaded.rows_quarantined == 0
    assert country.loaded.rows_loaded == sum(country.made.rows.values())


def test_the_lake_finds_exactly_the_persons_generated(country: Country) -> None:
    assert country.loaded.persons == PERSONS
    assert (
        country.loaded.persons_without_opt_out_id
        == country.made.traps["persons_without_own_number"]
    )


def test_the_first_person_can_opt_out_with_the_first_number(country: Country) -> None:
    pseudonym = pseudonymise_national_number(synthetic_national_number(0), KEY)

    found = country.ask("SELECT count(*) FROM persons WHERE opt_out_id = ?", given=(pseudonym,))

    assert found == [(1,)]


def test_the_first_person_is_treated_for_diabetes_and_pain(country: Country) -> None:
    pseudonym = pseudonymise_national_number(synthetic_national_number(0), KEY)

    found = country.ask(
        "SELECT DISTINCT PHA_ATC_C07 FROM ER_PHA_F JOIN persons USING (person_key) "
        "JOIN IR_PHA_R ON PHA_PRS_C13 = PHA_CIP_C13 WHERE opt_out_id = ?",
        "ER_PHA_F",
        "IR_PHA_R",
        given=(pseudonym,),
    )

    assert {("A10BA02",), ("M01AB05",)} <= set(found)


def test_the_nine_keys_designate_one_line_each(country: Country) -> None:
    found = country.ask(
        "SELECT max(lines) FROM (SELECT count(*) AS lines FROM ER_PRS_F GROUP BY FLX_DIS_DTD, "
        "FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM, "
        "PRS_ORD_NUM, REM_TYP_AFF)",
        "ER_PRS_F",
    )

    assert found == [(1,)]


def test_every_pack_belongs_to_a_claim_of_a_known_person(country: Country) -> None:
    packs = next(table for table in country.loaded.tables if table.table == "ER_PHA_F")

    assert packs.rows_loaded > 0
    assert packs.rows_without_person == 0


def test_every_pack_dispensed_is_in_the_drug_table(country: Country) -> None:
    found = country.ask(
        "SELECT count(*) FROM ER_PHA_F ANTI JOIN IR_PHA_R ON PHA_PRS_C13 = PHA_CIP_C13",
        "ER_PHA_F",
        "IR_PHA_R",
    )

    assert found == [(0,)]


def test_claims_become_available_on_the_first_of_the_month_after_their_processing(
    country: Country,
) -> None:
    found = country.ask(
        "SELECT count(*) FROM ER_PRS_F WHERE FLX_DIS_DTD <> "
        "date_trunc('month', FLX_TRT_DTD) + INTERVAL 1 MONTH OR FLX_TRT_DTD <= EXE_SOI_DTD",
        "ER_PRS_F",
    )

    assert found == [(0,)]


def test_nearly_all_claims_are_known_six_months_after_the_care(country: Country) -> None:
    ((late,),) = country.ask(
        "SELECT avg(CAST(FLX_TRT_DTD - EXE_SOI_DTD > 183 AS INTEGER)) FROM ER_PRS_F", "ER_PRS_F"
    )

    assert 0.001 < float(str(late)) < 0.03


def test_cancelled_lines_are_as_many_as_the_report_says(country: Country) -> None:
    found = country.ask("SELECT count(*) FROM ER_PRS_F WHERE PRS_ACT_QTE < 0", "ER_PRS_F")

    assert found == [(country.made.traps["regularisation_triplets"],)]


def test_surcharge_and_information_lines_are_as_many_as_the_report_says(country: Country) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (CPL_MAJ_TOP = 2), count(*) FILTER (DPN_QLF = 71) FROM ER_PRS_F",
        "ER_PRS_F",
    )

    traps = country.made.traps
    assert found == [(traps["surcharge_lines"], traps["information_lines"])]


def test_nobody_is_treated_after_death_or_before_birth(country: Country) -> None:
    found = country.ask(
        "SELECT count(*) FROM ER_PRS_F JOIN (SELECT person_key, max(BEN_DCD_DTE) AS died "
        "FROM IR_BEN_R GROUP BY person_key) USING (person_key) "
        "WHERE EXE_SOI_DTD > died OR year(EXE_SOI_DTD) < BEN_NAI_ANN",
        "ER_PRS_F",
        "IR_BEN_R",
    )

    assert found == [(0,)]


def test_antidiabetics_go_to_the_persons_with_diabetes(country: Country) -> None:
    ((treated,),) = country.ask(
        "SELECT count(DISTINCT person_key) FROM ER_PHA_F JOIN IR_PHA_R "
        "ON PHA_PRS_C13 = PHA_CIP_C13 WHERE PHA_ATC_C07 LIKE 'A10%'",
        "ER_PHA_F",
        "IR_PHA_R",
    )

    diabetics = country.made.conditions["diabetes"]
    assert 0.6 * diabetics < int(str(treated)) <= diabetics


def test_heart_failure_stays_concern_the_old(country: Country) -> None:
    ((age,),) = country.ask(
        "SELECT avg(AGE_ANN) FROM T_MCOaaB WHERE DGN_PAL LIKE 'I50%'", "T_MCOaaB"
    )

    assert 70 < float(str(age)) < 95


def test_only_twins_and_unmatched_deaths_have_rows_that_belong_to_nobody(country: Country) -> None:
    orphaned = {table.table for table in country.loaded.tables if table.rows_without_person}

    assert orphaned <= {"KI_CCI_R", "T_MCOaaB", "T_MCOaaC", "T_MCOaaD"}


def test_the_truth_lies_apart_from_the_delivery(country: Country) -> None:
    counts = json.loads((country.made.truth_path / "truth_counts.json").read_text())

    assert counts["traps"] == country.made.traps
    assert country.made.truth_path not in country.made.delivery_path.parents
    assert not list(country.made.delivery_path.glob("truth*"))


def test_the_same_seed_gives_the_same_country(tmp_path: Path) -> None:
    first = generate(tmp_path / "a", persons=200, years=(2022,), seed=3, national_key=KEY)
    second = generate(tmp_path / "b", persons=200, years=(2022,), seed=3, national_key=KEY)

    assert _bytes(first.delivery_path) == _bytes(second.delivery_path)


def test_another_seed_gives_another_country(tmp_path: Path) -> None:
    first = generate(tmp_path / "a", persons=200, years=(2022,), seed=3, national_key=KEY)
    second = generate(tmp_path / "b", persons=200, years=(2022,), seed=4, national_key=KEY)

    assert _bytes(first.delivery_path) != _bytes(second.delivery_path)


@pytest.mark.parametrize(("persons", "years"), [(3, (2022,)), (100, ()), (100, (2020, 2022))])
def test_a_country_that_makes_no_sense_is_refused(
    tmp_path: Path, persons: int, years: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidInput):
        generate(tmp_path, persons=persons, years=years, national_key=KEY)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
