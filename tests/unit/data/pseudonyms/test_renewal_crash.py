"""A renewal that is killed leaves the old files or the new, and the next one ends the work."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecluse.data.pseudonyms import renewal
from tests.unit.data.pseudonyms.projects import (
    KNOWN,
    NEW,
    VERSIONS,
    blocks,
    person,
    renew_project,
    rows,
    write_project,
)

KILLED = """
import os, signal, sys
from pathlib import Path
from ecluse.data.pseudonyms import renewal
from tests.unit.data.pseudonyms import projects

def die(*_): os.kill(os.getpid(), signal.SIGKILL)

place = sys.argv[2]
def tell(step, done, total):
    if step == place: die()
if place == "before swap": renewal._swap = die
if place == "within swap": renewal._finish_swap = lambda folder, staging: (
    die() if not folder.exists() else None)
if place == "after swap": renewal._remove = die
renewal.renew(Path(sys.argv[1]), projects.VERSIONS, known=projects.KNOWN,
              values=projects.blocks(), on_progress=tell)
"""
PLACES = ["find", "ER_PRS_F.parquet", "codes.parquet", "before swap", "within swap", "after swap"]


def kill_at(place: str, folder: Path) -> int:
    root = Path(__file__).parents[4]
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), place], cwd=root, check=False
    ).returncode


@pytest.mark.parametrize("place", PLACES)
def test_a_renewal_killed_anywhere_is_ended_by_the_next(tmp_path: Path, place: str) -> None:
    untouched = write_project(tmp_path / "untouched" / "P")
    expected = renew_project(untouched)
    folder = write_project(tmp_path / "projects" / "P")

    status = kill_at(place, folder)
    report = renew_project(folder)

    assert status == -9
    assert report.files == expected.files
    assert rows(folder / "ER_PRS_F.parquet") == rows(untouched / "ER_PRS_F.parquet")
    assert list(folder.parent.iterdir()) == [folder]


def test_what_was_written_before_the_kill_is_not_written_again(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "projects" / "P")
    kill_at("codes.parquet", folder)

    report = renew_project(folder)

    assert report.resumed == 1
    assert person("ANNE", NEW) in str(rows(folder / "ER_PRS_F.parquet"))


def test_the_correspondence_is_never_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old and new pseudonym of a person stand together in no file, even half-way."""
    folder = write_project(tmp_path / "projects" / "P")
    seen: list[bytes] = []

    def look(_step: str, _done: int, _total: int) -> None:
        files = (path for path in tmp_path.rglob("*") if path.is_file())
        seen.extend(path.read_bytes() for path in files)

    renewal.renew(folder, VERSIONS, known=KNOWN, values=blocks(), on_progress=look)

    old, new = person("ANNE").encode(), person("ANNE", NEW).encode()
    assert any(old in content for content in seen)
    assert any(new in content for content in seen)
    assert not any(old in content and new in content for content in seen)
