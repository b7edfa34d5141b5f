"""What a load has done so far, written so that a killed one goes on where it was.

One line of JSON per step, appended and flushed to the disk once the parts of the step are there.
Steps always follow each other in the same order, so a load that goes on skips the first ones; a
line cut short by the kill, or one whose parts are gone, ends what is kept.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from ecluse.data.lake import Part, Staging
from ecluse.trust import durable

PROGRESS: Final = "progress.jsonl"


@dataclass(frozen=True, slots=True)
class Step:
    """One step done: the slices it set, each with all its parts, and what it counted."""

    name: str
    table: str
    slices: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Progress:
    """The steps that a load has done, on the disk at most `every` seconds late."""

    def __init__(self, staging: Staging, *, every: float) -> None:
        self._staging = staging
        self._path = staging.path / PROGRESS
        self._every = every
        self._waiting: list[Step] = []
        self._written_at = time.monotonic()
        self.kept = _read(self._path, staging)
        text = "".join(_line(step) for step in self.kept)
        if text or self._path.exists():
            durable.write(self._path, text.encode())

    def add(self, step: Step) -> None:
        """Remember a step whose parts are sealed."""
        self._waiting.append(step)
        if time.monotonic() - self._written_at >= self._every:
            self.write()

    def write(self) -> None:
        """Put the steps that wait on the disk, and first what they sealed: one sync for all."""
        # a step is remembered only once its parts, and their names, would survive
        self._staging.sync(part for step in self._waiting for part in _parts(step))
        for folder in self._path.parent.glob("parts/*"):
            durable.sync_folder(folder)
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(map(_line, self._waiting)))
            file.flush()
            os.fsync(file.fileno())
        self._waiting.clear()
        self._written_at = time.monotonic()


def _parts(step: Step) -> Iterator[Part]:
    return (part for parts in step.slices.values() for part in parts)


def _line(step: Step) -> str:
    return json.dumps(asdict(step), ensure_ascii=False) + "\n"


def _read(path: Path, staging: Staging) -> list[Step]:
    if not path.exists():
        return []
    steps = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        step = _step(line)
        if step is None or not _are_there(step.slices.values(), staging):
            break
        steps.append(step)
    return steps


def _step(line: str) -> Step | None:
    try:
        fields: dict[str, Any] = json.loads(line)
        slices = {
            name: tuple(Part(**part) for part in parts) for name, parts in fields["slices"].items()
        }
        warnings = tuple(fields["warnings"])
        return Step(fields["name"], fields["table"], slices, fields["counts"], warnings)
    except (KeyError, TypeError, ValueError):
        return None


def _are_there(slices: Iterable[tuple[Part, ...]], staging: Staging) -> bool:
    files = [(staging.path_of(part), part.size) for parts in slices for part in parts]
    return all(path.is_file() and path.stat().st_size == size for path, size in files)
