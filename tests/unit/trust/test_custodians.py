"""Two custodians, two signatures."""

from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust.pseudonyms.custodians import (
    approve,
    check_approvals,
    create_custodian,
    load_approval,
    load_custodian,
)
from ecluse.trust.pseudonyms.keys import FIRST, SECOND

DIGEST = "sha256:" + "a" * 64


def approval_file(folder: Path, name: str, level: int) -> Path:
    create_custodian(folder, name, level)
    path = folder / f"{name}.json"
    path.write_bytes(approve(folder, name, DIGEST, purpose="P").line())
    return path


def test_what_both_custodians_wrote_is_read_and_believed(tmp_path: Path) -> None:
    alice = approval_file(tmp_path, "Alice", FIRST)
    bruno = approval_file(tmp_path, "Bruno", SECOND)
    known = (
        load_custodian(tmp_path / "Alice.custodian.pub"),
        load_custodian(tmp_path / "Bruno.custodian.pub"),
    )

    check_approvals((load_approval(alice), load_approval(bruno)), known, DIGEST, purpose="P")


@pytest.mark.parametrize("level", [0, 3])
def test_a_custodian_has_level_1_or_2(tmp_path: Path, level: int) -> None:
    with pytest.raises(InvalidInput, match="not 1 or 2"):
        create_custodian(tmp_path, "Alice", level)


def test_a_custodian_s_key_is_never_overwritten(tmp_path: Path) -> None:
    create_custodian(tmp_path, "Alice", FIRST)

    with pytest.raises(InvalidInput, match="exists"):
        create_custodian(tmp_path, "Alice", FIRST)


def test_a_custodian_s_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    create_custodian(tmp_path, "Alice", FIRST)
    (tmp_path / "Alice.custodian.key").chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        approve(tmp_path, "Alice", DIGEST, purpose="P")


def test_a_file_that_is_no_key_signs_nothing(tmp_path: Path) -> None:
    create_custodian(tmp_path, "Alice", FIRST)
    (tmp_path / "Alice.custodian.key").write_text("AAAA\n")

    with pytest.raises(InvalidInput, match="not a custodian's key"):
        approve(tmp_path, "Alice", DIGEST, purpose="P")


def test_missing_files_are_named(tmp_path: Path) -> None:
    create_custodian(tmp_path, "Alice", FIRST)
    (tmp_path / "Alice.custodian.key").unlink()

    with pytest.raises(NotFound, match="Bruno"):
        approve(tmp_path, "Bruno", DIGEST, purpose="P")
    with pytest.raises(NotFound, match=r"Alice\.custodian\.key"):
        approve(tmp_path, "Alice", DIGEST, purpose="P")
    with pytest.raises(NotFound):
        load_approval(tmp_path / "none.json")
