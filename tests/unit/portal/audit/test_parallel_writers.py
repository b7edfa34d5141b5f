"""Writers side by side: the journal stays gapless and proven, whoever commits first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from pytest_django import Settings

from ecluse.domain.documents import Signer
from ecluse.portal.audit import actions, identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.trust import keys
from ecluse.trust.journal import verification
from ecluse.trust.keys import Keyring
from tests.unit.domain.build import PERMIT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITERS, EACH = 4, 5


def write_some(writer: int) -> int:
    """Record entries and send documents, in the two orders that could deadlock."""
    try:
        for number in range(EACH):
            actions.record("permit.granted", f"{writer}-{number}", by="paul", at=NOW)
            mailbox.send(PERMIT, audience=("agent:zone-1",), by="paul", now=NOW)
    finally:
        connection.close()
    return writer


def test_parallel_writers_leave_one_gapless_proven_journal(
    transactional_db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.ECLUSE_HOME = tmp_path
    key = keys.create_key(identity.key_folder(), Signer.PORTAL, now=NOW)
    Keyring([key.public()]).save(identity.keyring_path())

    with ThreadPoolExecutor(WRITERS) as pool:
        finished = sorted(pool.map(write_some, range(WRITERS)))

    lines, notes = actions.export()
    report = verification.verify(lines, notes, identity.keyring())
    sequences = list(JournalEntry.objects.values_list("sequence", flat=True))
    assert finished == list(range(WRITERS))
    assert sorted(sequences) == list(range(1, 2 * WRITERS * EACH + 1))
    assert report.problem is None
    assert OutgoingDocument.objects.count() == WRITERS * EACH
