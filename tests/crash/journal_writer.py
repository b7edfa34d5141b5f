"""A program that appends to a journal for ever and says which entries are acknowledged.

Arguments: the folder of the journal, the folder of its key, how many threads append.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from ecluse.domain.documents import Signer
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import load_signing_key

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def write_for_ever(folder: Path, key_folder: Path, threads: int = 1) -> None:
    """Append until killed; one line of output per acknowledged entry, each written at once."""
    key = load_signing_key(key_folder, Signer.AGENT)
    journal = FileJournal(folder, origin="test/zone", key=key)

    def append() -> None:
        while True:
            entry = journal.append("job.finished", actor="agent", subject="J", at=NOW)
            os.write(1, f"{entry.sequence}\n".encode())

    for _ in range(threads - 1):
        Thread(target=append, daemon=True).start()
    append()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
