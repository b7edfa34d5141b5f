"""Code lists made to harm: one error that says what to do, and nothing kept."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.nomenclatures.loading import load
from ecluse.data.nomenclatures.versions import Nomenclatures
from ecluse.domain.errors import InvalidInput

BEGINS = date(2020, 1, 1)
CODES = "code;label\nA;first\n"


@pytest.mark.parametrize("name", ["../LIST", "a/b", "", "a\0", "A" * 64, "_LIST", "A\n"])
def test_a_name_that_is_a_path_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text(CODES)

    with pytest.raises(InvalidInput, match="cannot name a nomenclature"):
        load(tmp_path / "a.csv", Nomenclatures(tmp_path / "lake"), name=name, valid_from=BEGINS)
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    "description",
    [
        '{"fields": [1]}',
        '{"fields": 5}',
        '{"fields": [{"role": "code"}]}',
        '{"primaryKey": 7}',
        "[" * 100_000,
        "{",
    ],
)
def test_a_description_that_describes_nothing_is_refused(tmp_path: Path, description: str) -> None:
    (tmp_path / "a.csv").write_text(CODES)
    (tmp_path / "a.json").write_text(description)

    with pytest.raises(InvalidInput, match="take it away or mend it"):
        load(tmp_path / "a.csv", Nomenclatures(tmp_path / "lake"), name="LIST", valid_from=BEGINS)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.parquet", b"PAR1xxxx"),
        ("a.csv", b"\xff\xfe\x00"),
        ("a.csv", b"code\n\x1b[2J\n"),
        ("a.csv", b'code\n"' + b"x" * 2_000_000 + b'"\n'),
        ("a.csv", b""),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, file: str, content: bytes) -> None:
    (tmp_path / file).write_bytes(content)

    with pytest.raises(InvalidInput):
        load(tmp_path / file, Nomenclatures(tmp_path / "lake"), name="LIST", valid_from=BEGINS)


def test_the_name_of_the_lake_gives_no_value_to_a_code(tmp_path: Path) -> None:
    pq.write_table(pa.table({"code": ["A"], "label": ["first"]}), tmp_path / "a.parquet")
    kept = Nomenclatures(tmp_path / "code=Z" / "lake")

    load(tmp_path / "a.parquet", kept, name="LIST", valid_from=BEGINS, label_column="label")

    assert kept.get("LIST").versions[0].labels == {"A": "first"}
