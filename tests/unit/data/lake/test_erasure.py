import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from ecluse.data.lake import Lake, verify
from ecluse.data.lake.certificates import DeletionCertificate, check, keep, sign
from ecluse.data.lake.erasure import erase_dataset, erase_persons, erase_snapshot
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, InvalidInput, LoadFailed, Malformed, NotFound
from ecluse.trust.keys import Keyring, draw_key
from tests.unit.data.lake.worlds import (
    BRUNO,
    MORNING,
    TABLES,
    ZOE,
    act,
    files_under,
    people,
    pseudonyms,
    publish,
    rows,
    texts_under,
)
from tests.unit.data.lakes import publish as small_lake

LATER = MORNING + timedelta(days=1)


def erase(lake: Path, *ids: str) -> DeletionCertificate:
    return erase_persons(Lake(lake), "claims", ids, reference="request 7", now=LATER)


@pytest.mark.parametrize("asked", ["IDENTITY-ANNA", "OPT-OUT-ANNA"])
def test_nothing_of_an_erased_person_is_left_on_the_disk(tmp_path: Path, asked: str) -> None:
    publish(tmp_path)
    publish(tmp_path, now=MORNING + timedelta(hours=1))

    erase(tmp_path, asked)

    assert "ANNA" not in texts_under(tmp_path)


def test_the_rows_of_others_stay_as_they_were(tmp_path: Path) -> None:
    before = rows(publish(tmp_path), "ER_PRS_F", "person_key, event_date, BEN_NIR_PSA, PRS_NAT_REF")

    erase(tmp_path, "IDENTITY-ANNA")

    after = rows(
        Lake(tmp_path).snapshot("claims"),
        "ER_PRS_F",
        "person_key, event_date, BEN_NIR_PSA, PRS_NAT_REF",
    )
    assert after == [row for row in before if row[0] != 1]
    assert len(after) == 4


def test_the_pseudonym_of_an_erased_mother_is_blanked_in_her_child_s_stay(tmp_path: Path) -> None:
    publish(tmp_path)

    erase(tmp_path, "IDENTITY-ANNA")

    stays = rows(
        Lake(tmp_path).snapshot("claims"), "T_MCOaaC", "person_key, NIR_ANO_17, NIR_ANO_MAM"
    )
    assert (BRUNO, "PSA-OF-BRUNO", None) in stays


def test_a_twin_keeps_her_rows_and_loses_the_stays_that_may_be_her_sister_s(tmp_path: Path) -> None:
    publish(tmp_path)

    certificate = erase(tmp_path, "IDENTITY-CHLOE")

    snapshot = Lake(tmp_path).snapshot("claims")
    assert (ZOE, "PSA-OF-THE-TWINS") in rows(snapshot, "ER_PRS_F", "person_key, BEN_NIR_PSA")
    assert rows(snapshot, "T_MCOaaC", "person_key") == [(BRUNO,)]
    assert pseudonyms(snapshot).count("PSA-OF-THE-TWINS") == 1
    assert certificate.names_shared == 1


def test_the_register_of_persons_forgets_too(tmp_path: Path) -> None:
    publish(tmp_path)

    erase(tmp_path, "IDENTITY-ANNA")

    snapshot = Lake(tmp_path).snapshot("claims")
    assert people(snapshot) == [(2, "IDENTITY-BRUNO"), (3, "IDENTITY-CHLOE"), (4, "IDENTITY-ZOE")]
    assert pseudonyms(snapshot) == ["PSA-OF-BRUNO", "PSA-OF-THE-TWINS", "PSA-OF-THE-TWINS"]


def test_parts_without_the_person_are_not_written_again(tmp_path: Path) -> None:
    published = publish(tmp_path)
    (july,) = (part for part in published.table("ER_PRS_F").parts if part.slice == "2022-07")

    erase(tmp_path, "IDENTITY-ANNA")

    left = Lake(tmp_path).snapshot("claims")
    assert july in left.table("ER_PRS_F").parts
    assert left.table("IR_PHA_R") == published.table("IR_PHA_R")


