"""The keys of a holder replaced in a process that may be killed at any step it comes to."""

import itertools
import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from ecluse.trust import durable
from ecluse.trust.envelopes.holders import KeyHolder
from ecluse.trust.envelopes.rotation import rotate
from tests.unit.trust.envelopes import header_folder

PROCESSES: Final = get_context("fork")
SECONDS: Final = 60


def rotate_once(folder: Path, deadly: int = 0) -> int:
    """Rotate the holder `hub` of a folder, to its end or its death; return the exit code.

    Forked, so that the child signs with the key of this process: it is kept in no file.
    """
    return _run(_rotate, folder, deadly)


def rotate_with_deadly_writes(folder: Path, deadly: int, *, after: bool) -> int:
    """Rotate in a child that dies before, or after, its n-th file is written; return the code."""
    return _run(_write_deadly, folder, deadly, after)


def _run(target: Callable[..., None], *args: object) -> int:
    child = PROCESSES.Process(target=target, args=args)
    child.start()
    child.join(SECONDS)
    assert child.exitcode is not None
    return child.exitcode


def _write_deadly(folder: Path, deadly: int, after: bool) -> None:
    numbers, write = itertools.count(1), durable.write

    def count(path: Path, data: bytes, *, mode: int = 0o600) -> None:
        number = next(numbers)
        if number == deadly and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        write(path, data, mode=mode)
        if number == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    durable.write = count
    _rotate(folder)


def _rotate(folder: Path, deadly: int = 0) -> None:
    steps: list[str] = []

    def die_at_the_step(name: str) -> None:
        steps.append(name)
        if len(steps) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    hub = KeyHolder("hub", folder / "holders" / "hub")
    rotate(hub, header_folder(folder), on_step=die_at_the_step)
