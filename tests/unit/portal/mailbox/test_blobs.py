"""Files by digest: taken only if announced, given only if offered."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecluse.domain.errors import Malformed, NotFound, OutOfScope
from ecluse.portal.audit import identity
from ecluse.portal.mailbox import actions, blobs
from ecluse.portal.mailbox.models import AnnouncedFile, IncomingDocument
from ecluse.trust import canonical
from tests.sites import Signers
from tests.unit.domain.build import JOB

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONTENT = b"year,persons\n2022,140\n"
DIGEST = canonical.digest(CONTENT)


def announce(kind: str, *, size: int = len(CONTENT)) -> None:
    """Store a received document of `kind` that lists CONTENT."""
    document = IncomingDocument.objects.create(
        document_id="7b0a9b1e-0000-4000-8000-000000000001",
        digest=canonical.digest(kind.encode()),
        kind=kind,
        number="FR-2026-0001-R1",
        issuer="checking-room",
        key_id="checking-room-0",
        data=b"{}",
        issued_at=NOW,
        received_at=NOW,
    )
    AnnouncedFile.objects.create(document=document, kind=kind, digest=DIGEST, size=size)


def kept_files() -> list[str]:
    """The files under the folder of blobs."""
    return sorted(path.name for path in (identity.room() / "blobs").rglob("*") if path.is_file())


def test_a_file_that_a_release_lists_is_kept_by_its_digest(signers: Signers) -> None:
    announce("Release")

    blobs.take(DIGEST, [CONTENT[:5], CONTENT[5:]])

    assert blobs.find(DIGEST).read_bytes() == CONTENT


def test_a_file_that_nothing_lists_is_not_kept(signers: Signers) -> None:
    with pytest.raises(OutOfScope, match="No document received here lists"):
        blobs.take(DIGEST, [CONTENT])

    assert kept_files() == []


@pytest.mark.parametrize("kind", ["JobReceipt", "CheckReport"])
def test_the_public_site_never_keeps_an_output_that_was_not_released(
    signers: Signers, kind: str
) -> None:
    announce(kind)

    with pytest.raises(OutOfScope):
        blobs.take(DIGEST, [CONTENT])

    assert kept_files() == []


@pytest.mark.parametrize("kind", ["JobReceipt", "CheckReport"])
def test_the_checking_room_keeps_what_a_job_left(checking_room: Signers, kind: str) -> None:
    announce(kind)

    blobs.take(DIGEST, [CONTENT])

    assert blobs.find(DIGEST).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "sent", [CONTENT[:-1], CONTENT[:-1] + b"X", CONTENT + b"more", b""], ids=repr
)
def test_other_bytes_than_announced_are_not_kept(signers: Signers, sent: bytes) -> None:
    announce("Release")

    with pytest.raises(Malformed):
        blobs.take(DIGEST, [sent])

    assert kept_files() == []


def test_a_receiver_fetches_only_what_a_document_offers_to_it(checking_room: Signers) -> None:
    digest = blobs.keep([b"print(1)\n"])
    actions.send(
        replace(JOB, code_digest=digest),
        audience=("agent:zone-1",),
        by="camille@univ.example",
        now=NOW,
    )

    assert blobs.find_for(digest, "agent:zone-1").read_bytes() == b"print(1)\n"
    with pytest.raises(NotFound):
        blobs.find_for(digest, "agent:zone-2")


def test_a_file_that_no_document_offers_is_not_given(checking_room: Signers) -> None:
    digest = blobs.keep([b"print(1)\n"])

    with pytest.raises(NotFound, match="offers"):
        blobs.find_for(digest, "agent:zone-1")


def test_a_file_made_here_is_named_by_its_content(signers: Signers) -> None:
    assert blobs.keep([b"a", b"bc"]) == canonical.digest(b"abc")
    assert blobs.find(canonical.digest(b"abc")).read_bytes() == b"abc"


@pytest.mark.parametrize("name", ["sha256:../../keys", "sha256:" + "A" * 64, "md5:0", ""])
def test_a_name_that_is_not_a_digest_opens_nothing(signers: Signers, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.find(name)
