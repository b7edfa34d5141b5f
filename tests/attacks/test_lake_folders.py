"""A lake under the hands of somebody who can write in its folders."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ecluse.data.lake import Lake, Snapshot, manifests, verify
from ecluse.data.loading import load_delivery
from ecluse.domain.errors import InvalidInput, LoadFailed, SnapshotDamaged
from ecluse.trust import canonical
from tests.unit.data.loading.deliveries import ACTS, NOW, PACKS, REGISTER, load, rows, write

FILES = {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS, "ER_PHA_F.csv": PACKS}
Fields = dict[str, Any]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """The dataset `claims`, loaded in the lake of `tmp_path`."""
    return load(tmp_path, FILES).snapshot


def forged(snapshot: Snapshot, edit: Callable[[Fields], None]) -> Snapshot:
    """Read back a manifest that was edited and given its own name, as a forger would."""
    fields = json.loads((snapshot.path / "manifest.json").read_bytes())
    edit(fields)
    data = canonical.encode(fields)
    name = manifests.snapshot_id_of(data, published_at=snapshot.published_at)
    shutil.copytree(snapshot.path, snapshot.folder / name)
    (snapshot.folder / name / "manifest.json").write_bytes(data)
    (snapshot.folder / "current").write_text(name)
    found = Lake(snapshot.folder.parent).snapshot(snapshot.dataset)
    verify(found)
    return found


@pytest.mark.parametrize(
    "edit",
    [
        lambda fields: fields["tables"][0].update(name="../../elsewhere"),
        lambda fields: fields["tables"][0].update(name="_names"),
        lambda fields: fields["tables"][0]["parts"][0].update(slice="../2023"),
        lambda fields: fields["tables"][0]["parts"][0].update(keys=["a", "b"]),
        lambda fields: fields["tables"][0]["parts"][0].update(size=1),
        lambda fields: fields["tables"][0].update(parts=[]),
        lambda fields: fields["tables"].append(fields["tables"][0]),
        lambda fields: fields.update(persons=fields["names"], names=fields["persons"]),
        lambda fields: fields.update(persons=fields["tables"][0]),
        lambda fields: fields.update(dataset="other"),
        lambda fields: fields.update(former="../../other"),
    ],
)
def test_a_manifest_that_names_something_else_is_refused(
    snapshot: Snapshot, edit: Callable[[Fields], None]
) -> None:
    with pytest.raises(SnapshotDamaged):
        forged(snapshot, edit)


@pytest.mark.parametrize(
    "content", [b"../../etc", b"/etc/passwd", b"..", b"", b"\xff\xfe\x00", b"x" * 100_000]
)
def test_a_pointer_that_leads_elsewhere_is_refused(snapshot: Snapshot, content: bytes) -> None:
    (snapshot.folder / "current").write_bytes(content)

    with pytest.raises(InvalidInput, match="is not a snapshot") as caught:
        Lake(snapshot.folder.parent).snapshot("claims")
    assert len(str(caught.value)) < 500


def test_parts_that_changed_places_are_found(snapshot: Snapshot) -> None:
    acts, packs = (snapshot.paths(snapshot.table(name))[0] for name in ("ER_PRS_F", "ER_PHA_F"))
    of_acts, of_packs = acts.read_bytes(), packs.read_bytes()
    acts.write_bytes(of_packs)
    packs.write_bytes(of_acts)

    with pytest.raises(SnapshotDamaged, match=f"{packs.name} was changed; {acts.name} was changed"):
        verify(snapshot)


def test_two_loads_at_once_never_lose_what_the_first_published(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    lake, more = Lake(tmp_path / "lake"), ACTS.replace("02/2023", "03/2023")
    with lake.staging("claims", load="slow") as slow:
        (snapshot.folder / ".lock").unlink()  # so that another load can begin
        source = write(tmp_path / "next", {"ER_PRS_F.csv": more})
        load_delivery(source, lake=lake, dataset="claims", model="snds", now=NOW)

        with pytest.raises(LoadFailed, match="Another load of claims has published"):
            lake.publish(slow, None, now=NOW)  # type: ignore[arg-type]  # refused before it is read
    assert lake.snapshot("claims").table("ER_PRS_F").slices == ("2023-02", "2023-03")


def test_a_clock_that_goes_back_leaves_the_last_load_the_last(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    lake = Lake(tmp_path / "lake")
    source = write(tmp_path / "next", {"ER_PRS_F.csv": ACTS.replace("12,50", "13,50")})

    load_delivery(source, lake=lake, dataset="claims", model="snds", now=NOW - timedelta(days=400))

    later = lake.as_of("claims", NOW + timedelta(days=1))
    assert later.former == snapshot.snapshot_id
    assert rows(later, "ER_PRS_F", "PRS_PAI_MNT") == [(3.2,), (13.5,)]


def test_a_link_in_the_place_of_the_lock_empties_no_file(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    precious = write(tmp_path, {"precious": "kept"}) / "precious"
    (snapshot.folder / ".lock").unlink()
    (snapshot.folder / ".lock").symlink_to(precious)

    with (
        pytest.raises(LoadFailed, match="is a symbolic link"),
        Lake(tmp_path / "lake").alone("claims"),
    ):
        pass
    assert precious.read_text() == "kept"


def test_a_link_in_the_place_of_a_load_leads_nothing_elsewhere(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (snapshot.folder / ".staging-load").symlink_to(tmp_path / "elsewhere")

    with Lake(tmp_path / "lake").staging("claims") as staging:
        staging.writing("rows").write_text("rows")

    assert list((tmp_path / "elsewhere").iterdir()) == []
