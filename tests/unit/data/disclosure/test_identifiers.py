"""Pseudonyms of the extract, met in what leaves: whole, cut, in decimal, in base64."""

import base64
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ecluse.data.disclosure import Identifiers, check_outputs
from ecluse.data.extraction import ExtractFiles
from ecluse.domain.documents import Verdict
from tests.unit.data.disclosure.results import POLICY

PERSON = "9f3c62d1a40b7e58" + "0" * 48
BITS = 0x9F3C62D1A40B7E58
OTHER = "1122334455667788" + "0" * 48


@pytest.fixture
def identifiers(tmp_path: Path) -> Identifiers:
    """Those of an extract of two tables, one of which names nobody."""
    folder = tmp_path / "extract"
    folder.mkdir()
    named = pa.table({"person_pseudonym": [PERSON, OTHER, PERSON, None], "age": [1, 2, 3, 4]})
    parquet.write_table(named, folder / "care.parquet")
    parquet.write_table(pa.table({"label": ["a"]}), folder / "labels.parquet")
    return Identifiers.of(ExtractFiles(folder))


def test_each_person_of_the_extract_is_known_once(identifiers: Identifiers) -> None:
    assert identifiers.persons.tolist() == [0x1122334455667788, BITS]


@pytest.mark.parametrize(
    "line",
    [
        PERSON,
        PERSON[:16].upper(),
        PERSON[:10],
        f"zz{PERSON[:16]}77",
        str(BITS),
        str(BITS - (1 << 64)),
        base64.b64encode(BITS.to_bytes(8, "big")).decode(),
        base64.urlsafe_b64encode(bytes.fromhex(PERSON)).decode(),
    ],
    ids=["whole", "first bits", "cut", "inside", "decimal", "signed", "base64", "url-safe"],
)
def test_a_pseudonym_is_met_however_it_is_written(identifiers: Identifiers, line: str) -> None:
    found = identifiers.check("t.csv", f"label,persons\n{line},40\n".encode(), POLICY)

    assert [(one.rule, one.place) for one in found] == [("P1", "line 2")]
    assert PERSON[:10] not in found[0].explanation


def test_a_name_of_a_file_tells_of_a_pseudonym_too(identifiers: Identifiers) -> None:
    (found,) = identifiers.check(f"{PERSON[:16]}.csv", b"", POLICY)

    assert (found.rule, found.place) == ("P1", "name")


def test_numbers_that_are_nobody_pass(identifiers: Identifiers) -> None:
    table = b"label,persons\nsha 0f3c62d1a40b7e58,12345678901234567890\nhypertension,40\n"

    assert identifiers.check("t.csv", table, POLICY) == []


def test_the_gate_blocks_what_the_words_of_a_table_would_carry(
    identifiers: Identifiers, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"group,persons\n{PERSON[:12]},40\nother,52\n")

    (free,) = check_outputs([("t.csv", path)], {}, POLICY)
    (blocked,) = check_outputs([("t.csv", path)], {}, POLICY, identifiers=identifiers)

    assert free.verdict is not Verdict.BLOCKED
    assert blocked.verdict is Verdict.BLOCKED
    assert np.any([one.rule == "P1" for one in blocked.findings])
