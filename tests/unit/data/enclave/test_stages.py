"""A stage that waits for its job serves one, and outlives nobody."""

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ecluse.data.enclave import stages

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)

WAIT = """
from ecluse.data.enclave import stages
stages.prepare_next()
print(stages._waiting[0][1].pid, flush=True)
input()
"""


def test_a_stage_in_waiting_dies_with_the_program_that_is_killed() -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", WAIT]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as program:
        assert program.stdout is not None
        waiting = os.pidfd_open(int(program.stdout.readline()))
        program.kill()

    ended, _, _ = select.select([waiting], [], [], 10)

    assert ended == [waiting]
    os.close(waiting)


def test_a_program_that_ends_leaves_no_stage() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WAIT], input="\n", capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
    assert not Path("/proc", done.stdout.strip()).exists()


def test_a_stage_serves_one_order_and_the_next_has_another() -> None:
    first = stages.begin("")
    stages.prepare_next()
    second = stages.begin("")

    assert (first.wait(), second.wait()) == (0, 0)
    assert first.pid != second.pid
    for stage in (first, second):
        stage.communicate()
