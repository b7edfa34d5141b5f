"""The third party as a real process, under an account of its own, with its own store and socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ecluse.domain.errors import NotAllowed, SetupIncomplete, Unreachable
from ecluse.trust.custody.key_sockets import LENGTH, SocketKey
from ecluse.trust.pseudonyms.national_numbers import (
    FileNationalKey,
    load_national_key,
    name_person,
    synthetic_national_number,
)
from ecluse.trust.third_party.listener import open_gate

SERVICE, REGISTER, LOADING, STRANGER = 64101, 64102, 64103, 64104
SETTINGS = f"""
floor = 10
[peers.register]
uid = {REGISTER}
asks = ["derive"]
alarm_per_hour = 3
most_per_hour = 5
[peers.loading]
uid = {LOADING}
asks = ["batch"]
alarm_per_hour = 1000
most_per_hour = 2000
"""
NUMBERS = [synthetic_national_number(index) for index in range(20)]
KEY = bytes(range(32))
ASKING = """
import json, sys
from pathlib import Path
from ecluse.domain.errors import EcluseError
from ecluse.trust.custody.key_sockets import SocketKey
key, told = SocketKey(Path(sys.argv[1])), sys.argv[3:]
try:
    made = [key.derive(told[0])] if sys.argv[2] == "derive" else key.derive_batch(told)
    print(json.dumps([bytes(one).hex() for one in made]))
except EcluseError as error:
    print(json.dumps(error.code))
"""

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": os.pathsep.join(
        path for path in sys.path if "site-packages" in path or "src" in path
    ),
}
SYSTEM = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(scope="module")
def interpreter() -> str:
    """A Python that other accounts can start: this one, or the system's of the same version."""
    for path in (sys.executable, SYSTEM):
        if Path(path).exists() and _starts(path):
            return path
    pytest.skip(f"needs a Python that other accounts can start: {SYSTEM}")


def _starts(path: str) -> bool:
    try:
        words = [path, "-c", "import ecluse.cli"]
        done = subprocess.run(
            words, check=False, capture_output=True, cwd="/", env=ENVIRONMENT, user=SERVICE
        )
    except PermissionError:
        return False
    return done.returncode == 0


pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to run as other accounts")


