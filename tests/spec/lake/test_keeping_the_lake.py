"""The lake over the years: as of any day, archived, erased, encrypted, and proved each time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecluse.data.lake import Lake, verify
from ecluse.data.lake.erasure import erase_persons
from ecluse.data.lake.rekeying import change_key
from ecluse.data.lake.retention import retire
from ecluse.domain.errors import NotFound, SnapshotDamaged
from ecluse.trust.zone.lake_keys import draw_lake_key
from tests.unit.data.lake.worlds import ANNA, TABLES, publish, rows, texts_under

JANUARY = datetime(2026, 1, 5, 10, tzinfo=UTC)
FEBRUARY = JANUARY + timedelta(days=31)


def test_a_study_can_be_run_again_on_the_data_of_its_day(tmp_path: Path) -> None:
    publish(tmp_path, now=JANUARY)
    publish(tmp_path, {"ER_PRS_F": TABLES["ER_PRS_F"][:1]}, now=FEBRUARY)
    lake = Lake(tmp_path)

    then, now = lake.as_of("claims", JANUARY + timedelta(days=1)), lake.snapshot("claims")

    assert len(rows(then, "ER_PRS_F", "person_key")) == 6
    assert len(rows(now, "ER_PRS_F", "person_key")) == 1


def test_a_file_that_changed_on_the_disk_is_named(tmp_path: Path) -> None:
    snapshot = publish(tmp_path)
    part = snapshot.paths(snapshot.table("ER_PRS_F"))[0]
    part.write_bytes(part.read_bytes()[:-1] + b"?")

    with pytest.raises(SnapshotDamaged, match=part.name):
        verify(snapshot)


def test_claims_of_more_than_twenty_years_leave_for_the_archive(tmp_path: Path) -> None:
    publish(tmp_path)

    archive = retire(Lake(tmp_path), "claims", before=2006, now=FEBRUARY).archive

    assert archive is not None
    assert rows(archive, "ER_PRS_F", "year(event_date)") == [(2005,), (2005,)]
    assert Lake(tmp_path).snapshot("claims").table("ER_PRS_F").slices == ("2022-06", "2022-07")


def test_an_erased_person_is_nowhere_and_the_certificate_says_how_it_was_proved(
    tmp_path: Path,
) -> None:
    publish(tmp_path)

    certificate = erase_persons(
        Lake(tmp_path), "claims", ["OPT-OUT-ANNA"], reference="request 7", now=FEBRUARY
    )

    snapshot = Lake(tmp_path).snapshot("claims")
    assert "ANNA" not in texts_under(tmp_path)
    assert (ANNA,) not in rows(snapshot, "ER_PRS_F", "person_key")
    assert certificate.rows_read_again == sum(part.rows for part in snapshot.every_part())
    assert certificate.rows_found_after == 0


def test_an_encrypted_dataset_is_proved_by_anybody_and_read_with_its_key_only(
    tmp_path: Path,
) -> None:
    publish(tmp_path)
    key = draw_lake_key()
    change_key(Lake(tmp_path), "claims", to=key, now=FEBRUARY)
    without, with_key = Lake(tmp_path), Lake(tmp_path, key=key)

    assert verify(without.snapshot("claims"))
    assert len(rows(with_key.snapshot("claims"), "ER_PRS_F", "person_key")) == 6
    with pytest.raises(NotFound, match="encrypted with the key"):
        rows(without.snapshot("claims"), "ER_PRS_F", "person_key")
