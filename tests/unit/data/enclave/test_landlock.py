"""Landlock: alone it keeps files and the network away; in the sandbox the self-test sees it."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.data.enclave import interpreter, isolation
from ecluse.data.enclave.programs import walled
from ecluse.domain.errors import SandboxUnavailable

PYTHON = "/usr/bin/python3"
"""A program that lies where a job's own does: under /usr."""
needs_landlock = pytest.mark.skipif(
    not walled.abi() or not Path(PYTHON).exists(),
    reason="this kernel has no Landlock, or the machine no Python of its own",
)
needs_sandbox = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed here"
)
TRIES = """
import json, os, pathlib, socket, sys
secret, folder, port, peer = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def tried(attempt):
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"

print(json.dumps({
    "read": tried(lambda: open(secret).read()),
    "write": tried(lambda: open(folder + "/new", "w").close()),
    "list": tried(lambda: os.listdir(folder)),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", port), 2)),
    "signal": tried(lambda: os.kill(peer, 0)),
    "allowed": tried(lambda: open("/usr/lib/os-release").read()),
    "scratch": tried(lambda: open(f"/tmp/walled-{os.getpid()}", "x").close()),
}))
"""


def tried(folder: Path, *before: str) -> dict[str, str]:
    """What a program obtains, outside of any sandbox, behind the command `before`."""
    secret = folder / "secret"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        arguments = [str(secret), str(folder), str(port), str(os.getpid())]
        done = subprocess.run(
            [PYTHON, *before, PYTHON, "-I", "-S", "-c", TRIES, *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        )
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that is under none of the places of a job."""
    folder = Path("/var/tmp") / f"walled-{os.getpid()}"  # noqa: S108 - the test's own
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)
    for left in Path("/tmp").glob("walled-*"):  # noqa: S108 - where the program wrote
        left.unlink()


@needs_landlock
def test_alone_it_refuses_what_the_same_program_obtains_without_it(closed: Path) -> None:
    free = tried(closed, "-c", "import os, sys; os.execv(sys.argv[1], sys.argv[1:])")
    behind = tried(closed, "-I", "-S", walled.__file__)

    assert set(free.values()) == {"done"}
    refused = {name for name, got in behind.items() if got == "PermissionError"}
    assert refused >= {"read", "write", "list"}
    assert (behind["allowed"], behind["scratch"]) == ("done", "done")


@needs_landlock
@pytest.mark.skipif(walled.abi() < 6, reason="this kernel's Landlock knows files alone")
def test_it_refuses_the_network_and_other_processes_where_the_kernel_can(closed: Path) -> None:
    behind = tried(closed, "-I", "-S", walled.__file__)

    assert (behind["connect"], behind["signal"]) == ("PermissionError", "PermissionError")


@needs_landlock
@needs_sandbox
def test_the_self_test_is_red_when_a_job_starts_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    held = isolation.isolation_report()
    monkeypatch.setattr(interpreter, "walled", lambda command, **_: tuple(command))
    isolation.forget()

    with pytest.raises(SandboxUnavailable, match="landlock: read /etc/walled"):
        isolation.require_isolation()

    assert held.landlock >= 1
    assert {one.name: one.ok for one in held.controls}["landlock"]


@needs_sandbox
def test_a_kernel_without_it_is_said_and_is_not_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walled, "abi", lambda: 0)

    report = isolation.isolation_report()

    told = {one.name: one.detail for one in report.controls}
    assert report.ok
    assert report.landlock == 0
    assert told["landlock"] == "this kernel has none: the other walls stand alone"
