"""Lines are counted apart from the engine's parser, the same however the file is cut in blocks."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.deliveries.lines import Lines, look
from ecluse.data.deliveries.quarantine import row_numbers
from ecluse.data.deliveries.sieving import gather

FILLER = "x;" * 40_000
"""One line of 80 kB: two of them are over a block."""


def look_at(folder: Path, text: str, *, by_lines: bool = False) -> Lines:
    path = folder / "lines.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return look(path, separator=";", by_lines=by_lines)


@pytest.mark.parametrize(
    ("text", "rows", "blanks"),
    [
        ("a;b\n1;2\n3;4\n", 2, ()),
        ("a;b\n1;2\n3;4", 2, ()),
        ("a;b\n\n1;2\n\n\n3;4\n", 2, (2, 4, 5)),
        ("a;b\r\n\r\n1;2\r\n\r\n", 1, (2, 4)),
        (f"a;b\n{FILLER}\n{FILLER}\n\n{FILLER}\n\n", 3, (4, 6)),
        ("a;b\n", 0, ()),
        ("", 0, ()),
    ],
)
def test_rows_and_blank_lines_are_counted(
    tmp_path: Path, text: str, rows: int, blanks: tuple[int, ...]
) -> None:
    lines = look_at(tmp_path, text)

    assert (lines.rows, lines.blanks) == (rows, blanks)


def test_a_quoted_value_over_several_lines_is_one_row(tmp_path: Path) -> None:
    lines = look_at(tmp_path, 'a;b\n1;"two\n\nlines;\n"\n\n3;""\n')

    assert (lines.rows, lines.blanks, lines.quotes_close) == (2, (3,), True)


@pytest.mark.parametrize(
    "text",
    [
        'a;b\n1;"open\n3;4\n',
        'a;b\n1;5" disc\n3;4\n',
        'a;b\n1;"two" words\n3;4\n',
        'a;b\n1;"' + "never closed\n" * 300_000,
    ],
)
def test_a_quote_out_of_place_is_noticed(tmp_path: Path, text: str) -> None:
    assert not look_at(tmp_path, text).quotes_close


@pytest.mark.parametrize(
    ("text", "is_clean"),
    [
        ("a;b\n1;2\n", True),
        ("a;b\r\n1;2\r\n", True),
        ("a;b\r\n1;2\n", False),
        ("a;b\n1;2\r3\n", False),
        ('a;b\n1;"2\r3"\n', True),
        ("a;b\n1;\x00\n", False),
        ("a;b\n1;é\n", True),
        ("a;b\n1;\udce9\n", False),
        ("a;b\n1;" + "x" * 1_100_000 + "\n", False),
    ],
)
def test_a_file_is_clean_when_the_parser_can_read_it_as_it_is(
    tmp_path: Path, text: str, is_clean: bool
) -> None:
    assert look_at(tmp_path, text).is_clean is is_clean


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a;b\n1;caf\udce9 cr\udce8me br\udcfbl\udce9e\n", "windows-1252"),
        ("a;b\n1;\udce9\n", "utf-8"),  # one bad byte is damage
        ("a;b\n1;\udcff\udcfe\udcf0\udce9\n", "utf-8"),  # so are bytes that spell no French
        ("a;b\n1;é\n2;\udce9\udce8\udce0\udce7\n", "utf-8"),  # valid UTF-8 elsewhere
    ],
)
def test_the_encoding_is_judged_on_the_whole_file(tmp_path: Path, text: str, encoding: str) -> None:
    assert look_at(tmp_path, text).encoding == encoding


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(st.text('ab;"\n é'), min_size=2, max_size=3), min_size=1))
def test_whatever_is_quoted_rows_are_counted_as_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [["a", "b"], *rows]
    )

    lines = look_at(tmp_path_factory.mktemp("lines"), text.getvalue())

    assert (lines.rows, lines.quotes_close) == (len(rows), True)


def test_records_are_found_again_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f'a;b\n1;"x\ny"\n\n{FILLER}\n{FILLER}\n5;6')
    marks = look(path, separator=";").marks

    found = list(gather(path, np.array([2, 3, 6]), marks=marks, by_lines=False))

    assert [(record.number, record.line, record.content) for record in found] == [
        (2, 2, b'1;"x\ny"\n'),
        (3, 4, b"\n"),
        (6, 7, b"5;6"),
    ]


def test_rows_are_numbered_around_the_lines_that_gave_none() -> None:
    numbers = row_numbers(np.array([1, 2, 3]), skipped={3, 5, 6}, header=1)

    assert numbers.tolist() == [2, 4, 7]
