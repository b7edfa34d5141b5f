"""Tables are read in one way only."""

import pytest

from ecluse.data.disclosure.tables import NotATable, read_csv, read_json
from ecluse.domain.disclosure import Table


def test_commas_and_semicolons_separate() -> None:
    expected = Table(("age", "n"), (("0-19", "50"),))

    assert read_csv(b"age,n\n0-19,50\n", maximum_rows=10) == expected
    assert read_csv(b"\xef\xbb\xbfage;n\r\n0-19;50\r\n", maximum_rows=10) == expected


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"age,n\n0-19,50,3\n", "row 1"),
        (b"age,n\n0-19\n", "row 1"),
        (b'age,n\n"0-19"x,50\n', "line 2"),
        (b"\xff\xfea\x00", "byte 0"),
        (b"age\x00,n\n", "character 3"),
        (b"", "file"),
    ],
)
def test_a_file_with_another_reading_is_no_table(data: bytes, place: str) -> None:
    with pytest.raises(NotATable) as refusal:
        read_csv(data, maximum_rows=10)

    assert refusal.value.place == place


def test_numbers_of_json_keep_their_digits() -> None:
    data = b'[{"age": "0-19", "n": 9007199254740993, "rate": 0.10}]'

    assert read_json(data) == Table(("age", "n", "rate"), (("0-19", "9007199254740993", "0.10"),))


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'[{"a": 1}, {"b": 1}]',
        b'[{"a": {"b": 1}}]',
        b'[{"a": 1, "a": 2}]',
        b'[{"a": NaN}]',
        b"[" * 5000,
    ],
)
def test_json_of_another_shape_is_no_table(data: bytes) -> None:
    with pytest.raises(NotATable):
        read_json(data)
