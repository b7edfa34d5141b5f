"""Which version of the keys a project has."""

from pathlib import Path

import pytest

from ecluse.data.pseudonyms import Label, ProjectVersions
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust.pseudonyms.keys import FIRST, SECOND
from ecluse.trust.pseudonyms.versions import KeyFolder


@pytest.fixture
def versions(tmp_path: Path) -> ProjectVersions:
    first = KeyFolder(tmp_path / "first custodian", FIRST)
    second = KeyFolder(tmp_path / "second custodian", SECOND, passphrase="words")
    first.create()
    second.create()
    return ProjectVersions(first, second, tmp_path / "zone" / "pseudonyms.json")


def test_a_project_keeps_its_version_when_a_custodian_makes_a_new_one(
    versions: ProjectVersions,
) -> None:
    before = versions.project("P1").of(Label.PERSON, ["7"])

    newer = versions.second.rotate()

    assert versions.project("P1").of(Label.PERSON, ["7"]) == before
    assert versions.project("P2").keys.key_ids[1] == newer.key_id


def test_a_version_recorded_is_the_project_s_from_then_on(versions: ProjectVersions) -> None:
    versions.project("P1")
    versions.first.rotate()
    current = versions.current_ids()

    versions.record("P1", current)

    assert versions.project("P1").keys.key_ids == current
    assert versions.versions() == {"P1": current}


def test_a_project_that_was_never_extracted_has_no_version(versions: ProjectVersions) -> None:
    assert versions.version("P1") is None


def test_the_list_of_versions_holds_names_and_no_key(versions: ProjectVersions) -> None:
    key_ids = versions.project("P1").keys.key_ids

    assert versions.path.read_text() == (
        f'{{"projects":{{"P1":["{key_ids[0]}","{key_ids[1]}"]}}}}\n'
    )


def test_a_lost_version_is_never_replaced_by_another(versions: ProjectVersions) -> None:
    key_ids = versions.project("P1").keys.key_ids
    versions.first.rotate()
    (versions.first.path / f"{key_ids[0]}.key").unlink()

    with pytest.raises(NotFound, match=key_ids[0]):
        versions.project("P1")


def test_the_first_key_of_a_folder_is_made_once(versions: ProjectVersions) -> None:
    with pytest.raises(InvalidInput, match="new version"):
        versions.first.create()


def test_a_folder_without_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no pseudonym key"):
        KeyFolder(tmp_path, FIRST).current_id()


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "pseudonym-3-0000000000000000"])
def test_a_name_that_is_no_key_s_is_refused(versions: ProjectVersions, text: str) -> None:
    (versions.first.path / "current").write_text(text)

    with pytest.raises(InvalidInput, match="names no key"):
        versions.current_ids()
    with pytest.raises(InvalidInput, match="not the name"):
        versions.first.find(text)


def test_a_key_file_under_another_s_name_is_refused(versions: ProjectVersions) -> None:
    old = versions.first.current_id()
    new = versions.first.rotate().key_id
    (versions.first.path / f"{new}.key").replace(versions.first.path / f"{old}.key")

    with pytest.raises(InvalidInput, match="another key"):
        versions.first.find(old)


@pytest.mark.parametrize("text", ["", "[]", '{"projects":{"P1":["a","b"]}}', '{"projects":7}'])
def test_a_list_of_versions_that_cannot_be_read_is_refused(
    versions: ProjectVersions, text: str
) -> None:
    versions.project("P1")
    versions.path.write_text(text)

    with pytest.raises(InvalidInput, match="not the list of versions"):
        versions.project("P1")
