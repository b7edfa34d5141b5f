import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from ecluse.cli.programs import Program
from ecluse.domain.errors import Unreachable

WAIT = [sys.executable, "-c", "import signal; print('ready', flush=True); signal.pause()"]
FORK = """
import os, signal
child = os.fork()
if child:
    print(child, flush=True)
signal.pause()
"""


def read_line(log: TextIO) -> str:
    """Wait for the first line of a log that is being written."""
    while not (line := log.readline()).endswith("\n"):
        log.seek(0)
    return line


def runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program("agent", run=tmp_path, logs=tmp_path)
    yield program
    program.stop()


def test_a_started_program_is_found_again_with_its_port(program: Program) -> None:
    pid = program.start(WAIT, environment={}, port=8017)

    again = Program("agent", run=program.run, logs=program.logs)
    assert again.pid() == pid
    assert again.port() == 8017


def test_a_program_leads_a_session_of_its_own_so_closing_the_terminal_spares_it(
    program: Program,
) -> None:
    pid = program.start(WAIT, environment={})

    assert os.getsid(pid) == pid


def test_a_stopped_program_is_gone_and_forgotten(program: Program) -> None:
    pid = program.start(WAIT, environment={})

    assert program.stop()
    assert program.pid() is None
    assert os.waitpid(pid, 0)[1] == signal.SIGTERM


def test_a_program_deaf_to_sigterm_is_killed(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecluse.cli.programs.POLITE_SECONDS", 0.2)
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # inherited by what is started
    pid = program.start(WAIT, environment={})
    signal.signal(signal.SIGTERM, before)

    program.stop()

    assert os.waitpid(pid, 0)[1] == signal.SIGKILL


def test_a_child_left_by_a_killed_program_is_killed_before_the_next_start(
    program: Program,
) -> None:
    fork = (
        "import os, signal; child = os.fork(); child and print(child, flush=True); signal.pause()"
    )
    leader = program.start([sys.executable, "-c", fork], environment={})
    with program.log.open() as log:
        child = int(read_line(log))
    os.kill(leader, signal.SIGKILL)
    os.waitpid(leader, 0)

    program.start(WAIT, environment={})

    assert not runs(child)


def test_stopping_what_does_not_run_changes_nothing(program: Program) -> None:
    assert not program.stop()


def test_a_pid_since_given_to_another_program_is_never_signalled(program: Program) -> None:
    note = {"pid": os.getpid(), "started": 1, "port": None}
    program.pid_file.write_text(json.dumps(note))

    assert program.pid() is None
    assert not program.stop()


def test_a_damaged_pid_file_counts_as_not_running(program: Program) -> None:
    program.pid_file.write_text("{")

    assert program.pid() is None


def test_a_program_that_ends_at_once_is_reported_with_the_end_of_its_log(program: Program) -> None:
    pid = program.start([sys.executable, "-c", "raise SystemExit('no port')"], environment={})
    os.waitpid(pid, 0)

    with pytest.raises(Unreachable, match="no port"):
        program.check_alive()
