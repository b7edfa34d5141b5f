"""A program that appends to a journal for ever and says which entries are acknowledged.

Arguments: the folder of the journal, the folder of its key.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from ecluse.domain.documents import Signer
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import load_signing_key

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def write_for_ever(folder: Path, key_folder: Path) -> None:
    """Append until killed; one line of output per acknowledged entry."""
    key = load_signing_key(key_folder, Signer.AGENT)
    journal = FileJournal(folder, origin="test/zone", key=key)
    while True:
        entry = journal.append("job.finished", actor="agent", subject="J", at=NOW)
        sys.stdout.write(f"{entry.sequence}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]), Path(sys.argv[2]))
