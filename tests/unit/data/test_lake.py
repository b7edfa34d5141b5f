import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.data.lake.schemas import event_sources, models, recognise, table_schema, table_schemas
from ecluse.domain.errors import InvalidInput, LoadFailed, NotFound, SnapshotDamaged
from ecluse.trust import canonical

MORNING = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def publish(lake: Lake, *, visits: int = 2, now: datetime = MORNING) -> Snapshot:
    with lake.staging("claims") as staging:
        rows = pa.table({"person_key": [1] * visits, "event_date": [None] * visits})
        pq.write_table(rows, staging.path / "visits.parquet")
        pq.write_table(pa.table({"person_key": [1]}), staging.path / "persons.parquet")
        (staging.path / "quarantine.csv").write_text("file,line,column,reason\n")
        (staging.path / "left-over.tmp").write_text("scratch")
        return lake.publish(staging, model="snds", tables=["visits"], now=now)


def test_a_published_snapshot_is_the_current_one(tmp_path: Path) -> None:
    published = publish(Lake(tmp_path))

    found = Lake(tmp_path).snapshot("claims")

    assert found == published
    assert found.model == "snds"
    assert found.person_count == 1
    assert found.tables["visits"].rows == 2
    assert found.tables["visits"].columns == ("person_key", "event_date")


def test_a_snapshot_is_named_by_its_instant_and_its_manifest(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))

    manifest = (snapshot.path / "manifest.json").read_bytes()
    assert snapshot.snapshot_id == f"20260105T100000Z-{canonical.digest(manifest)[7:15]}"


def test_an_older_snapshot_stays_readable_by_its_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    older = publish(lake)
    newer = publish(lake, visits=3, now=MORNING + timedelta(days=1))

    assert lake.snapshot("claims") == newer
    assert lake.snapshot("claims", older.snapshot_id) == older
    assert lake.snapshots("claims") == (older.snapshot_id, newer.snapshot_id)


def test_publishing_the_same_files_twice_in_a_second_gives_the_same_snapshot(
    tmp_path: Path,
) -> None:
    first = publish(Lake(tmp_path))
    second = publish(Lake(tmp_path))

    assert first == second
    verify(second)


def test_only_the_published_files_stay_in_the_folder(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))

    assert {file.name for file in snapshot.path.iterdir()} == {
        "manifest.json",
        "persons.parquet",
        "quarantine.csv",
        "visits.parquet",
    }


def test_a_block_that_fails_leaves_no_staging_and_the_former_snapshot(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    former = publish(lake)

    with pytest.raises(ZeroDivisionError), lake.staging("claims"):
        raise ZeroDivisionError

    assert lake.snapshot("claims") == former
    assert not list((tmp_path / "claims").glob(".staging-*"))


def test_two_loads_of_one_dataset_cannot_run_together(tmp_path: Path) -> None:
    lake = Lake(tmp_path)

    with (
        lake.staging("claims"),
        pytest.raises(LoadFailed, match="Another load of claims"),
        lake.staging("claims"),
    ):
        pass


def test_an_intact_snapshot_verifies(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))

    verify(snapshot)

    assert Lake(tmp_path).snapshot("claims") == snapshot


def test_one_changed_byte_is_found(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))
    table = snapshot.tables["visits"].path
    data = bytearray(table.read_bytes())
    data[10] ^= 1
    table.write_bytes(data)

    with pytest.raises(SnapshotDamaged, match=r"visits\.parquet was changed"):
        verify(snapshot)


def test_a_missing_and_an_added_file_are_both_named(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))
    snapshot.persons_path.unlink()
    (snapshot.path / "extra.parquet").write_text("")

    with pytest.raises(SnapshotDamaged) as raised:
        verify(snapshot)

    assert "persons.parquet is missing" in str(raised.value)
    assert "extra.parquet was added" in str(raised.value)


def test_a_symbolic_link_in_a_snapshot_is_refused(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))
    table = snapshot.tables["visits"].path
    table.rename(tmp_path / "elsewhere.parquet")
    table.symlink_to(tmp_path / "elsewhere.parquet")

    with pytest.raises(SnapshotDamaged, match="symbolic link"):
        verify(snapshot)


def test_a_snapshot_folder_that_is_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path / "lake"))
    snapshot.path.rename(tmp_path / "moved")
    snapshot.path.symlink_to(tmp_path / "moved")

    with pytest.raises(SnapshotDamaged, match="symbolic link"):
        Lake(tmp_path / "lake").snapshot("claims")


