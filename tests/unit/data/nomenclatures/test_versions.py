"""Versions of a nomenclature: which one holds on a day, and files that prove themselves."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.data.nomenclatures import Nomenclatures
from ecluse.domain.errors import InvalidInput, NotFound, SnapshotDamaged
from tests.unit.data.nomenclatures.lists import icd


def test_a_version_holds_until_the_next_one_begins(tmp_path: Path) -> None:
    icd(tmp_path, "A00", since=date(2010, 1, 1))
    found = icd(tmp_path, "A00", "A01", since=date(2015, 1, 1))

    assert [(version.valid_from, version.valid_until) for version in found.versions] == [
        (date(2010, 1, 1), date(2015, 1, 1)),
        (date(2015, 1, 1), None),
    ]


@pytest.mark.parametrize(
    ("on", "sizes"),
    [
        (date(2010, 1, 1), [1]),
        (date(2014, 12, 31), [1]),
        (date(2015, 1, 1), [2]),
        (date(2030, 1, 1), [2]),
        ((2012, 2013), [1]),
        ((2014, 2015), [1, 2]),
        (None, [2]),
    ],
)
def test_a_day_or_years_choose_the_versions_that_held_then(
    tmp_path: Path, on: date | tuple[int, int] | None, sizes: list[int]
) -> None:
    icd(tmp_path, "A00", since=date(2010, 1, 1))
    found = icd(tmp_path, "A00", "A01", since=date(2015, 1, 1))

    assert [version.size for version in found.during(on)] == sizes


def test_before_the_first_version_nothing_held(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="2010-01-01"):
        icd(tmp_path, "A00").during(date(2009, 12, 31))


def test_years_that_end_before_they_begin_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="2015-2014"):
        icd(tmp_path, "A00").during((2015, 2014))


def test_a_version_of_the_same_day_is_replaced(tmp_path: Path) -> None:
    icd(tmp_path, "A00", "A0l")
    found = icd(tmp_path, "A00", "A01")

    assert [dict(version.labels) for version in found.versions] == [
        {"A00": "A00 label", "A01": "A01 label"}
    ]


def test_names_are_listed_in_order(tmp_path: Path) -> None:
    icd(tmp_path, "A00")

    assert Nomenclatures(tmp_path / "lake").names() == ("ICD",)
    assert Nomenclatures(tmp_path / "nowhere").names() == ()


def test_a_nomenclature_that_is_not_loaded_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nomenclature load"):
        Nomenclatures(tmp_path).get("MS_CIM_V")


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot name"):
        Nomenclatures(tmp_path).get("../snds")


def test_a_file_that_changed_is_not_believed(tmp_path: Path) -> None:
    version = icd(tmp_path, "A00").versions[0]
    other = icd(tmp_path / "other", "B99").versions[0]
    version.path.write_bytes(other.path.read_bytes())

    with pytest.raises(SnapshotDamaged, match="was changed"):
        _ = version.labels


def test_files_are_private_and_nothing_else_is_left(tmp_path: Path) -> None:
    version = icd(tmp_path, "A00").versions[0]

    assert version.path.stat().st_mode & 0o077 == 0
    assert list(version.path.parent.iterdir()) == [version.path]
