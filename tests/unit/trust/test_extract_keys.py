"""The keys of extracts, wrapped by the zone's, and the zone's key replaced."""

from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, InvalidInput, NotFound
from ecluse.trust.zone.custody import ZoneCustody
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.keys import FileZoneKey, create_zone_key, load_zone_key

ZONE = FileZoneKey(bytes(range(32)))


@pytest.fixture
def extracts(tmp_path: Path) -> ExtractKeys:
    return ExtractKeys(tmp_path / "extracts", ZONE)


def test_a_key_is_found_again_by_its_name(extracts: ExtractKeys) -> None:
    drawn = extracts.draw("P")

    assert extracts.find("P", drawn.key_id).secret == drawn.secret
    assert extracts.ids("P") == (drawn.key_id,)


def test_a_key_lies_wrapped_for_its_owner_alone(extracts: ExtractKeys) -> None:
    drawn = extracts.draw("P")

    (path,) = extracts.folder.rglob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert drawn.secret not in path.read_bytes()


def test_a_key_does_not_open_for_another_project(extracts: ExtractKeys) -> None:
    drawn = extracts.draw("P")
    (extracts.folder / "P").rename(extracts.folder / "Q")

    with pytest.raises(BadSignature):
        extracts.find("Q", drawn.key_id)


def test_another_zone_s_key_opens_nothing(extracts: ExtractKeys) -> None:
    drawn = extracts.draw("P")
    other = ExtractKeys(extracts.folder, FileZoneKey(bytes(32)))

    with pytest.raises(BadSignature):
        other.find("P", drawn.key_id)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"wrapped":1}', b"\xff"])
def test_a_file_that_is_no_key_is_said(extracts: ExtractKeys, content: bytes) -> None:
    drawn = extracts.draw("P")
    (extracts.folder / "P" / f"{drawn.key_id}.json").write_bytes(content)

    with pytest.raises(InvalidInput, match="restore"):
        extracts.find("P", drawn.key_id)


def test_destroyed_keys_are_found_by_nobody(extracts: ExtractKeys) -> None:
    first, second, other = extracts.draw("P"), extracts.draw("P"), extracts.draw("Q")

    assert extracts.destroy("P") == 2
    assert not (extracts.folder / "P").exists()
    assert extracts.find("Q", other.key_id)
    with pytest.raises(NotFound):
        extracts.find("P", first.key_id)
    with pytest.raises(NotFound):
        extracts.find("P", second.key_id)


def test_the_zone_s_key_is_replaced_and_extracts_stay_readable(tmp_path: Path) -> None:
    custody = ZoneCustody(tmp_path)
    extracts = ExtractKeys(tmp_path / "extracts", custody.create())
    drawn = [extracts.draw("P"), extracts.draw("Q")]
    old = custody.load()

    new, count = custody.replace(extracts)

    after = ExtractKeys(tmp_path / "extracts", custody.load())
    assert (count, after.zone_key.key_id) == (2, new.key_id)
    assert after.find("Q", drawn[1].key_id).secret == drawn[1].secret
    with pytest.raises(BadSignature):
        ExtractKeys(tmp_path / "extracts", old).find("P", drawn[0].key_id)


def test_a_replacement_that_was_killed_goes_on(tmp_path: Path) -> None:
    custody = ZoneCustody(tmp_path)
    extracts = ExtractKeys(tmp_path / "extracts", custody.create())
    drawn = extracts.draw("P")
    begun = create_zone_key(tmp_path / "next-zone.key")
    extracts.wrap_again(begun)

    new, _ = custody.replace(extracts)

    assert new.key_id == begun.key_id
    assert ExtractKeys(tmp_path / "extracts", custody.load()).find("P", drawn.key_id)


def test_a_zone_has_one_first_key(tmp_path: Path) -> None:
    custody = ZoneCustody(tmp_path)
    custody.create()

    with pytest.raises(InvalidInput, match="replace it"):
        custody.create()


@pytest.mark.parametrize("content", ["", "AAAA", "é"])
def test_a_file_that_is_no_zone_s_key_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "zone.key"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(InvalidInput, match="not the key of a zone"):
        load_zone_key(path)


def test_a_zone_s_key_that_others_read_is_refused(tmp_path: Path) -> None:
    create_zone_key(tmp_path / "zone.key")
    (tmp_path / "zone.key").chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        load_zone_key(tmp_path / "zone.key")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"zone\.key"):
        ZoneCustody(tmp_path).load()
