"""Programs in the background: started apart from the terminal, found again, stopped surely."""

import json
import os
import select
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ecluse.domain.errors import Unreachable

MARK = "ECLUSE_PROGRAM"
POLITE_SECONDS = 10
LOG_LINES_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Program:
    """One program of an installation: its pid file `<name>.json` in `run`, its log in `logs`.

    A pid file names a process by number *and* start time: a number given since to another program
    is never taken for ours.
    """

    name: str
    run: Path
    logs: Path

    @property
    def pid_file(self) -> Path:
        """Where the running process is noted."""
        return self.run / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """Where the program writes."""
        return self.logs / f"{self.name}.log"

    def start(
        self, command: Sequence[str], *, environment: Mapping[str, str], port: int | None = None
    ) -> int:
        """Start the program, detached from this terminal, and return its pid."""
        self._kill_members()
        pid = os.posix_spawn(
            command[0],
            list(command),
            {**os.environ, **environment, MARK: str(self.pid_file)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        note = {"pid": pid, "started": _started(pid), "port": port}
        new = self.pid_file.with_suffix(".new")
        new.write_text(json.dumps(note), encoding="utf-8")
        new.replace(self.pid_file)
        return pid

    def pid(self) -> int | None:
        """Return the pid of the running program, or None."""
        note = self._note()
        pid, started = note.get("pid"), note.get("started")
        if pid is None or started is None or _started(pid) != started:
            return None
        return pid

    def port(self) -> int | None:
        """Return the port that the running program was given, or None."""
        return self._note().get("port") if self.pid() is not None else None

    def stop(self) -> bool:
        """Stop the program and its children; return whether it was running."""
        pid = self.pid()
        if pid is not None:
            _send(pid, signal.SIGTERM)
            _wait([pid], POLITE_SECONDS)
        self._kill_members()
        self.pid_file.unlink(missing_ok=True)
        return pid is not None

    def last_words(self) -> str:
        """Return the end of the log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(lines[-LOG_LINES_SHOWN:])

    def check_alive(self) -> None:
        """Raise Unreachable, with the end of the log, if the program ended."""
        if self.pid() is None:
            raise Unreachable(
                f"{self.name} s'est arrêté aussitôt lancé. Fin de {self.log} :\n{self.last_words()}"
            )

    def _note(self) -> dict[str, int | None]:
        try:
            note = json.loads(self.pid_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _kill_members(self) -> None:
        """Kill what is left of the program: a worker outlives a killed leader and holds its port.

        They are known by a variable that every child inherits.
        """
        mark = f"{MARK}={self.pid_file}".encode()
        left = [pid for pid in _processes() if mark in _environment(pid).split(b"\0")]
        for pid in left:
            _send(pid, signal.SIGKILL)
        _wait(left, POLITE_SECONDS)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait(pids: Sequence[int], seconds: float) -> None:
    """Return when all these processes ended, or after `seconds`."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        with suppress(ProcessLookupError):
            ended = os.pidfd_open(pid)
            select.select([ended], [], [], max(0.0, deadline - time.monotonic()))
            os.close(ended)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""  # gone, or somebody else's


def _started(pid: int) -> int | None:
    """Return the start time of a live process, in clock ticks since boot (proc(5), field 22)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
