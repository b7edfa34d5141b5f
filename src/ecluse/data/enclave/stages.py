"""Stages ready before their job comes: starting Python is most of what a sandbox costs.

After a job the next stage loads its program and waits for an order. It holds nothing and has seen
nothing: an order is all that a stage is ever given, and each serves one job.
"""

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from typing import Final

COMMAND: Final = (sys.executable, "-I", "-m", "ecluse.data.enclave.stage")

Stage = subprocess.Popen[bytes]

_waiting: deque[tuple[int, Stage]] = deque(maxlen=1)


def begin(order: str) -> Stage:
    """Give an order to a stage and return it; its outcome is read from its output."""
    stage = _ready() or _start()
    assert stage.stdin is not None  # noqa: S101 - asked for when it was started
    with contextlib.suppress(BrokenPipeError):  # it ended: the caller reads how
        stage.stdin.write(order.encode())
        stage.stdin.close()
    stage.stdin = None
    return stage


def prepare_next() -> None:
    """Start the stage of the next job, unless one waits already."""
    # A stage dies with the thread that started it: only the main one stays to the end.
    if not _waiting and threading.current_thread() is threading.main_thread():
        _waiting.append((os.getpid(), _start()))


def _ready() -> Stage | None:
    """Return a stage in waiting, if this process started one that still lives."""
    with contextlib.suppress(IndexError):
        owner, stage = _waiting.pop()
        if owner == os.getpid() and stage.poll() is None:
            return stage
    return None


def _start() -> Stage:
    pipe = subprocess.PIPE
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env={})  # noqa: S603 - our own program, no argument from outside


@atexit.register
def _dismiss() -> None:
    stage = _ready()
    if stage is not None:
        stage.kill()
        stage.communicate()
