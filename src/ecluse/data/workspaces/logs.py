"""Logs of workspaces: kept a year at least, given to an auditor as files that prove themselves."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from ecluse.domain.clocks.periods import add_months
from ecluse.domain.errors import NotAllowed
from ecluse.domain.parameters import ACCESS_LOG_YEARS
from ecluse.trust.journal import files
from ecluse.trust.keys import PUBLIC_MODE, Keyring

KEYRING: Final = "keyring.json"
STAMP: Final = "%Y%m%dT%H%M%S%f"


def purge(folders: Path, *, until: date, today: date) -> int:
    """Remove the logs of openings that began before the day `until`; return how many.

    `folders` holds one folder per opening, named by its instant. The journal is never purged.

    Raises:
        NotAllowed: some of them would be less than a year old.

    Source: EHDS art. 73(1)(e).
    """
    first_kept = add_months(today, -12 * ACCESS_LOG_YEARS.value)
    if until > first_kept:
        raise NotAllowed(
            f"Logs are kept one year at least (EHDS art. 73(1)(e)): those from {first_kept} on"
            " stay."
        )
    old = [folder for folder in folders.glob("*/sessions/*") if _began_on(folder) < until]
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


def export(journal: Path, target: Path, keyring: Keyring) -> Path:
    """Write the journal with its checkpoints and the public keys in the new folder `target`.

    `ecluse journal verify` proves it offline, with these files alone. Raises StorageFull.
    """
    target.mkdir(mode=0o755)
    told = files.read(journal / files.ENTRIES)
    files.write_export(target / files.ENTRIES, told.lines, told.checkpoints)
    keyring.save(target / KEYRING)
    (target / KEYRING).chmod(PUBLIC_MODE)
    return target


def _began_on(folder: Path) -> date:
    """Return the day of an opening; a folder of another name is kept."""
    try:
        return datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC).date()
    except ValueError:
        return date.max
