"""The search for viruses in what is attached: a command of this machine, such as clamdscan.

`ECLUSE_SCAN` is that command (`clamdscan --no-summary --fdpass`), called with the file's path: it
ends with 0 for a clean file, 1 for an infected one, anything else when it could not say. Without a
command, files wait; `off` says that this site searches nothing, and pages say so.
"""

import logging
import shlex
import subprocess
from pathlib import Path

from django.conf import settings

from ecluse.portal.drafts.models import Scan

OFF = "off"
TIMEOUT_SECONDS = 60
VERDICTS = {0: Scan.CLEAN, 1: Scan.INFECTED}

_log = logging.getLogger(__name__)


def is_off() -> bool:
    """Whether this site searches nothing."""
    return bool(settings.ECLUSE_SCAN == OFF)


def scan(path: Path) -> Scan:
    """Return what the command says of a file; `PENDING` when it cannot say."""
    if is_off():
        return Scan.OFF
    command = shlex.split(settings.ECLUSE_SCAN)
    if not command:
        return Scan.PENDING
    try:
        ended = subprocess.run(  # noqa: S603 - the command is the site's own setting
            [*command, str(path)], capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        _log.warning("scan-unavailable")
        return Scan.PENDING
    return VERDICTS.get(ended.returncode, Scan.PENDING)
