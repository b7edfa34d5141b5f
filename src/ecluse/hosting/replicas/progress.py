"""How far a copy has come, kept so that whatever dies it goes on from there.

One line per step, appended: `copied <key>`, `verified <key>`, `again <key>`, and `sent <key> <n>`
before n bytes leave. Nothing rests on this file alone: without it the target is read again, and
only what is not there is sent.
"""

import fcntl
import os
from collections import Counter
from enum import StrEnum
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self

from ecluse.domain.errors import NotAllowed, StorageFull
from ecluse.trust import durable

FIELDS: Final = 3


class Step(StrEnum):
    """Where an object is: planned, then copied, then read back and found right."""

    PLANNED = "planned"
    COPIED = "copied"
    VERIFIED = "verified"


class Progress:
    """The steps of one copy, open for its only writer. Raises NotAllowed: another one copies."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._steps: dict[str, Step] = {}
        self._sent: Counter[str] = Counter()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("ab+", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise NotAllowed(f"Another process makes this copy ({path}): let it end.") from None
        try:
            self._recover()
        except OSError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            os.fsync(self._file.fileno())

    @property
    def sent_bytes(self) -> int:
        """Bytes that left, those sent twice included."""
        return sum(self._sent.values())

    def step(self, key: str) -> Step:
        """Return where an object is."""
        return self._steps.get(key, Step.PLANNED)

    def reach(self, key: str, step: Step) -> None:
        """Note that an object has come to `step`, or back to it."""
        self._note(f"{step.value} {key} 0")

    def send(self, key: str, size: int) -> None:
        """Note that `size` bytes are about to leave."""
        self._note(f"sent {key} {size}")

    def _note(self, line: str) -> None:
        with self._lock:
            # One write to a file that only grows: whole, or torn at the very end.
            try:
                os.write(self._file.fileno(), line.encode() + b"\n")
            except OSError as error:
                if error.errno not in durable.NO_SPACE:
                    raise
                raise StorageFull(
                    f"No space is left for {self._file.name}: free some, then resume the copy."
                ) from error
            self._apply(line)

    def _apply(self, line: str) -> None:
        fields = line.split(" ")
        if len(fields) != FIELDS or not fields[2].isdigit():
            return
        what, key, size = fields
        if what == "sent":
            self._sent[key] += int(size)
        elif what in set(Step):
            self._steps[key] = Step(what)

    def _recover(self) -> None:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        os.ftruncate(self._file.fileno(), whole)
        for line in data[:whole].decode("ascii", errors="replace").splitlines():
            self._apply(line)
        durable.sync_folder(Path(self._file.name).parent)
