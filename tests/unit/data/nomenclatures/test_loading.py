"""Code lists as publishers give them: CSV with or without its Table Schema, Parquet."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.nomenclatures import Nomenclatures, load
from ecluse.domain.errors import InvalidInput
from tests.unit.data.nomenclatures.lists import csv_of

DAY = date(2020, 1, 1)


@pytest.fixture
def store(tmp_path: Path) -> Nomenclatures:
    return Nomenclatures(tmp_path / "lake")


def test_the_table_schema_beside_a_file_tells_its_columns(
    tmp_path: Path, store: Nomenclatures
) -> None:
    file = csv_of(tmp_path, ["KIND;COD;LIB", "x;01;Un", "x;02;Deux"], "IR_XXX_V.csv")
    fields = [{"name": "COD", "role": "code"}, {"name": "LIB", "role": "label"}]
    described = {"title": "Liste  X", "primaryKey": ["KIND", "COD"], "fields": fields}
    file.with_suffix(".json").write_text(json.dumps(described), encoding="utf-8")

    version = load(file, store, name="IR_XXX_V", valid_from=DAY).version

    assert dict(version.labels) == {"01": "Un", "02": "Deux"}
    assert (version.title, version.code_column) == ("Liste X", "COD")


def test_without_role_the_last_column_of_the_key_is_the_code(
    tmp_path: Path, store: Nomenclatures
) -> None:
    file = csv_of(tmp_path, ["GRAND;PETIT", "01;100", "02;200"], "REGIMES.csv")
    described = {"primaryKey": ["GRAND", "PETIT"], "fields": []}
    file.with_suffix(".json").write_text(json.dumps(described), encoding="utf-8")

    version = load(file, store, name="REGIMES", valid_from=DAY).version

    assert list(version.labels) == ["100", "200"]


def test_without_schema_the_first_column_is_the_code(tmp_path: Path, store: Nomenclatures) -> None:
    file = csv_of(tmp_path, ['"code","label"', '"A00","Choléra, tout type"'])

    version = load(file, store, name="ICD", valid_from=DAY, label_column="label").version

    assert dict(version.labels) == {"A00": "Choléra, tout type"}


def test_lines_without_code_and_repeated_codes_are_counted(
    tmp_path: Path, store: Nomenclatures
) -> None:
    file = csv_of(tmp_path, ["code;label", "A00;first", " ;nobody", "A00;second", "B99;other"])

    loaded = load(file, store, name="ICD", valid_from=DAY, label_column="label")

    assert (loaded.version.size, loaded.without_code, loaded.repeated) == (2, 1, 1)
    assert loaded.version.labels["A00"] == "first"


def test_a_parquet_column_may_be_chosen_and_numbers_are_codes(
    tmp_path: Path, store: Nomenclatures
) -> None:
    file = tmp_path / "drugs.parquet"
    pq.write_table(pa.table({"cip": [3400930000001.0, None], "atc": ["A10BA02", "A10BX06"]}), file)

    drugs = load(file, store, name="CIP", valid_from=DAY, code_column="cip").version
    classes = load(file, store, name="ATC", valid_from=DAY, code_column="atc").version

    assert list(drugs.labels) == ["3400930000001"]
    assert list(classes.labels) == ["A10BA02", "A10BX06"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"code;label\n", "holds no code"),
        (b"code;label\nA00;Chol\xe9ra\n", "UTF-8"),
        (b"label\nx\n", "no column code"),
        (b"x;code\nx\n", "record 2"),
        (b"code\n" + b"A" * 65 + b"\n", "over 64 characters"),
    ],
)
def test_a_file_that_is_no_code_list_is_refused(
    tmp_path: Path, store: Nomenclatures, content: bytes, said: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)

    with pytest.raises(InvalidInput, match=said):
        load(file, store, name="ICD", valid_from=DAY, code_column="code")

    assert store.names() == ()


def test_an_absent_file_is_refused(tmp_path: Path, store: Nomenclatures) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        load(tmp_path / "none.csv", store, name="ICD", valid_from=DAY)
