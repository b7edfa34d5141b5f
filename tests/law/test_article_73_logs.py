"""EHDS art. 73(1)(e): access and activity logs are kept one year at least."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.data.workspaces import logs
from ecluse.domain.errors import NotAllowed

TODAY = date(2026, 11, 23)


def opening(folder: Path, stamp: str) -> Path:
    """The logs of one opening of a workspace."""
    path = folder / "FR-2025-0001" / "sessions" / stamp
    path.mkdir(parents=True)
    (path / "stderr").write_text("started\n")
    return path


def test_a_purge_at_364_days_is_refused_and_removes_nothing(tmp_path: Path) -> None:
    kept = opening(tmp_path, "20251124T080000000000")  # 364 days before

    with pytest.raises(NotAllowed, match="one year"):
        logs.purge(tmp_path, until=date(2025, 11, 25), today=TODAY)
    assert kept.exists()


def test_a_purge_of_what_is_a_year_old_keeps_the_day_itself(tmp_path: Path) -> None:
    old = opening(tmp_path, "20251122T235959000000")
    kept = opening(tmp_path, "20251123T000000000000")

    count = logs.purge(tmp_path, until=date(2025, 11, 23), today=TODAY)

    assert count == 1
    assert not old.exists()
    assert kept.exists()


def test_a_folder_that_is_not_an_opening_is_never_purged(tmp_path: Path) -> None:
    other = opening(tmp_path, "notes")

    logs.purge(tmp_path, until=date(2025, 1, 1), today=TODAY)

    assert other.exists()
