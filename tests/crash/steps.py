"""One step of an agent in a process that may be killed at any of the points it names.

Children are forked from a server that has the programs in memory already: hundreds of deaths cost
no hundred starts of Python.
"""

import os
import random
import signal
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from ecluse.data.agent import Agent, Zone
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data.studies import NOW

PROCESSES: Final = get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
SECONDS: Final = 120
POINTS: Final = int(os.environ.get("ECLUSE_KILLS", "8"))
SEED: Final = 20261123


def sampled(count: int) -> list[int]:
    """Points to die at, of `count`: the first, the last, and others drawn by a stated seed.

    `make soak` sets ECLUSE_KILLS above any count, so that it dies at every one of them.
    """
    inside = range(2, count)
    drawn = random.Random(SEED).sample(inside, min(len(inside), max(POINTS - 2, 0)))  # noqa: S311 - not a secret
    points = sorted({1, *drawn, count})
    print(f"Killed at {len(points)} of {count} points, seed {SEED}: {points}")  # noqa: T201 - what a failure is told with
    return points


def start(folder: Path, deadly: int | str = 0) -> tuple[ForkServerProcess, Connection]:
    """Begin one step of the agent of a world; what the pipe says first is that it began.

    It dies at the point `deadly`: a number, from 1, or the name of one.
    """
    told, telling = PROCESSES.Pipe(duplex=False)
    child = PROCESSES.Process(target=_step, args=(folder, deadly, NOW, telling))
    child.start()
    telling.close()
    told.recv()
    return child, told


def finish(folder: Path, deadly: int | str = 0) -> tuple[int, int]:
    """Run one step, to its end or its death; return the exit code and how many points it named."""
    child, told = start(folder, deadly)
    child.join(SECONDS)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode, told.recv() if child.exitcode == 0 else 0


def _step(folder: Path, deadly: int | str, now: datetime, telling: Connection) -> None:
    telling.send("started")
    named: list[str] = []

    def die_at_the_point(name: str) -> None:
        named.append(name)
        if deadly in {name, len(named)}:
            os.kill(os.getpid(), signal.SIGKILL)

    mailboxes = {name: FolderMailbox(folder / name) for name in ("public", "checking")}
    agent = Agent(Zone(folder / "zone"), mailboxes, clock=lambda: now, on_progress=die_at_the_point)
    agent.step(now)
    agent.close()
    telling.send(len(named))
