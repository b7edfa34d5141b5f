"""Each operation on files fails in its turn: a clean error, nothing half done, and again it works.

The disk answers "no space" or "input/output error" once, at the n-th operation, for every n that
the work comes to: of the journal, of a rotation of keys, of a copy to another host, of a mailbox.
"""

import errno
import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from ecluse.domain.documents import Refusal, Signer
from ecluse.domain.errors import EcluseError, Replayed
from ecluse.hosting.replicas import copying
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust import documents
from ecluse.trust.envelopes.headers import unwrap
from ecluse.trust.envelopes.rotation import rotate
from ecluse.trust.journal import files, verification
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey, create_key
from ecluse.trust.mailbox import FolderMailbox
from tests.crash.failing_disk import Disk
from tests.unit.hosting.replicas import dataset, planned, sealed, verified
from tests.unit.trust.envelopes import drawn, header_folder, new_holder

NOW: Final = datetime(2026, 1, 5, 10, tzinfo=UTC)
SEED: Final = 20261124
POINTS: Final = int(os.environ.get("ECLUSE_KILLS", "25"))
NEVER: Final = 0


@dataclass(frozen=True)
class Work:
    """Something to do in a folder, again and again until it ends well, and what must then hold."""

    do: Callable[[], None]
    check: Callable[[], None]


def journal(folder: Path) -> Work:
    """Five entries, each by a journal opened for it."""
    key = create_key(folder / "keys", Signer.AGENT, now=NOW)
    acknowledged: list[int] = []

    def do() -> None:
        while len(acknowledged) < 5:
            with FileJournal(folder / "journal", origin="test/zone", key=key) as one:
                entry = one.append("job.ordered", actor="agent", subject="J1", at=NOW)
                acknowledged.append(entry.sequence)

    def check() -> None:
        report = told(folder / "journal", key)
        assert report.problem is None
        assert acknowledged == sorted(set(acknowledged))
        # An entry that was written and not acknowledged may stay: none that was may be absent.
        assert acknowledged[-1] <= report.size <= acknowledged[-1] + 1

    return Work(do, check)


def told(folder: Path, key: SigningKey) -> verification.JournalReport:
    export = files.read(folder / files.ENTRIES)
    return verification.verify(export.lines, export.checkpoints, Keyring([key.public()]))


def rotation(folder: Path) -> Work:
    """The keys of a hub replaced, four data keys wrapped again."""
    hub = new_holder(folder)
    keys = [drawn(folder, hub) for _ in range(4)]
    before = hub.in_use().root

    def do() -> None:
        if hub.in_use().root == before or (hub.folder / "next.json").exists():
            rotate(hub, header_folder(folder))

    def check() -> None:
        headers = header_folder(folder)
        found = [unwrap(headers.load(key.key_id), hub).secret for key in keys]
        assert found == [key.secret for key in keys]
        assert before not in hub.roots()
        assert hub.roots() == (hub.in_use().root,)

    return Work(do, check)


def copy(folder: Path) -> Work:
    """Three objects of several pieces, to another host, read back."""
    objects = {"a": sealed(2 << 20, 1), "b": sealed(1 << 20, 2), "c": sealed(70, 3)}
    manifest = planned(dataset(folder / "old", objects))

    def do() -> None:
        way = Way(FolderStore(folder / "old"), Layout.PATHS, FolderStore(folder / "new"), workers=1)
        with Progress(folder / "state") as progress:
            assert copying.copy(manifest, way, progress).is_sealed

    def check() -> None:
        assert verified(manifest, FolderStore(folder / "new")).is_whole

    return Work(do, check)


def mailbox(folder: Path) -> Work:
    """Three signed documents and a file delivered to a site, each once."""
    key = create_key(folder / "keys", Signer.AGENT, now=NOW)
    site = FolderMailbox(folder / "site")
    texts = [signed(number, key) for number in range(3)]
    (folder / "outputs.zip").write_bytes(bytes(3000))

    def do() -> None:
        for text in texts:
            with suppress(Replayed):  # delivered before the failure was told
                site.deliver(text)
        site.store_blob(folder / "outputs.zip")

    def check() -> None:
        assert [path.read_bytes() for path in sorted(site.path.glob("out/*.json"))] == texts
        assert [path.read_bytes() for path in site.path.glob("blobs/*")] == [bytes(3000)]

    return Work(do, check)


def signed(number: int, key: SigningKey) -> bytes:
    digest = f"sha256:{number:064x}"
    body = Refusal("Permit", str(uuid4()), digest, "malformed", "It cannot be read.")
    audience = ("site:public",)
    return documents.sign(
        documents.new_document(body, issuer=Signer.AGENT, audience=audience, now=NOW), key
    )


def points(make: Callable[[Path], Work], folder: Path) -> list[int]:
    """Return the operations to fail: all, or as many as POINTS, drawn by a stated seed."""
    folder.mkdir()
    work, disk = make(folder), Disk(folder, NEVER, errno.EIO)
    with disk.mounted():
        work.do()
    work.check()
    every = range(1, disk.count + 1)
    chosen = sorted(random.Random(SEED).sample(every, min(POINTS, len(every))))  # noqa: S311 - not a secret
    print(f"{make.__name__}: {len(chosen)} of {disk.count} operations, seed {SEED}")  # noqa: T201 - what a failure is told with
    return chosen


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=["no space", "input/output"])
@pytest.mark.parametrize("make", [journal, rotation, copy, mailbox])
def test_work_survives_the_failure_of_any_operation_on_its_files(
    tmp_path: Path, make: Callable[[Path], Work], error: int
) -> None:
    for number in points(make, tmp_path / "sound"):
        folder = tmp_path / str(number)
        folder.mkdir()
        work, disk = make(folder), Disk(folder, number, error)

        with disk.mounted(), suppress(EcluseError, OSError):
            work.do()
        work.do()

        assert disk.count >= number
        work.check()
        assert not list(folder.rglob("*.part"))