def test_a_manifest_rewritten_after_publication_is_refused(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path))
    path = snapshot.path / "manifest.json"
    fields = json.loads(path.read_text())
    fields["persons"]["rows"] = 2
    path.write_bytes(canonical.encode(fields))

    with pytest.raises(SnapshotDamaged, match="changed after publication"):
        Lake(tmp_path).snapshot("claims")


@pytest.mark.parametrize("name", ["../../etc", "latest", "20260105T100000Z-../../x", ""])
def test_a_snapshot_name_is_checked_before_it_becomes_a_path(tmp_path: Path, name: str) -> None:
    publish(Lake(tmp_path))

    with pytest.raises(InvalidInput):
        Lake(tmp_path).snapshot("claims", name)


@pytest.mark.parametrize("name", ["..", "Claims", "a/b", "", "-x"])
def test_a_dataset_name_is_checked_before_it_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        Lake(tmp_path).snapshot(name)


def test_a_dataset_that_was_never_loaded_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no dataset claims"):
        Lake(tmp_path).snapshot("claims")


def test_an_empty_lake_has_no_dataset(tmp_path: Path) -> None:
    assert Lake(tmp_path / "absent").datasets() == ()


def test_snapshot_folders_are_private(tmp_path: Path) -> None:
    snapshot = publish(Lake(tmp_path / "lake"))

    assert snapshot.path.stat().st_mode & 0o077 == 0


def test_two_models_are_known() -> None:
    assert models() == ("omop53", "snds")


def test_an_unknown_table_is_not_found() -> None:
    with pytest.raises(NotFound, match="NO_SUCH"):
        table_schema("snds", "NO_SUCH")


@pytest.mark.parametrize(
    ("file", "table", "year"),
    [
        ("ER_PRS_F", "ER_PRS_F", None),
        ("ER_PRS_F_2016", "ER_PRS_F", 2016),
        ("er_prs_f", "ER_PRS_F", None),
        ("T_MCO06B", "T_MCOaaB", 2006),
    ],
)
def test_a_file_name_tells_its_table_and_year(file: str, table: str, year: int | None) -> None:
    found = recognise("snds", file)

    assert found is not None
    assert (found.schema.name, found.year) == (table, year)


@pytest.mark.parametrize("file", ["T_MCO08UM", "T_MCOaaB", "ER_PRS_F_16", "ER_PRS", "T_SSR19B"])
def test_other_file_names_are_no_table(file: str) -> None:
    assert recognise("snds", file) is None


@pytest.mark.parametrize("model", ["omop53", "snds"])
def test_every_table_names_only_columns_that_it_has(model: str) -> None:
    dangling = {
        (schema.name, name)
        for schema in table_schemas(model).values()
        for name in (
            *schema.key,
            *schema.person,
            *schema.event_date,
            *(schema.parent.columns if schema.parent else ()),
        )
        if schema.column(name) is None
    }

    assert dangling == set()


@pytest.mark.parametrize("model", ["omop53", "snds"])
def test_every_event_source_names_columns_that_exist(model: str) -> None:
    dangling = {
        source.name
        for source in event_sources(model).values()
        if table_schema(model, source.table).column(source.code_column) is None
        or (
            source.reference
            and table_schema(model, source.reference.table).column(source.reference.code_column)
            is None
        )
    }

    assert dangling == set()


@pytest.mark.parametrize(
    ("table", "column", "role"),
    [
        ("ER_PRS_F", "BEN_NIR_PSA", "person"),
        ("ER_PRS_F", "PFS_EXE_NUM", "professional"),
        ("ER_PRS_F", "DCT_ORD_NUM", "link"),
        ("ER_ETE_F", "ETB_EXE_FIN", "facility"),
        ("IR_BEN_R", "ASS_NIR_ANO", "identifier"),
        ("T_MCOaaC", "NIR_ANO_MAM", "identifier"),
        ("T_MCOaaB", "ETA_NUM", "facility"),
        ("T_MCOaaB", "RSA_NUM", "link"),
        ("KI_CCI_R", "DCD_LIE_LIB", "identifier"),
        ("KI_CCI_R", "BEN_NIR_ANO", "person"),
    ],
)
def test_identities_have_the_role_that_protects_them(table: str, column: str, role: str) -> None:
    found = table_schema("snds", table).column(column)

    assert found is not None
    assert found.role == role


def test_project_deliveries_may_call_the_person_num_enq() -> None:
    found = table_schema("snds", "ER_PRS_F").column("NUM_ENQ")

    assert found is not None
    assert found.name == "BEN_NIR_PSA"
