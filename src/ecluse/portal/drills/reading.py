"""The reports in the room of this site, verified each time that they are shown.

They are files of `drills/` beside the keyring: whoever runs the site puts them there. One that no
believed key signed is not shown.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ecluse.domain.documents import DrillReport
from ecluse.domain.errors import EcluseError, NotFound
from ecluse.portal.audit import identity
from ecluse.trust import documents

FOLDER: Final = "drills"
NUMBER: Final = re.compile(r"DRILL-\d{8}-[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that was believed just now, and its bytes."""

    report: DrillReport
    data: bytes
    digest: str


def every(*, now: datetime) -> list[Kept]:
    """Return the reports that are believed, newest first."""
    numbers = (path.stem for path in _folder().glob("DRILL-*.json"))
    found = (_read(number, now=now) for number in numbers)
    kept = [one for one in found if one is not None]
    return sorted(kept, key=lambda one: one.report.begun_at, reverse=True)


def one(number: str, *, now: datetime) -> Kept:
    """Return a report. Raises NotFound: none of this number is believed."""
    found = _read(number, now=now)
    if found is None:
        raise NotFound(f"No believed report of a drill has the number {number[:40]}.")
    return found


def _folder() -> Path:
    return identity.room() / FOLDER


def _read(number: str, *, now: datetime) -> Kept | None:
    if not NUMBER.fullmatch(number):
        return None
    try:
        data = (_folder() / f"{number}.json").read_bytes()
        verified = documents.verify(data, identity.keyring(), now=now)
    except (OSError, EcluseError):
        return None
    body = verified.document.body
    if not isinstance(body, DrillReport) or body.drill_number != number:
        return None
    return Kept(body, data, verified.digest)
