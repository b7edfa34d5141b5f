"""A project's sealed extracts under new pseudonyms: opened in memory, renewed, sealed anew.

The new files have new keys and the old keys are destroyed, so that the old pseudonyms are read by
nobody any more, in no copy. Nothing in clear reaches a disk.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ecluse.data.agent.zones import ProjectSeals, Zone
from ecluse.data.engines import storage_failures
from ecluse.data.extraction import ExtractFiles, open_files
from ecluse.data.pseudonyms.renewal import Renewal
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.trust import durable

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a fresh folder there, for its owner alone
STAGING, REPLACED = ".sealing-", ".replaced-"


def renew_sealed(zone: Zone, project: str, renew: Callable[[Path], Renewal]) -> Renewal:
    """Let `renew` work on the opened files of a project, and seal what it made in their place.

    Killed, the project has the old files or the new, whole; called again, it begins again.

    Raises:
        NotFound: the project has no extract, or a key of one was destroyed.
        InvalidInput: an extraction of the project is under way.
        NotAllowed: another renewal is under way.
        StorageFull: the files do not fit in memory, or on the disk.
    """
    seals = zone.seals(project)
    folder = zone.projects / project
    with _only_writer(zone.projects), storage_failures(MEMORY):
        _settle(folder)
        before = seals.keys.ids(project)
        with TemporaryDirectory(prefix="ecluse-renewal-", dir=MEMORY) as memory:
            opened = Path(memory) / project
            for extract in _extracts(folder):
                _open(open_files(extract, seals), opened / extract.name)
            done = renew(opened)
            staging = folder.with_name(f"{STAGING}{project}")
            for extract in sorted(opened.iterdir()):
                _seal(extract, staging / extract.name, seals)
        staging.chmod(folder.stat().st_mode & 0o777)
        folder.rename(folder.with_name(f"{REPLACED}{project}"))
        staging.rename(folder)
        durable.sync_folder(zone.projects)
        seals.keys.destroy(project, before)
        _settle(folder)
    return done


def _extracts(folder: Path) -> list[Path]:
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    if not found:
        raise NotFound(f"{folder.name} has no extract: there is nothing to renew.")
    if any(path.name.startswith(".") or path.is_symlink() or path.is_file() for path in found):
        raise InvalidInput(f"An extraction of {folder.name} is under way: renew after its end.")
    return found


def _open(files: ExtractFiles, target: Path) -> None:
    target.mkdir(mode=0o700, parents=True)
    for name in files.names():
        with files.open(name) as source, (target / name).open("xb") as opened:
            shutil.copyfileobj(source, opened)


def _seal(opened: Path, target: Path, seals: ProjectSeals) -> None:
    target.mkdir(mode=0o700, parents=True)
    files = ExtractFiles(target, seals.draw())
    for path in sorted(opened.iterdir()):
        with path.open("rb") as source, files.replacing(path.name) as sealed:
            shutil.copyfileobj(source, sealed)
        (target / path.name).chmod(files.modes[0])
    target.chmod(files.modes[1])


def _settle(folder: Path) -> None:
    """Complete or undo what a killed renewal left, and remove what was replaced."""
    replaced = folder.with_name(f"{REPLACED}{folder.name}")
    if replaced.exists() and not folder.exists():
        replaced.rename(folder)
    for path in (replaced, folder.with_name(f"{STAGING}{folder.name}")):
        for closed in (path, *path.rglob("*")) if path.exists() else ():
            if closed.is_dir():
                closed.chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Hold the projects; the system lets them go when the process dies. Raises NotAllowed."""
    if not folder.is_dir():
        raise NotFound("This zone has no project: there is nothing to renew.")
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise NotAllowed("Another renewal of this zone is under way: wait.") from None
    finally:
        os.close(lock)
