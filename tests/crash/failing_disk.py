"""A disk whose n-th operation fails, for what writes with Python's own functions."""

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

OPERATIONS = ("fsync", "write", "open", "link", "rename", "replace", "mkdir", "unlink", "ftruncate")
"""What is counted, of `os`; opening a file is counted as well."""


class Disk:
    """Counts the operations on the files of a folder; the one of this number fails, once."""

    def __init__(self, folder: Path, failing: int, error: int) -> None:
        self.folder, self.failing, self.error = folder, failing, error
        self.count = 0

    @contextmanager
    def mounted(self) -> Iterator["Disk"]:
        """Operations of the block go through this disk."""
        originals = {name: getattr(os, name) for name in OPERATIONS}
        opener = builtins.open
        with (
            patch.multiple(os, **{name: self._of(one) for name, one in originals.items()}),
            patch.object(io, "open", self._of(opener)),
            patch.object(builtins, "open", self._of(opener)),
        ):
            yield self

    def _of(self, operation: Callable[..., object]) -> Callable[..., object]:
        def counted(subject: object, *rest: object, **more: object) -> object:
            if self._is_here(subject):
                self.count += 1
                if self.count == self.failing:
                    raise OSError(self.error, os.strerror(self.error))
            return operation(subject, *rest, **more)

        return counted

    def _is_here(self, subject: object) -> bool:
        """Whether a path, or what a descriptor is open on, lies in the folder."""
        path = f"/proc/self/fd/{subject}" if isinstance(subject, int) else os.fspath(subject)  # type: ignore[call-overload]  # whatever `os` takes
        return Path(os.path.realpath(path)).is_relative_to(self.folder)
