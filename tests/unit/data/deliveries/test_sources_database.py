"""Tables of a PostgreSQL server of our own, read as one instant of it."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ecluse.data.deliveries.sources.databases import open_database
from ecluse.data.schemas import model
from ecluse.domain.errors import InvalidInput, LoadFailed, Unreachable
from tests.unit.data.deliveries.readings import read_delivery

OMOP = model("omop")
DATABASE = f"test_ecluse_source_{os.getpid()}"
ROWS = """
    CREATE SCHEMA cdm;
    CREATE TABLE cdm.person (person_id bigint, year_of_birth int, person_source_value text);
    INSERT INTO cdm.person VALUES (9007199254740993, 1975, 'he said "no",' || chr(10) || 'then é'),
        (2, NULL, ''), (3, 1600, NULL);
    CREATE TABLE cdm.condition_occurrence (condition_occurrence_id int, person_id bigint,
        condition_start_date date, condition_start_datetime timestamp, is_new boolean);
    INSERT INTO cdm.condition_occurrence VALUES (1, 2, '2020-05-01', '2020-05-01 10:30', true);
    CREATE TABLE cdm.audit (a int);
    CREATE TABLE public.person (person_id int);
"""


@pytest.fixture(scope="module")
def address(database_server: str) -> Iterator[str]:
    with psycopg.connect(database_server, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
        where = {key: getattr(server.info, key) for key in ("host", "port", "user")}
        url = f"postgresql://{where['user']}@/{DATABASE}?host={where['host']}&port={where['port']}"
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(ROWS)
        yield url
        server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def test_tables_of_a_schema_are_read_with_their_types(address: str, tmp_path: Path) -> None:
    with open_database(address, schema="cdm") as source:
        readings = read_delivery(source, tmp_path / "scratch", model=OMOP)

    person = readings[f"{DATABASE}.cdm.person"]
    assert person.column("person_id") == [9007199254740993, 2, 3]
    assert person.column("person_source_value") == ['he said "no",\nthen é', None, None]
    assert person.column("year_of_birth") == [1975, None, 1600]  # no SNDS date: an integer
    assert person.counts.rows_read == 3
    condition = readings[f"{DATABASE}.cdm.condition_occurrence"]
    assert condition.column("condition_start_date") == [date(2020, 5, 1)]
    assert str(condition.column("condition_start_datetime")[0]) == "2020-05-01 10:30:00"
    assert condition.column("is_new") == ["1"]


def test_all_tables_are_those_of_one_instant(address: str, tmp_path: Path) -> None:
    with open_database(address, schema="cdm") as source:
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("INSERT INTO cdm.person VALUES (4, 1980, 'late')")
        readings = read_delivery(source, tmp_path / "scratch", model=OMOP)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("DELETE FROM cdm.person WHERE person_id = 4")

    assert 4 not in readings[f"{DATABASE}.cdm.person"].column("person_id")


def test_the_database_cannot_be_written(address: str) -> None:
    with (
        open_database(address, schema="cdm") as source,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        source._connection.execute("DELETE FROM cdm.person")


def test_a_table_that_goes_during_a_load_is_told_without_a_row(
    address: str, tmp_path: Path
) -> None:
    with open_database(address, schema="cdm") as source:
        tables = {table.table: table for table in source.tables}
        source._connection.rollback()
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("ALTER TABLE cdm.audit RENAME TO gone")

        with (
            pytest.raises(LoadFailed, match=r"cdm\.audit: the database stopped") as raised,
            tables["audit"].open(tmp_path),
        ):
            pass

    assert raised.value.__cause__ is None


def test_a_refusal_never_repeats_the_password(address: str) -> None:
    wrong = make_conninfo(address, port=1)
    where = dict(item.split("=", 1) for item in wrong.split() if item.startswith("host="))

    with (
        pytest.raises(Unreachable) as raised,
        open_database(f"postgresql://nobody:SECRET@/{DATABASE}?host={where['host']}&port=1"),
    ):
        pass

    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_address_that_is_no_database_is_refused_without_repeating_it() -> None:
    with pytest.raises(InvalidInput) as raised, open_database("mysql://me:SECRET@host/db"):
        pass

    assert "SECRET" not in str(raised.value)
