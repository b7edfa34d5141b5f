from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.engines import connect
from ecluse.data.extraction import extract
from ecluse.data.lake import Lake, Snapshot, read, verify
from ecluse.data.lake.compaction import compact
from ecluse.data.lake.erasure import erase_persons
from ecluse.data.lake.rekeying import change_key
from ecluse.data.lake.retention import drop_snapshots, retire
from ecluse.data.lake.sweeping import sweep
from ecluse.domain.errors import BadSignature, EcluseError, InvalidInput, NotFound
from ecluse.trust.zone.lake_keys import LakeKey, create_lake_key, draw_lake_key, load_lake_key
from tests.unit.data import studies
from tests.unit.data.lake.worlds import MORNING, people, publish, rows

LATER = MORNING + timedelta(days=1)
COLUMNS = "person_key, event_date, BEN_NIR_PSA, PRS_NAT_REF"


@pytest.fixture
def key() -> LakeKey:
    return draw_lake_key()


@pytest.fixture
def sealed(tmp_path: Path, key: LakeKey) -> Snapshot:
    return publish(tmp_path / "sealed", key=key)


def bytes_under(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_an_encrypted_dataset_is_read_with_its_key(
    tmp_path: Path, sealed: Snapshot, key: LakeKey
) -> None:
    clear = publish(tmp_path / "clear")

    found = Lake(tmp_path / "sealed", key=key).snapshot("claims")

    assert rows(found, "ER_PRS_F", COLUMNS) == rows(clear, "ER_PRS_F", COLUMNS)
    assert people(found) == people(clear)
    assert found.encryption == key.key_id


def test_neither_values_nor_columns_stand_in_clear_on_the_disk(
    tmp_path: Path, sealed: Snapshot
) -> None:
    clear = publish(tmp_path / "clear")

    assert b"PSA-OF" in bytes_under(clear.folder / "parts")
    assert b"PSA-OF" not in bytes_under(sealed.folder)
    assert b"BEN_NIR_PSA" not in bytes_under(sealed.folder / "parts")


def test_the_key_is_nowhere_in_the_lake(sealed: Snapshot, key: LakeKey) -> None:
    assert key.secret not in bytes_under(sealed.folder)
    assert key.secret.hex() not in repr(sealed)
    assert key.secret.hex() not in repr(key)


def test_the_key_is_in_no_plan_and_no_profile(
    tmp_path: Path, sealed: Snapshot, key: LakeKey
) -> None:
    found = Lake(tmp_path / "sealed", key=key).snapshot("claims")
    with connect(readable=[found.folder]) as connection:
        told = read(connection, found, "ER_PRS_F").filter("person_key = 1").explain("analyze")

    assert key.secret.hex() not in told
    assert key.key_id not in told


def test_without_its_key_a_dataset_is_listed_and_verified_but_not_read(sealed: Snapshot) -> None:
    found = Lake(sealed.folder.parent).snapshot("claims")

    assert verify(found).files == 3 + len(found.every_part())
    with pytest.raises(NotFound, match=f"encrypted with the key {sealed.encryption}"):
        rows(found, "ER_PRS_F", COLUMNS)


def test_another_key_reads_nothing(sealed: Snapshot) -> None:
    found = Lake(sealed.folder.parent, key=draw_lake_key()).snapshot("claims")

    with pytest.raises(NotFound, match="which was not given"):
        rows(found, "ER_PRS_F", COLUMNS)


def test_a_part_keeps_its_rows_and_its_persons_in_the_manifest(
    tmp_path: Path, sealed: Snapshot
) -> None:
    clear = publish(tmp_path / "clear")

    told = [(part.slice, part.rows, part.first_key, part.last_key) for part in sealed.every_part()]
    assert told == [
        (part.slice, part.rows, part.first_key, part.last_key) for part in clear.every_part()
    ]


def test_an_encrypted_dataset_takes_no_load_in_clear(sealed: Snapshot) -> None:
    with pytest.raises(InvalidInput, match="ecluse lake encrypt"):
        publish(sealed.folder.parent, now=LATER)


def test_a_dataset_is_encrypted_then_given_another_key_then_put_in_clear(
    tmp_path: Path, key: LakeKey
) -> None:
    clear, other = publish(tmp_path), draw_lake_key()
    expected = rows(clear, "ER_PRS_F", COLUMNS)

    first = change_key(Lake(tmp_path), "claims", to=key, now=LATER)
    second = change_key(Lake(tmp_path, key=key), "claims", to=other, now=LATER)
    third = change_key(Lake(tmp_path, key=other), "claims", to=None, now=LATER)

    assert [one.encryption for one in (first, second, third)] == [key.key_id, other.key_id, None]
    assert rows(first, "ER_PRS_F", COLUMNS) == expected
    assert rows(second, "ER_PRS_F", COLUMNS) == expected
    assert rows(third, "ER_PRS_F", COLUMNS) == expected


def test_once_the_snapshots_in_clear_are_swept_only_the_key_gives_the_rows(
    tmp_path: Path, key: LakeKey
) -> None:
    publish(tmp_path)
    lake = Lake(tmp_path)
    change_key(lake, "claims", to=key, now=LATER)

    drop_snapshots(lake, "claims", before=LATER)
    sweep(lake, "claims", now=LATER, grace=timedelta(0))

    assert b"PSA-OF" not in bytes_under(tmp_path)


def test_giving_a_dataset_the_key_that_it_has_changes_nothing(
    sealed: Snapshot, key: LakeKey
) -> None:
    lake = Lake(sealed.folder.parent, key=key)

    assert change_key(lake, "claims", to=key, now=LATER) == sealed


def test_what_is_done_to_a_dataset_in_clear_is_done_to_an_encrypted_one(
    sealed: Snapshot, key: LakeKey
) -> None:
    lake = Lake(sealed.folder.parent, key=key)

    archived = retire(lake, "claims", before=2006, now=LATER).archive
    certificate = erase_persons(lake, "claims", ["IDENTITY-BRUNO"], reference="1", now=LATER)
    compact(lake, "claims", now=LATER, rows_a_part=1)

    assert archived is not None
    assert rows(archived, "ER_PRS_F", "PRS_NAT_REF") == [(1001,), (1002,)]
    assert certificate.persons_erased == 1
    assert rows(lake.snapshot("claims"), "ER_PRS_F", "PRS_NAT_REF") == [(1003,), (1004,), (1005,)]
    assert b"BEN_NIR_PSA" not in bytes_under(sealed.folder / "parts")


def test_an_extraction_from_an_encrypted_lake_gives_the_same_rows(
    tmp_path: Path, key: LakeKey
) -> None:
    clear, sealed = studies.Study(tmp_path / "clear"), studies.Study(tmp_path / "sealed")
    sealed.snapshot = change_key(sealed.lake, studies.DATASET, to=key, now=LATER)

    one, two = (
        extract(
            studies.warrant(studies.order(study.snapshot)),
            lake=Lake(study.lake.path, key=key if study is sealed else None),
            key=studies.KEY,
            target=study.target,
            clock=lambda: studies.NOW,
        )
        for study in (clear, sealed)
    )

    assert one.attrition == two.attrition
    assert extracted(clear.target) == extracted(sealed.target)
    assert len(extracted(clear.target)) == 4


def extracted(target: Path) -> dict[str, object]:
    return {file.name: pq.read_table(file).to_pylist() for file in target.glob("*.parquet")}


def test_each_file_has_a_key_of_its_own(tmp_path: Path, key: LakeKey) -> None:
    one, two = (publish(tmp_path / name, key=key) for name in ("one", "two"))

    assert {part.digest for part in one.every_part()}.isdisjoint(
        part.digest for part in two.every_part()
    )


def test_a_wrapped_key_opens_with_the_key_that_wrapped_it_only(key: LakeKey) -> None:
    wrapped = key.wrap(b"k" * 32)

    assert key.unwrap(wrapped) == b"k" * 32
    with pytest.raises(BadSignature):
        draw_lake_key().unwrap(wrapped)
    with pytest.raises(BadSignature):
        key.unwrap("AAAA")


def test_a_key_is_kept_in_a_file_that_its_owner_alone_reads(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "lake.key"

    created = create_lake_key(path)

    assert load_lake_key(path).secret == created.secret
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidInput, match="exists"):
        create_lake_key(path)


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"", 0o600, "not the key of a lake"),
        (b"AAAA\n", 0o600, "not the key of a lake"),
        (b"\xff\n", 0o600, "not the key of a lake"),
        (b"A" * 43, 0o640, "chmod 600"),
    ],
)
def test_a_file_that_is_no_key_is_refused(
    tmp_path: Path, content: bytes, mode: int, message: str
) -> None:
    path = tmp_path / "lake.key"
    path.write_bytes(content)
    path.chmod(mode)

    with pytest.raises(EcluseError, match=message):
        load_lake_key(path)


def test_a_key_that_is_missing_says_that_nothing_is_read_without_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="restore it"):
        load_lake_key(tmp_path / "lake.key")
