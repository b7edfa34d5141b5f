"""Backups on a real PostgreSQL server: whole or none, sealed, read again, put back as they were."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from ecluse.cli import app
from ecluse.cli.backup import RESTORING
from ecluse.cli.backup_files import MANIFEST
from ecluse.cli.database import Cluster, create_databases, database_url
from ecluse.cli.home import Home
from ecluse.cli.serve import Site
from ecluse.domain.errors import BadSignature, InvalidInput, NotFound

CANARY = "1 84 12 75 116 001 42"
TABLES = """
CREATE TABLE audit_journalentry (sequence bigint PRIMARY KEY, checkpoint text NOT NULL);
INSERT INTO audit_journalentry SELECT n, 'note of ' || n FROM generate_series(1, 500) n;
CREATE TABLE files (name text);
"""
ROWS = "INSERT INTO files VALUES (%s), ('two')"


@dataclass
class Machine:
    """A home with its two databases, a place for backups, a recovery key."""

    home: Path
    place: Path
    keys: Path

    def run(self, *words: object) -> dict[str, Any]:
        """What a command answers. Raises its error."""
        told = CliRunner().invoke(app, ["backup", *map(str, words), "--json"])
        if told.exception is not None:
            raise told.exception
        found: dict[str, Any] = json.loads(told.stdout)
        return found

    def create(self) -> Path:
        return Path(
            self.run("create", self.place, "--to", self.keys / "recovery.hybrid.pub")["folder"]
        )

    def restore(self, saved: Path, into: Path) -> dict[str, Any]:
        key = self.keys / "recovery.hybrid.key"
        return self.run("restore", saved, "--key", key, "--into", into)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="ecluse-save-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        home = Home(folder / "home")
        home.create()
        (home.portal / "letter.pdf").write_bytes(CANARY.encode())
        (home.zone / "rows.parquet").write_bytes(b"never saved")
        cluster = Cluster(home.postgres, durable=False)
        cluster.start()
        create_databases(cluster.url, [site.database for site in Site])
        for site in Site:
            with psycopg.connect(database_url(cluster.url, site.database)) as connection:
                connection.execute(TABLES)
                connection.execute(ROWS, [CANARY])
        made = Machine(home.path, folder / "saved", folder / "safe")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ECLUSE_HOME", str(home.path))
            patch.delenv("DATABASE_URL", raising=False)
            made.run("key", made.keys)
            yield made
        cluster.stop()


@pytest.fixture
def elsewhere(machine: Machine) -> Iterator[Path]:
    """A folder for a home that does not exist yet; its server is stopped at the end."""
    into = machine.home.parent / f"back-{time.monotonic_ns()}"
    yield into
    Cluster(Home(into).postgres).stop()


@pytest.fixture(scope="module")
def saved(machine: Machine) -> Path:
    return machine.create()


def rows(home: Path, site: Site, table: str) -> list[Any]:
    with psycopg.connect(database_url(Cluster(Home(home).postgres).url, site.database)) as found:
        return found.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 - ours


def test_what_was_saved_comes_back_as_it_was(
    machine: Machine, saved: Path, elsewhere: Path
) -> None:
    told = machine.restore(saved, elsewhere)

    assert told["rows"] == {"public": 502, "checking": 502}
    assert rows(elsewhere, Site.PUBLIC, "files") == [(CANARY,), ("two",)]
    assert rows(elsewhere, Site.CHECKING, "audit_journalentry")[-1] == (500, "note of 500")
    assert (elsewhere / "portal/letter.pdf").read_bytes() == CANARY.encode()
    assert not (elsewhere / RESTORING).exists()


def test_the_zone_is_in_no_backup(machine: Machine, saved: Path, elsewhere: Path) -> None:
    machine.restore(saved, elsewhere)

    assert not (elsewhere / "zone").exists()


def test_a_backup_shows_nothing_of_what_it_holds(saved: Path) -> None:
    whole = b"".join(path.read_bytes() for path in saved.iterdir())

    assert CANARY.encode() not in whole
    assert b"note of 499" not in whole


def test_an_altered_part_is_named_and_nothing_is_restored(
    machine: Machine, elsewhere: Path
) -> None:
    saved = machine.create()
    dump = saved / "checking.dump"
    dump.write_bytes(flipped(dump.read_bytes(), 700))

    with pytest.raises(BadSignature, match=r"checking\.dump"):
        machine.run("verify", saved)
    with pytest.raises(BadSignature, match=r"checking\.dump"):
        machine.restore(saved, elsewhere)
    assert not elsewhere.exists()


def test_no_byte_of_the_manifest_can_change(machine: Machine) -> None:
    saved = machine.create()
    manifest = (saved / MANIFEST).read_bytes()
    places = range(0, len(manifest), 97)

    assert [place for place in places if opens(machine, saved, flipped(manifest, place))] == []


def opens(machine: Machine, saved: Path, manifest: bytes) -> bool:
    (saved / MANIFEST).write_bytes(manifest)
    try:
        machine.run("verify", saved, "--key", machine.keys / "recovery.hybrid.key")
    except BadSignature:
        return False
    return True


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_parts_of_two_backups_are_not_mixed(machine: Machine, saved: Path) -> None:
    other = machine.create()
    (other / "public.dump").write_bytes((saved / "public.dump").read_bytes())

    with pytest.raises(BadSignature, match=r"public\.dump"):
        machine.run("verify", other)


def test_another_recovery_key_opens_nothing(machine: Machine, saved: Path, tmp_path: Path) -> None:
    machine.run("key", tmp_path / "another")

    with pytest.raises(BadSignature):
        machine.run("verify", saved, "--key", tmp_path / "another" / "recovery.hybrid.key")


def test_a_backup_that_was_cut_off_is_none(machine: Machine, saved: Path) -> None:
    cut = machine.place / "ecluse-cut.partial"
    cut.mkdir()
    (cut / "public.dump").write_bytes(b"half")

    assert str(cut) not in [one["folder"] for one in machine.run("list", machine.place)["backups"]]
    with pytest.raises(NotFound, match="manifeste"):
        machine.run("verify", cut)


def test_a_folder_that_holds_something_is_left_as_it_is(
    machine: Machine, saved: Path, elsewhere: Path
) -> None:
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine")

    with pytest.raises(InvalidInput, match="pas vide"):
        machine.restore(saved, elsewhere)
    assert [path.name for path in elsewhere.iterdir()] == ["mine.txt"]


def test_a_backup_does_not_save_itself(machine: Machine) -> None:
    with pytest.raises(InvalidInput, match="ailleurs"):
        machine.run("create", machine.home / "saved", "--to", machine.keys / "recovery.hybrid.pub")


@pytest.mark.parametrize(
    "reached", [RESTORING, "portal/letter.pdf", "postgres/data", "postgres/data/postmaster.pid"]
)
def test_a_restoration_that_was_killed_is_run_again_and_ends_whole(
    machine: Machine, saved: Path, elsewhere: Path, reached: str
) -> None:
    killed = killed_at(machine, saved, elsewhere, reached)

    assert killed.returncode == -signal.SIGKILL
    assert (elsewhere / RESTORING).exists()
    assert machine.restore(saved, elsewhere)["rows"] == {"public": 502, "checking": 502}
    assert rows(elsewhere, Site.PUBLIC, "files") == [(CANARY,), ("two",)]


def killed_at(machine: Machine, saved: Path, into: Path, reached: str) -> "subprocess.Popen[bytes]":
    """A restoration that was killed as soon as something of it was on the disk."""
    words = ["restore", str(saved), "--key", str(machine.keys / "recovery.hybrid.key")]
    program = subprocess.Popen(
        [sys.executable, "-P", "-m", "ecluse", "backup", *words, "--into", str(into)],
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while program.poll() is None and not (into / reached).exists():
        time.sleep(0.002)
    program.kill()
    program.wait()
    return program
