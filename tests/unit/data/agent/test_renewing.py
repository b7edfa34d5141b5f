"""Sealed extracts renewed in memory: all of them under new keys, or none."""

from pathlib import Path

import pytest

from ecluse.data.agent import Zone
from ecluse.data.agent.renewing import renew_sealed
from ecluse.data.extraction import ExtractFiles, open_files
from ecluse.data.pseudonyms.renewal import Renewal
from ecluse.domain.errors import InvalidInput, NotFound

PROJECT = "FR-2026-0001"
DONE = Renewal({}, {}, resumed=0)


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    zone = Zone(tmp_path)
    for order in ("E1", "E2"):
        folder = zone.extract(PROJECT, order)
        folder.mkdir(parents=True)
        files = ExtractFiles(folder, zone.seals(PROJECT).draw())
        files.write("rows.csv", f"old {order}".encode())
        (folder / "rows.csv").chmod(files.modes[0])
        folder.chmod(files.modes[1])
    return zone


def content(zone: Zone, order: str) -> bytes:
    return open_files(zone.extract(PROJECT, order), zone.seals(PROJECT)).read("rows.csv")


def rewrite(opened: Path) -> Renewal:
    """What a renewal does: other rows in every file."""
    for path in opened.rglob("*.csv"):
        path.write_bytes(path.read_bytes().replace(b"old", b"new"))
    return DONE


def test_every_file_is_sealed_anew_and_the_old_keys_are_destroyed(zone: Zone) -> None:
    keys = zone.extract_keys()
    before = set(keys.ids(PROJECT))

    renew_sealed(zone, PROJECT, rewrite)

    assert (content(zone, "E1"), content(zone, "E2")) == (b"new E1", b"new E2")
    assert len(keys.ids(PROJECT)) == 2
    assert not before & set(keys.ids(PROJECT))
    assert [path.name for path in zone.projects.iterdir()] == [PROJECT]
    assert zone.extract(PROJECT, "E1").stat().st_mode & 0o777 == 0o500


def test_a_renewal_that_stops_changes_nothing_and_leaves_nothing_in_memory(zone: Zone) -> None:
    seen: list[Path] = []

    def stop(opened: Path) -> Renewal:
        seen.append(opened)
        raise InvalidInput("A pseudonym stands where none should.")

    with pytest.raises(InvalidInput):
        renew_sealed(zone, PROJECT, stop)

    assert content(zone, "E1") == b"old E1"
    assert seen[0].is_relative_to("/dev/shm")  # noqa: S108 - where it must be
    assert not seen[0].parent.exists()


def test_a_renewal_killed_between_two_names_is_undone_and_done_again(zone: Zone) -> None:
    folder = zone.projects / PROJECT
    folder.rename(zone.projects / f".replaced-{PROJECT}")
    (zone.projects / f".sealing-{PROJECT}" / "E1").mkdir(parents=True)

    renew_sealed(zone, PROJECT, rewrite)

    assert content(zone, "E2") == b"new E2"
    assert [path.name for path in zone.projects.iterdir()] == [PROJECT]


def test_an_extraction_under_way_is_waited_for(zone: Zone) -> None:
    (zone.projects / PROJECT / ".staging-E3").mkdir()

    with pytest.raises(InvalidInput, match="under way"):
        renew_sealed(zone, PROJECT, rewrite)


def test_a_project_without_extract_has_nothing_to_renew(zone: Zone) -> None:
    with pytest.raises(NotFound, match="no extract"):
        renew_sealed(zone, "FR-2026-0002", rewrite)
