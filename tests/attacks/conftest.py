"""A job in the real sandbox, and the same script as an ordinary program beside it."""

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import SandboxResult, run
from tests.attacks.sandboxes import UID, Inside, Outside


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    """Run a script in the sandbox, over the folders `data` and `code` of the test."""
    (tmp_path / "data").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / "data" / "rows.csv").write_text("person,value\n1,2\n")

    def run_inside(script: str, *arguments: str, limits: Limits | None = None) -> SandboxResult:
        (tmp_path / "code" / "attack.py").write_text(script)
        return run(
            [interpreter.PYTHON, "/code/attack.py", *arguments],
            data=tmp_path / "data",
            code=tmp_path / "code",
            limits=limits or Limits(processes=30, wall_seconds=60),
            uid=UID,
            work=Path(tempfile.mkdtemp(dir=tmp_path)),
        )

    return run_inside


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    """Run the same script as an ordinary program and return what it said."""

    def run_outside(script: str, *arguments: str, pass_fds: tuple[int, ...] = ()) -> str:
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=tmp_path, pass_fds=pass_fds
        ).stdout

    return run_outside


@pytest.fixture
def port() -> Iterator[int]:
    """A port that listens on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
