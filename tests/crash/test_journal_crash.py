"""The journal keeps what it acknowledged, whatever stops the program or the disk."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import StorageFull
from ecluse.trust.journal import files, verification
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey, create_key

WRITER = Path(__file__).with_name("journal_writer.py")
NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
KILLS = 30


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return create_key(tmp_path / "keys", Signer.AGENT, now=NOW)


def report_of(folder: Path, key: SigningKey) -> verification.JournalReport:
    export = files.read(folder / files.ENTRIES)
    return verification.verify(export.lines, export.checkpoints, Keyring([key.public()]))


def kill_at_random(
    folder: Path, key_folder: Path, *, after_seconds: float, threads: int = 1
) -> int:
    """Run the writer, kill it `after_seconds` after its first entry; return its largest one."""
    places = (WRITER, folder, key_folder, threads)
    command = [sys.executable, "-S", "-c", RUN, *map(str, places)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as writer:
        first = writer.stdout.readline()
        time.sleep(after_seconds)  # a random instant is the point
        writer.send_signal(signal.SIGKILL)
        # The last line may be cut in two; an entry is acknowledged once its line is whole.
        said = first + writer.stdout.read()
    return max(map(int, said[: said.rindex("\n")].split("\n")))


RUN = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
"""Starts without the site packages' start-up files: a third of the time."""


def test_a_killed_writer_loses_no_acknowledged_entry(tmp_path: Path, key: SigningKey) -> None:
    folder = tmp_path / "journal"
    chance = random.Random(20260105)  # noqa: S311 - instants, not secrets
    acknowledged = [
        (
            kill_at_random(folder, tmp_path / "keys", after_seconds=chance.uniform(0, 0.02)),
            report_of(folder, key),
        )
        for _ in range(KILLS)
    ]

    assert [report.problem for _, report in acknowledged] == [None] * KILLS
    assert all(last <= report.size <= last + 1 for last, report in acknowledged)
    with FileJournal(folder, origin="test/zone", key=key) as journal:
        numbers = [entry.sequence for entry in journal.entries()]
    assert numbers == list(range(1, acknowledged[-1][1].size + 1))


def test_a_killed_writer_of_many_threads_loses_no_acknowledged_entry(
    tmp_path: Path, key: SigningKey
) -> None:
    """Groups of entries share a checkpoint: the kill falls between the two files of a group too."""
    folder = tmp_path / "journal"
    chance = random.Random(20261123)  # noqa: S311 - instants, not secrets
    acknowledged = [
        (
            kill_at_random(
                folder, tmp_path / "keys", after_seconds=chance.uniform(0, 0.05), threads=16
            ),
            report_of(folder, key),
        )
        for _ in range(KILLS // 2)
    ]
    last = acknowledged[-1][1]
    with FileJournal(folder, origin="test/zone", key=key) as journal:
        numbers = [entry.sequence for entry in journal.entries()]

    assert [report.problem for _, report in acknowledged] == [None] * (KILLS // 2)
    assert all(said <= report.size for said, report in acknowledged)
    assert last.checkpoint_count < last.size / 2
    assert numbers == list(range(1, last.size + 1))


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("room", [1, 100, 350, 599], ids=lambda room: f"{room} bytes")
def test_a_full_disk_refuses_the_entry_and_keeps_the_others(
    tmp_path: Path, key: SigningKey, room: int
) -> None:
    folder = tmp_path / "journal"
    with FileJournal(folder, origin="test/zone", key=key) as journal:
        journal.append("job.ordered", actor="agent", subject="J1", at=NOW)
        with files_limited_to(journal.path.stat().st_size + room), pytest.raises(StorageFull):
            journal.append("job.finished", actor="agent", subject="J" * 600, at=NOW)
        after = journal.append("job.finished", actor="agent", subject="J1", at=NOW)

    assert after.sequence == 2
    assert (report_of(folder, key).size, report_of(folder, key).problem) == (2, None)


def test_a_disk_full_at_the_checkpoint_takes_the_entry_back(
    tmp_path: Path, key: SigningKey
) -> None:
    # A long origin makes the checkpoints grow faster than the entries, so that they fill up first.
    with FileJournal(tmp_path / "journal", origin="test/" + "zone" * 50, key=key) as journal:
        journal.append("job.ordered", actor="agent", subject="J1", at=NOW)
        notes = files.checkpoints_path(journal.path)
        before = journal.path.read_bytes(), notes.read_bytes()
        with files_limited_to(notes.stat().st_size + 10), pytest.raises(StorageFull):
            journal.append("job.ordered", actor="agent", subject="J1", at=NOW)

        assert 2 * len(before[0]) < len(before[1])
        assert (journal.path.read_bytes(), notes.read_bytes()) == before


FULL_DISK = """
mount -t tmpfs -o size=65536 full "$1" && shift && exec "$@"
"""
FILL = """
import sys
import time
from pathlib import Path
from ecluse.domain.documents import Signer
from ecluse.domain.errors import StorageFull
from ecluse.trust.journal import files, verification
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, load_signing_key
sys.path.insert(0, sys.argv[3])
from journal_writer import NOW
key = load_signing_key(Path(sys.argv[2]), Signer.AGENT)
folder = Path(sys.argv[1]) / "journal"
journal = FileJournal(folder, origin="test/zone", key=key)
acknowledged = 0
try:
    while True:
        journal.append("job.finished", actor="agent", subject="J", at=NOW)
        acknowledged += 1
except StorageFull as error:
    print(error)
journal.close()
FileJournal(folder, origin="test/zone", key=key).close()
export = files.read(folder / files.ENTRIES)
report = verification.verify(export.lines, export.checkpoints, Keyring([key.public()]))
print(acknowledged == report.size > 10, report.problem)
"""


def test_a_disk_that_is_really_full_loses_nothing(tmp_path: Path, key: SigningKey) -> None:
    unshare = shutil.which("unshare")
    private = [str(unshare), "--user", "--map-root-user", "--mount", "sh", "-c", FULL_DISK, "sh"]
    disk = tmp_path / "disk"
    disk.mkdir()
    if unshare is None or subprocess.run([*private, disk, "true"], check=False).returncode != 0:
        pytest.skip("this machine does not let a test mount a small disk (unshare)")
    program = [sys.executable, "-c", FILL, str(disk), str(tmp_path / "keys"), str(WRITER.parent)]
    done = subprocess.run(
        [*private, disk, *program], check=True, capture_output=True, text=True, env=os.environ
    )

    assert "No space is left for entry" in done.stdout
    assert done.stdout.endswith("True None\n")
