"""The folder an extract is made in: one writer, closed to others, named at the end or removed."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ecluse.data.engines import storage_failures
from ecluse.domain.errors import NotAllowed
from ecluse.trust import durable

STAGING: Final = ".staging-"


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """Give the folder beside `target` where it is made, removed when the block fails.

    What a killed extraction left is still there, and what an interrupted one (Ctrl-C) leaves stays:
    the next one goes on from it, or clears it.

    Raises:
        NotAllowed: another extraction into `target` is under way.
        StorageFull: no space is left.
    """
    folder = _beside(target)
    with storage_failures(target.parent):
        made = _make_closed(target.parent)
        with _only_writer(folder):
            try:
                yield folder
            except KeyboardInterrupt:
                raise
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                _remove_unused(made)
                raise


def discard(target: Path, *, before: Callable[[Path], None]) -> None:
    """Remove what a killed extraction into `target` left, unless one is under way.

    `before` is told the folder first.
    """
    folder = _beside(target)
    if folder.is_dir() and not folder.is_symlink():
        with suppress(NotAllowed), _only_writer(folder):
            before(folder)
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, target: Path, *, modes: tuple[int, int]) -> None:
    """Close the files to writing, then give the folder its name in one step.

    `modes`: of the files and of the folder; the closed folder above keeps others out.
    """
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)  # where the engine spilled
        elif path.name.startswith("."):
            path.unlink()  # how far a resumed extraction had come
        else:
            path.chmod(modes[0])
    durable.sync_folder(folder)
    folder.chmod(modes[1])
    folder.rename(target)
    durable.sync_folder(target.parent)


def empty(folder: Path, *, but: frozenset[str] = frozenset()) -> None:
    """Remove what `folder` holds, except the files of those names."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name not in but or entry.is_symlink():
            entry.unlink()


def _beside(target: Path) -> Path:
    return target.with_name(f"{STAGING}{target.name}")


def _make_closed(folder: Path) -> list[Path]:
    """Make the folder and its parents for the owner alone; return those made, the deepest first."""
    made: list[Path] = []
    for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        with suppress(FileExistsError):  # another extraction made it meanwhile
            path.mkdir(mode=0o700)
            made.insert(0, path)
    return made


def _remove_unused(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Hold the staging folder; the system lets it go when the process dies. Raises NotAllowed."""
    if folder.is_symlink():  # not ours: rows would be written where it leads
        folder.unlink()
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not _is_taken(lock, folder):
            raise NotAllowed(
                f"Another extraction into {folder.name.removeprefix(STAGING)} is under way: wait "
                "for its end."
            )
        yield
    finally:
        os.close(lock)


def _is_taken(lock: int, folder: Path) -> bool:
    """Take the lock; false if another holds it, or has just given the folder its final name."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(lock), folder.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
