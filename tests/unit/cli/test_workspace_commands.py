"""`ecluse workspace` as it is typed: bring in, approve, install, serve, export."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from ecluse.data.agent.workshops import Workshop
from ecluse.trust.zone.sealed_files import open_sealed
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import PERMIT
from tests.unit.data.workspaces.halls import needs_notebook

NUMBER = PERMIT.permit_number
CAMILLE = PERMIT.persons[0].subject
COLUMNS = 'site = "text"\ndose = "number"\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.grant()
    world.step()
    return world


def command(folder: Path, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "ecluse", "workspace", *words)


def typed(folder: Path, *words: str, code: int = 0) -> dict[str, object]:
    """What a command says as JSON; `code` is how it must end."""
    environment = {**os.environ, "ECLUSE_HOME": str(folder), "ECLUSE_SCAN": "off"}
    ended = subprocess.run(
        (*command(folder, *words), "--json"),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ended.returncode == code, ended.stderr
    told: dict[str, object] = json.loads(ended.stdout or "{}")
    return told


def test_a_table_is_brought_in_and_approved_by_another(world: World, tmp_path: Path) -> None:
    (tmp_path / "doses.csv").write_text("site,dose\nA,1.5\n")
    (tmp_path / "doses.toml").write_text(COLUMNS)
    bring = ("import", str(tmp_path / "doses.csv"), "--columns", str(tmp_path / "doses.toml"))
    brought = typed(tmp_path, *bring, "--permit", NUMBER, "--by", CAMILLE)
    number = str(brought["number"])

    typed(tmp_path, "approve", number, "--permit", NUMBER, "--by", CAMILLE, code=30)
    typed(tmp_path, "approve", number, "--permit", NUMBER, "--by", "sarah")

    workshop = Workshop(world.zone, NUMBER)
    sealed = (workshop.imports / "approved" / "doses.csv").open("rb")
    with open_sealed(sealed, workshop.key(), name="doses.csv") as content:
        assert content.read() == b"site,dose\nA,1.5\n"
    journal = (tmp_path / "zone" / "workspaces" / "arrivals" / "journal.jsonl").read_text()
    assert '"import.brought"' in journal
    assert '"import.approved"' in journal


def test_a_package_of_the_signed_list_is_installed(world: World, tmp_path: Path) -> None:
    wheel = tmp_path / "tidy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tidy.py", "x = 1\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    listed = f'[[package]]\nname = "tidy"\nversion = "1.0"\ndigest = "{digest}"\n'
    (tmp_path / "list.toml").write_text(listed)
    install = ("install", "tidy", "--permit", NUMBER, "--wheels", str(tmp_path), "--by", "sarah")

    typed(tmp_path, *install, code=31)
    typed(tmp_path, "sign-packages", str(tmp_path / "list.toml"))
    typed(tmp_path, *install)

    assert (Workshop(world.zone, NUMBER).packages / "tidy.py").read_text() == "x = 1\n"


@needs_notebook
def test_the_server_serves_until_it_is_asked_to_stop_and_its_journal_is_exported(
    world: World, tmp_path: Path
) -> None:
    port = "18472"
    environment = {**os.environ, "ECLUSE_HOME": str(tmp_path)}
    server = subprocess.Popen(
        command(tmp_path, "serve", "--port", port),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    answer = _asked(f"http://127.0.0.1:{port}/health")
    server.send_signal(signal.SIGTERM)

    assert answer == "ok"
    assert server.wait(30) == 0
    (tmp_path / "tools.py").write_text("minimum = 11\n")
    bring = ("import", str(tmp_path / "tools.py"), "--code", "--permit", NUMBER, "--by", CAMILLE)
    typed(tmp_path, *bring)
    typed(tmp_path, "logs", str(tmp_path / "bundle"))
    assert '"import.brought"' in (tmp_path / "bundle" / "arrivals" / "journal.jsonl").read_text()
    assert sorted(path.name for path in (tmp_path / "bundle").iterdir()) == [
        "arrivals",
        "journal.jsonl",
        "journal.jsonl.checkpoints",
        "keyring.json",
    ]


def _asked(address: str) -> str:
    """What an address answers, once something listens there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            return httpx.get(address).text
        except httpx.TransportError:
            time.sleep(0.2)
    return "nothing"