def test_a_part_of_which_nothing_is_left_goes(tmp_path: Path) -> None:
    only = [act(1, date(2022, 6, 3), "PSA-OF-ANNA"), act(2, date(2022, 7, 6), "PSA-OF-BRUNO")]
    publish(tmp_path, {"ER_PRS_F": only})

    erase(tmp_path, "IDENTITY-ANNA")

    assert Lake(tmp_path).snapshot("claims").table("ER_PRS_F").slices == ("2022-07",)


def test_a_table_of_which_nothing_is_left_keeps_its_columns(tmp_path: Path) -> None:
    published = publish(tmp_path, {"ER_PRS_F": [act(1, date(2022, 6, 3), "PSA-OF-ANNA")]})

    erase(tmp_path, "IDENTITY-ANNA")

    left = Lake(tmp_path).snapshot("claims").table("ER_PRS_F")
    assert (left.rows, left.columns) == (0, published.table("ER_PRS_F").columns)


def test_snapshots_that_hold_the_person_are_dropped_and_the_others_stay(tmp_path: Path) -> None:
    without = publish(tmp_path, {"ER_PRS_F": [act(2, date(2022, 7, 6), "PSA-OF-BRUNO")]})
    erased = erase(tmp_path, "IDENTITY-ANNA")
    again = publish(tmp_path, now=LATER + timedelta(days=1))

    certificate = erase_persons(
        Lake(tmp_path), "claims", ["IDENTITY-ANNA"], reference="8", now=LATER + timedelta(days=2)
    )

    assert erased.snapshots_dropped == (without.snapshot_id,)  # its register knew her
    assert certificate.snapshots_dropped == (again.snapshot_id,)
    assert Lake(tmp_path).snapshots("claims") == (
        str(erased.snapshot_after),
        str(certificate.snapshot_after),
    )


def test_what_is_left_verifies_and_every_file_has_a_snapshot(tmp_path: Path) -> None:
    publish(tmp_path)

    erase(tmp_path, "IDENTITY-ANNA")

    snapshot = Lake(tmp_path).snapshot("claims")
    assert verify(snapshot).files == 3 + len(snapshot.every_part())
    assert files_under(snapshot.folder) == sorted(str(part.file) for part in snapshot.every_part())


def test_what_a_killed_load_left_is_deleted(tmp_path: Path) -> None:
    snapshot = publish(tmp_path)
    left = snapshot.folder / ".staging-killed" / "writing"
    left.mkdir(parents=True)
    (left / "ER_PRS_F.csv").write_text("PSA-OF-ANNA")

    erase(tmp_path, "IDENTITY-ANNA")

    assert "ANNA" not in texts_under(tmp_path)


def test_the_certificate_counts_what_was_erased(tmp_path: Path) -> None:
    publish(tmp_path)

    certificate = erase(tmp_path, "IDENTITY-ANNA", "NOBODY")

    counts = {
        table.table: (table.rows_before, table.rows_erased, table.rows_blanked, table.rows_after)
        for table in certificate.tables
    }
    assert counts == {
        "_persons": (4, 1, 0, 3),
        "_names": (5, 2, 0, 3),
        "ER_PRS_F": (6, 2, 0, 4),
        "T_MCOaaC": (2, 0, 1, 2),
    }
    assert (certificate.persons_asked, certificate.persons_erased) == (2, 1)
    assert certificate.rows_found_after == 0
    assert certificate.rows_read_again == 3 + 3 + 4 + 2 + 1
    assert all(one.checksum_expected == one.checksum_written for one in certificate.tables)


def test_the_certificate_names_nobody(tmp_path: Path) -> None:
    publish(tmp_path)

    told = sign(erase(tmp_path, "IDENTITY-ANNA"), None).decode()

    assert "ANNA" not in told
    assert json.loads(told)["certificate"]["reference"] == "request 7"


