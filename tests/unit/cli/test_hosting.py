"""`ecluse hosting`: from one host to the next, as an operator types it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.hosting import app
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound, SnapshotDamaged
from tests.unit.data.lake.worlds import TABLES, publish
from tests.unit.hosting.replicas import sealed

HOSTS = """
[policy]
copies = 2
proved_within_days = 30
countries = ["FR"]
qualifications = []
"""
HOST = """
[hosts.{name}]
address = "{address}"
layout = "{layout}"
country = "{country}"
operator = "Example SAS"
operator_country = "{country}"
egress_euros_per_gigabyte = "10000"
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(*arguments: object) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exception is None, done.exception
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(autouse=True)
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hosts `origin` (a folder as it stands), `old`, `new`, `escrow`, and `far`, out of bounds."""
    room = tmp_path / "home" / "hosting"
    room.mkdir(parents=True)
    monkeypatch.setenv("ECLUSE_HOME", str(room.parent))
    names = {"origin": ("paths", "FR"), "far": ("content", "US")}
    names |= dict.fromkeys(("old", "new", "escrow"), ("content", "FR"))
    described = [
        HOST.format(name=name, address=(tmp_path / name).as_uri(), layout=layout, country=country)
        for name, (layout, country) in names.items()
    ]
    (room / "hosts.toml").write_text(HOSTS + "".join(described), encoding="utf-8")
    (tmp_path / "origin").mkdir()
    (tmp_path / "origin" / "a").write_bytes(sealed(60_000, 1))
    (tmp_path / "origin" / "b").write_bytes(sealed(40_000, 2))
    return tmp_path


def test_a_dataset_goes_to_three_hosts_is_cut_over_rolled_back_and_erased(hosts: Path) -> None:
    planned = told("plan", "claims", "origin")
    copies = [told("copy", "claims", "origin", "old")]
    copies += [told("copy", "claims", "old", name) for name in ("new", "escrow")]
    run("cutover", "claims", "old")
    cut = told("cutover", "claims", "new")
    back = told("rollback", "claims")
    again = told("cutover", "claims", "new")
    erased = told("erase", "claims", "old")
    status = told("status", "claims")

    assert (planned["euros"], planned["bytes"]) == ("1.00", 100_000)
    assert [(one["is_sealed"], one["sent_bytes"]) for one in copies] == [(True, 100_000)] * 3
    assert (cut["in_use"], back["in_use"], again["in_use"]) == ("new", "old", "new")
    assert (erased["objects"], erased["versions"]) == (3, 3)
    assert list((hosts / "old").rglob("*/*/*")) == []
    assert (status["in_use"], status["root"]) == ("new", planned["root"])
    assert set(status["proved"]) == {"new", "escrow"}  # type: ignore[call-overload]


def test_a_bit_flipped_at_a_host_is_named_and_the_next_copy_mends_it(hosts: Path) -> None:
    run("plan", "claims", "origin")
    run("copy", "claims", "origin", "new")
    (struck,) = [path for path in (hosts / "new").glob("b3/*/*") if path.stat().st_size == 40_000]
    struck.write_bytes(sealed(40_000, 3))

    found = run("verify", "claims", "new")
    refused = run("cutover", "claims", "new")
    mended = told("copy", "claims", "origin", "new")
    whole = told("reconcile", "claims", "new")

    assert found.exit_code == SnapshotDamaged.exit_code
    assert "altered b : from byte 0: BLAKE3 " in found.stdout
    assert isinstance(refused.exception, NotAllowed)
    assert mended["sent_bytes"] == 100_000 + 40_000
    assert whole["new"]["whole"]  # type: ignore[index]


def test_a_host_out_of_bounds_gets_nothing(hosts: Path) -> None:
    run("plan", "claims", "origin")

    refused = run("copy", "claims", "origin", "far")

    assert isinstance(refused.exception, NotAllowed)
    assert "far is in US" in str(refused.exception)
    assert not (hosts / "far").exists()


def test_what_was_never_planned_is_not_copied() -> None:
    refused = run("copy", "claims", "origin", "new")

    assert isinstance(refused.exception, NotFound)
    assert "plan" in str(refused.exception)


def test_the_only_copies_are_not_erased() -> None:
    run("plan", "claims", "origin")
    run("copy", "claims", "origin", "old")
    run("copy", "claims", "origin", "new")
    run("cutover", "claims", "new")

    refused = run("erase", "claims", "old")

    assert isinstance(refused.exception, NotAllowed)
    assert "1 other hosts are proved" in str(refused.exception)


def test_a_copy_outside_its_hours_is_in_pause_and_is_not_proved() -> None:
    run("plan", "claims", "origin")

    paused = told("copy", "claims", "origin", "new", "--window", "00:00-00:00")

    assert (paused["is_sealed"], paused["sent_bytes"]) == (False, 0)
    assert told("status", "claims")["proved"] == {}


def lake_at(hosts: Path, *, changed: bool = False) -> None:
    """Make `origin` a dataset of a lake, or the same one with another act."""
    shutil.rmtree(hosts / "origin")
    tables = {**TABLES, "ER_PRS_F": TABLES["ER_PRS_F"][changed:]}
    published = publish(hosts / ("changed" if changed else "first"), tables)
    shutil.copytree(published.folder, hosts / "origin")
    (hosts / "origin" / ".lock").unlink()


def test_the_tables_of_a_sealed_replica_are_those_of_the_lake_that_it_was_made_from(
    hosts: Path,
) -> None:
    lake_at(hosts)
    told("plan", "claims", "origin", "--seal")
    told("copy", "claims", "origin", "new")

    found = told("reconcile", "claims", "origin", "new", "--tables")

    assert found["differences"] == {"new": []}
    assert found["hosts"]["new"] == found["hosts"]["origin"]  # type: ignore[index]
    assert found["hosts"]["new"]["ER_PRS_F"]["rows"] == 6  # type: ignore[index]
    assert list((hosts / "home" / "hosting").glob("tables-*")) == []


def test_a_replica_of_other_rows_is_disproved_though_its_bytes_are_those_signed(
    hosts: Path,
) -> None:
    lake_at(hosts)
    told("plan", "claims", "origin", "--seal")
    told("copy", "claims", "origin", "new")
    lake_at(hosts, changed=True)

    found = run("reconcile", "claims", "origin", "new", "--tables")
    refused = run("cutover", "claims", "new")

    assert found.exit_code == SnapshotDamaged.exit_code
    assert "rows ER_PRS_F" in found.stdout
    assert isinstance(refused.exception, NotAllowed)


def test_tables_are_compared_between_two_hosts_at_least(hosts: Path) -> None:
    lake_at(hosts)
    told("plan", "claims", "origin", "--seal")

    assert isinstance(run("reconcile", "claims", "origin", "--tables").exception, InvalidInput)
