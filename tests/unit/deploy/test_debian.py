"""The units of one Debian machine, laid out by the installer and judged by systemd itself."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ecluse.cli.database_roles import BACKUP, role_of
from ecluse.cli.serve import Site
from tests.unit.deploy.commands import takes

DEBIAN = Path(__file__).parents[3] / "deploy" / "debian"
UNITS = sorted(path.name for path in (DEBIAN / "systemd").glob("*.service"))
TIMERS = sorted(path.name for path in (DEBIAN / "systemd").glob("*.timer"))
MOST_EXPOSED = {"ecluse-agent.service": 2.0}
"""Of ten; the agent builds the walls of jobs, so it keeps what they are built with."""
LEAST_CLOSED = 1.2

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or os.geteuid() != 0,
    reason="systemd-analyze is not installed here, or not root",
)


def installed(root: Path, *parts: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(DEBIAN / "install.sh"), *parts],
        env=os.environ | {"ECLUSE_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine's files as the installer lays them out, with systemd's own units beside."""
    root = tmp_path_factory.mktemp("machine")
    for folder in ("usr/lib", "etc", "opt/ecluse/.venv/bin"):
        (root / folder).mkdir(parents=True)
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    (root / "lib").symlink_to("usr/lib")
    program = root / "opt/ecluse/.venv/bin/ecluse"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    done = installed(root, "sites", "zone", "third-party")
    assert done.returncode == 0, done.stderr
    return root


def exposure(machine: Path, unit: str) -> float:
    """How open systemd judges a unit, from 0 to 10."""
    done = subprocess.run(
        ["systemd-analyze", "security", f"--root={machine}", "--offline=true", unit],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


@pytest.mark.parametrize("unit", [*UNITS, *TIMERS])
def test_systemd_reads_the_unit_without_a_word(machine: Path, unit: str) -> None:
    done = subprocess.run(
        *(["systemd-analyze", "verify", f"--root={machine}", "--man=no", unit],),
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line for line in done.stderr.splitlines() if "ecluse" in line] == []


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_is_as_closed_as_it_can_be(machine: Path, unit: str) -> None:
    assert exposure(machine, unit) <= MOST_EXPOSED.get(unit, LEAST_CLOSED)


def test_without_the_common_walls_the_measure_would_tell(machine: Path, tmp_path: Path) -> None:
    bare = tmp_path / "machine"
    shutil.copytree(machine, bare, symlinks=True)
    shutil.rmtree(bare / "etc/systemd/system/ecluse-.service.d")

    assert exposure(bare, "ecluse-public.service") > 7


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_starts_a_command_that_exists(unit: str) -> None:
    text = (DEBIAN / "systemd" / unit).read_text().replace("\\\n", " ")
    found = re.search(r"^ExecStart=/opt/ecluse/.venv/bin/ecluse (.+)$", text, re.MULTILINE)
    assert found is not None

    assert takes(found[1].split())


def test_each_program_has_a_user_of_its_own_and_the_database_knows_it(machine: Path) -> None:
    users = {line.split(":")[0] for line in (machine / "etc/passwd").read_text().splitlines()}
    installer = (DEBIAN / "install.sh").read_text()

    assert users == {f"ecluse-{one}" for one in installer_roles(installer)} | {"ecluse-third-party"}
    assert {BACKUP, *map(role_of, Site)} <= users


def installer_roles(installer: str) -> list[str]:
    found = re.search(r"for role in ([a-z ]+); do", installer)
    assert found is not None
    return found[1].split()


def test_secrets_are_drawn_once_and_roots_alone(machine: Path) -> None:
    secret = machine / "etc/ecluse/credentials/public.secret-key"
    before = secret.read_text()

    assert installed(machine, "sites").returncode == 0
    assert secret.read_text() == before
    assert len(before) == 64
    assert before != (machine / "etc/ecluse/credentials/checking.secret-key").read_text()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700


def test_settings_that_the_operator_wrote_are_left_as_they_are(machine: Path) -> None:
    settings = machine / "etc/ecluse/public.env"
    settings.write_text("ECLUSE_PUBLIC_URL=https://donnees.example\n")

    assert installed(machine, "sites").returncode == 0
    assert settings.read_text() == "ECLUSE_PUBLIC_URL=https://donnees.example\n"


def test_a_part_that_does_not_exist_is_refused_in_words(tmp_path: Path) -> None:
    done = installed(tmp_path, "everything")

    assert done.returncode == 2
    assert "third-party" in done.stderr
    assert list(tmp_path.iterdir()) == []