def test_erasing_somebody_unknown_changes_nothing_and_says_so(tmp_path: Path) -> None:
    published = publish(tmp_path)

    certificate = erase(tmp_path, "IDENTITY-OF-NOBODY")

    assert Lake(tmp_path).snapshot("claims") == published
    assert (certificate.persons_erased, certificate.tables, certificate.deleted) == (0, (), ())
    assert certificate.parts_read_again == len(published.every_part())


def test_an_erasure_waits_for_the_load_under_way(tmp_path: Path) -> None:
    publish(tmp_path)

    with Lake(tmp_path).staging("claims"), pytest.raises(LoadFailed):
        erase(tmp_path, "IDENTITY-ANNA")


def test_a_number_that_names_a_person_stays_where_it_names_something_else(tmp_path: Path) -> None:
    people = [(1, "1", None), (2, "2", None)]
    ends = [
        {"person_key": 1, "person_id": 1, "stop_reason": "cured"},
        {"person_key": 2, "person_id": 2, "stop_reason": "1"},
    ]
    small_lake(tmp_path, "claims", {"condition_occurrence": ends}, people, model_name="omop")

    erase(tmp_path, "1")

    left = Lake(tmp_path).snapshot("claims")
    assert rows(left, "condition_occurrence", "person_id, stop_reason") == [(2, "1")]


def test_an_erasure_killed_before_the_end_is_finished_by_the_next(tmp_path: Path) -> None:
    first = publish(tmp_path)
    saved = tmp_path / "saved"
    shutil.copytree(first.folder, saved)
    erased = erase(tmp_path, "IDENTITY-ANNA")
    # As when it was killed once the new snapshot was current, before anything was deleted.
    shutil.copytree(saved, first.folder, dirs_exist_ok=True)
    (first.folder / "current").write_text(str(erased.snapshot_after))
    shutil.rmtree(saved)

    again = erase(tmp_path, "IDENTITY-ANNA")

    assert again.snapshots_dropped == (first.snapshot_id,)
    assert again.persons_erased == 1
    assert "ANNA" not in texts_under(tmp_path)


def test_a_former_snapshot_is_erased_with_the_parts_that_no_other_names(tmp_path: Path) -> None:
    old = publish(tmp_path)
    new = publish(tmp_path, {"ER_PRS_F": TABLES["ER_PRS_F"]}, now=LATER)

    certificate = erase_snapshot(
        Lake(tmp_path), "claims", old.snapshot_id, reference="9", now=LATER
    )

    assert Lake(tmp_path).snapshots("claims") == (new.snapshot_id,)
    assert certificate.deleted == tuple(
        sorted(part.digest for name in ("T_MCOaaC", "IR_PHA_R") for part in old.table(name).parts)
    )
    assert verify(new)


def test_the_current_snapshot_cannot_be_erased_alone(tmp_path: Path) -> None:
    current = publish(tmp_path).snapshot_id

    with pytest.raises(InvalidInput, match="current snapshot"):
        erase_snapshot(Lake(tmp_path), "claims", current, reference="9", now=LATER)


def test_an_erased_dataset_leaves_nothing(tmp_path: Path) -> None:
    published = publish(tmp_path)

    certificate = erase_dataset(Lake(tmp_path), "claims", reference="10", now=LATER)

    assert list(tmp_path.iterdir()) == []
    assert set(certificate.deleted) == {part.digest for part in published.every_part()}
    with pytest.raises(NotFound):
        Lake(tmp_path).snapshot("claims")


def test_a_signed_certificate_is_believed_and_an_altered_one_is_not(tmp_path: Path) -> None:
    publish(tmp_path)
    key = draw_key(Signer.AGENT, now=MORNING)
    certificate = erase(tmp_path, "IDENTITY-ANNA")
    data = keep(Lake(tmp_path), certificate, key).read_bytes()
    keyring = Keyring([key.public()])

    assert check(data, keyring) == certificate
    with pytest.raises(BadSignature):
        check(data.replace(b'"persons_erased":1', b'"persons_erased":9'), keyring)
    with pytest.raises(Malformed, match="not signed"):
        check(sign(certificate, None), keyring)
