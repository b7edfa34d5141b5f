"""Records of opt-outs cut off where a write can be: the next run makes them whole, or refuses."""

from pathlib import Path

import pytest

from ecluse.data.optouts import Listing, Records
from ecluse.domain.documents import Basis, OptOutList
from ecluse.domain.errors import BadSignature, NotFound
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.keys import FileZoneKey
from tests.unit.domain.build import DECIDED_AT

LISTING = Listing(OptOutList("FR-2026-0001", DECIDED_AT, ("N-1", "N-2"), ("N-3",)))
DIGEST = "sha256:" + "2" * 64


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """The records of a zone."""
    return Records(tmp_path / "records", ExtractKeys(tmp_path / "keys", FileZoneKey(bytes(32))))


@pytest.mark.parametrize(
    "lost", ["ehds-71.json", "national-copy.json", "national-copy.digests", "ehds-71.digests"]
)
def test_a_list_record_cut_off_before_its_end_is_made_again(records: Records, lost: str) -> None:
    folder = records.make_list(LISTING, DIGEST)
    (folder / lost).unlink()
    (folder / "national-copy.json").unlink(missing_ok=True)

    records.make_list(LISTING, DIGEST)

    made = records.of_list_digest(DIGEST)
    sizes = {basis: len(digests) for basis, digests in made.lists().items()}
    assert sizes == {Basis.EHDS: 2, Basis.NATIONAL_COPY: 1}
    assert made.lists()[Basis.EHDS].holds(made.digest("N-2"))


def test_an_extract_is_not_recorded_under_a_list_that_is_not_whole(records: Records) -> None:
    (records.make_list(LISTING, DIGEST) / "national-copy.json").unlink()

    with pytest.raises(NotFound):
        records.keep(DIGEST, "FR-2026-0001-E1", "FR-2026-0001", ["N-9"])


def test_an_extraction_that_goes_on_replaces_what_a_killed_one_recorded(records: Records) -> None:
    records.make_list(LISTING, DIGEST)
    records.keep(DIGEST, "FR-2026-0001-E1", "FR-2026-0001", ["N-8"])

    told = records.keep(DIGEST, "FR-2026-0001-E1", "FR-2026-0001", ["N-9"])

    (record,) = records.all()
    assert record.holds(["N-9"])
    assert not record.holds(["N-8"])
    assert record.persons().commitment() == told


def test_a_record_cut_in_its_middle_is_not_believed(records: Records) -> None:
    folder = records.make_list(LISTING, DIGEST)
    records.keep(DIGEST, "FR-2026-0001-E1", "FR-2026-0001", ["N-8", "N-9"])
    path = folder / "FR-2026-0001-E1.persons"
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(BadSignature):
        records.of_order("FR-2026-0001-E1").persons()


def test_the_half_written_beside_a_record_is_no_record(records: Records) -> None:
    folder = records.make_list(LISTING, DIGEST)
    (folder / "FR-2026-0001-E1.permit.json").write_text('"FR-2026-0001"')

    assert list(records.all()) == []


def test_records_are_read_after_the_key_of_the_zone_is_replaced(
    records: Records, tmp_path: Path
) -> None:
    records.make_list(LISTING, DIGEST)
    records.keep(DIGEST, "FR-2026-0001-E1", "FR-2026-0001", ["N-9"])
    new = FileZoneKey(bytes(range(32)))

    records.keys.wrap_again(new)

    moved = Records(tmp_path / "records", ExtractKeys(tmp_path / "keys", new))
    assert moved.of_order("FR-2026-0001-E1").holds(["N-9"])