class Running:
    """The service of a folder that only its account reads, started as a program."""

    def __init__(self, folder: Path, interpreter: str) -> None:
        self.interpreter = interpreter
        self.folder, self.store, self.socket = folder, folder / "store", folder / "run" / "key"
        folder.chmod(0o711)
        for made in (self.store, self.store / "keys", folder / "run"):
            made.mkdir()
        (self.store / "keys" / "national.key").write_bytes(KEY)
        (self.store / "third-party.toml").write_text(SETTINGS)
        for path in (self.store, *self.store.rglob("*"), folder / "run"):
            os.chown(path, SERVICE, SERVICE)
            path.chmod(0o700 if path.is_dir() else 0o600)
        (folder / "run").chmod(0o711)
        self.start()

    def start(self) -> None:
        words = ("third-party", "serve", "--socket", self.socket, "--folder", self.store)
        self.process = subprocess.Popen(
            [self.interpreter, "-m", "ecluse", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=ENVIRONMENT,
            user=SERVICE,
            group=SERVICE,
            extra_groups=[],
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().decode().strip() == str(self.socket)

    def stop(self, number: int = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        _, told = self.process.communicate(timeout=20)
        return told.decode()

    def ask(self, uid: int, ask: str, *purposes: str) -> object:
        done = subprocess.run(
            [self.interpreter, "-c", ASKING, str(self.socket), ask, *purposes],
            capture_output=True,
            check=True,
            cwd="/",
            env=ENVIRONMENT,
            user=uid,
            group=uid,
            extra_groups=[],
        )
        return json.loads(done.stdout)


@pytest.fixture
def running(interpreter: str) -> Iterator[Running]:
    # Not `tmp_path`: the other accounts cannot go through its parents.
    with tempfile.TemporaryDirectory(prefix="third-party-") as name:
        made = Running(Path(name), interpreter)
        yield made
        if made.process.poll() is None:
            made.stop()


def expected(number: str) -> str:
    return name_person(number, FileNationalKey(KEY)).lower()


def test_each_account_is_known_by_the_kernel_and_gets_what_it_may(running: Running) -> None:
    named = running.ask(REGISTER, "derive", NUMBERS[0])
    batch = running.ask(LOADING, "batch", *NUMBERS)
    refused = [
        running.ask(STRANGER, "derive", NUMBERS[0]),
        running.ask(0, "derive", NUMBERS[0]),
        running.ask(REGISTER, "batch", *NUMBERS),
        running.ask(LOADING, "batch", *NUMBERS[:9]),
    ]

    assert named == [expected(NUMBERS[0])]
    assert batch == [expected(number) for number in NUMBERS]
    assert refused == ["not-allowed"] * 4


def test_no_other_account_reads_its_store_nor_its_memory(running: Running) -> None:
    script = (
        "import sys\n"
        "for path in sys.argv[1:]:\n"
        "    try: open(path, 'rb').read(1); print('read')\n"
        "    except PermissionError: print('refused')\n"
    )
    paths = [
        str(running.store / "keys" / "national.key"),
        str(running.store / "journal" / "journal.jsonl"),
        f"/proc/{running.process.pid}/mem",
        f"/proc/{running.process.pid}/environ",
    ]

    done = subprocess.run(
        [running.interpreter, "-c", script, *paths],
        capture_output=True,
        check=True,
        user=REGISTER,
        group=REGISTER,
        extra_groups=[],
        cwd="/",
    )

    assert done.stdout.decode().split() == ["refused"] * 4


def test_alarms_are_said_aloud_and_outlive_a_kill(running: Running) -> None:
    answers = [running.ask(REGISTER, "derive", number) for number in NUMBERS[:5]]
    told = running.stop(signal.SIGKILL)
    running.start()
    after = running.ask(REGISTER, "derive", NUMBERS[5])
    ended = running.stop()

    journal = (running.store / "journal" / "journal.jsonl").read_text()
    assert [type(answer) for answer in answers] == [list] * 5
    assert told.splitlines() == ["alarm: register: 3 persons within an hour"]
    assert after == "not-allowed"
    assert "5 persons an hour are the most" in ended
    assert journal.count('"action":"third-party.answered"') == 5
    assert not any(number in journal for number in NUMBERS)


def test_who_sends_anything_else_is_left_and_others_are_answered(running: Running) -> None:
    sent = [b"", b"GET / HTTP/1.1\r\n\r\n", LENGTH.pack(1 << 31), LENGTH.pack(10) + b"{}"]
    with ExitStack() as links:
        [links.enter_context(said(running.socket, data)) for data in sent]
        named = running.ask(REGISTER, "derive", NUMBERS[0])

    assert named == [expected(NUMBERS[0])]
    assert running.process.poll() is None


def said(path: Path, data: bytes) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.connect(str(path))
    link.sendall(data)
    return link


def test_it_never_serves_as_root(running: Running, tmp_path: Path) -> None:
    words = ("third-party", "serve", "--socket", tmp_path / "key", "--folder", running.store)

    done = subprocess.run(
        [sys.executable, "-m", "ecluse", *words], capture_output=True, check=False, cwd="/"
    )

    assert done.returncode == NotAllowed.exit_code
    assert b"root" in done.stderr


def test_a_folder_that_names_a_socket_gives_the_key_behind_it(tmp_path: Path) -> None:
    (tmp_path / "national.socket").write_text(f"{tmp_path / 'key'}\n")

    assert load_national_key(tmp_path) == SocketKey(tmp_path / "key")
    with pytest.raises(Unreachable, match="does not answer"):
        load_national_key(tmp_path).derive(NUMBERS[0])


def test_a_peer_under_the_account_of_the_service_is_refused(tmp_path: Path) -> None:
    (tmp_path / "third-party.toml").write_text(SETTINGS.replace(str(REGISTER), str(os.geteuid())))

    with pytest.raises(NotAllowed, match="give each its own"), open_gate(tmp_path):
        pass
    with pytest.raises(SetupIncomplete, match="who may ask"), open_gate(tmp_path / "none"):
        pass
