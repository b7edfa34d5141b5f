"""`ecluse hosting plan --seal`, then holders, wraps, restore and shred, as an operator types it."""

import shutil
from pathlib import Path
from typing import cast

import pytest

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.trust.envelopes.hybrid import HybridKey, store_hybrid_key
from tests.unit.cli.test_hosting import HOST, HOSTS, run, told

ROWS = {"a": b"clear rows " * 5000, "b/c": b"other rows"}


@pytest.fixture(autouse=True)
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hosts `origin`, a folder in clear, and `old` and `new`; the dataset goes to `old`, sealed."""
    room = tmp_path / "home" / "hosting"
    room.mkdir(parents=True)
    monkeypatch.setenv("ECLUSE_HOME", str(room.parent))
    layouts = {"origin": "paths", "old": "content", "new": "content"}
    described = [
        HOST.format(name=name, address=(tmp_path / name).as_uri(), layout=layout, country="FR")
        for name, layout in layouts.items()
    ]
    (room / "hosts.toml").write_text(HOSTS + "".join(described), encoding="utf-8")
    for path, data in ROWS.items():
        (tmp_path / "origin" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "origin" / path).write_bytes(data)
    told("plan", "claims", "origin", "--seal")
    told("copy", "claims", "origin", "old")
    return tmp_path


def restored(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in ROWS}


def stored(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the size and the instant of writing of every object."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_a_dataset_in_clear_leaves_sealed_goes_on_to_another_host_and_comes_back(
    hosts: Path,
) -> None:
    told("copy", "claims", "old", "new")
    verified = told("verify", "claims", "new")
    back = told("restore", "claims", "new", hosts / "back")

    assert verified["new"]["whole"]  # type: ignore[index]
    assert (back["files"], back["bytes"]) == (2, 55_010)
    assert restored(hosts / "back") == ROWS
    assert not any(b"rows" in path.read_bytes() for path in (hosts / "new").glob("b3/*/*"))


def test_without_seal_a_dataset_in_clear_does_not_leave() -> None:
    refused = run("plan", "claims", "origin")

    assert isinstance(refused.exception, NotAllowed)


def test_a_holder_is_added_and_another_dropped_without_a_byte_at_the_host(hosts: Path) -> None:
    before = stored(hosts / "old")
    told("holder", "create", "provider")
    added = told("wrap", "add", "claims", "provider")
    dropped = told("wrap", "drop", "claims", "hub")
    listed = told("wrap", "list", "claims")
    told("restore", "claims", "old", hosts / "back")

    (wraps,) = listed["data_keys"].values()  # type: ignore[attr-defined]
    assert [wrap["holder"] for wrap in wraps] == ["provider"]
    assert (added["data_keys"], dropped["data_keys"]) == (1, 1)
    assert stored(hosts / "old") == before
    assert restored(hosts / "back") == ROWS


def test_the_last_holder_is_not_dropped_nor_are_its_keys_destroyed() -> None:
    dropped = run("wrap", "drop", "claims", "hub")
    destroyed = run("holder", "destroy", "hub")

    assert isinstance(dropped.exception, NotAllowed)
    assert isinstance(destroyed.exception, NotAllowed)
    assert "1 clés" in str(destroyed.exception)


def test_keys_are_rotated_and_data_stay_readable(hosts: Path) -> None:
    first = told("holder", "rotate", "hub")
    second = told("holder", "rotate", "hub")
    told("restore", "claims", "old", hosts / "back")

    assert first["root"] != second["root"]
    assert (first["headers"], second["destroyed"]) == (1, 2)
    assert restored(hosts / "back") == ROWS


def test_an_escrow_that_is_elsewhere_opens_with_its_hybrid_key_alone(hosts: Path) -> None:
    path = store_hybrid_key(hosts / "escrow", "escrow", HybridKey.draw())
    public = path.with_name("escrow.hybrid.pub")
    told("wrap", "add", "claims", "escrow", "--public", public)
    told("wrap", "drop", "claims", "hub")

    here = run("restore", "claims", "old", hosts / "nothing")
    told("restore", "claims", "old", hosts / "back", "--hybrid", path)

    assert isinstance(here.exception, NotFound)
    assert "escrow" in str(here.exception)
    assert not (hosts / "nothing").exists()
    assert restored(hosts / "back") == ROWS


def test_a_dataset_that_was_shredded_is_read_by_nobody_here(hosts: Path) -> None:
    path = store_hybrid_key(hosts / "escrow", "escrow", HybridKey.draw())
    told("wrap", "add", "claims", "escrow", "--public", path.with_name("escrow.hybrid.pub"))
    told("cutover", "claims", "old")

    in_use = run("shred", "claims")
    shredded = told("shred", "claims", "--in-use")
    refused = run("restore", "claims", "old", hosts / "back")

    assert isinstance(in_use.exception, NotAllowed)
    assert (shredded["data_keys"], shredded["elsewhere"]) == (1, ["escrow"])
    assert isinstance(refused.exception, NotFound)


def test_a_shred_that_was_killed_half_way_goes_on_though_the_headers_are_gone(hosts: Path) -> None:
    room, before = hosts / "home" / "hosting", listed_holders()
    (room / "shredding").write_text("claims")
    shutil.rmtree(room / "data-keys")

    told("shred", "claims", "--in-use")
    again = run("shred", "claims")

    after = listed_holders()
    assert before[0]["root"] != after[0]["root"]
    assert (after[0]["holder"], after[0]["token"]) == ("hub", False)
    assert isinstance(again.exception, NotFound)


def listed_holders() -> list[dict[str, object]]:
    return cast(list[dict[str, object]], told("holder", "list")["holders"])


def test_a_new_key_is_drawn_when_it_is_asked_for_only(hosts: Path) -> None:
    told("plan", "claims", "origin", "--seal")
    same = told("wrap", "list", "claims")
    told("plan", "claims", "origin", "--seal", "--new-key")
    another = told("wrap", "list", "claims")

    assert len(same["data_keys"]) == 1  # type: ignore[arg-type]
    assert len(another["data_keys"]) == 2  # type: ignore[arg-type]


def test_a_version_that_did_not_leave_sealed_is_not_restored(hosts: Path) -> None:
    told("plan", "births", "origin", "--clear", "*")
    told("copy", "births", "origin", "new")

    refused = run("restore", "births", "new", hosts / "back")

    assert isinstance(refused.exception, InvalidInput)
    assert "--seal" in str(refused.exception)


def test_what_was_done_to_keys_is_in_the_journal(hosts: Path) -> None:
    told("holder", "rotate", "hub")

    lines = (hosts / "home" / "hosting" / "journal" / "journal.jsonl").read_text().splitlines()
    actions = [line.split('"action":"')[1].split('"')[0] for line in lines]

    assert actions == ["data-key.drawn", "replica.planned", "replica.sealed", "holder.rotated"]
