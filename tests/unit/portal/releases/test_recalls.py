"""A recall: the link is dead, the register of results says so, who has a copy is told."""

from dataclasses import replace

import pytest
from django.test import Client

from ecluse.domain.documents import Recall, RecallReason, Signer
from ecluse.domain.errors import NotAllowed, OutOfScope, Replayed, WrongSigner
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox import blobs
from ecluse.portal.releases import actions
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.trust import canonical
from tests.unit.portal.applications.road import COUNTS, NOW, Road

DIGEST = canonical.digest(COUNTS)
SARAH = "sarah.cohen@hub.example"


@pytest.fixture
def kept(road: Road) -> ReleaseRecord:
    """A release whose file Camille downloaded."""
    release = road.release()
    blobs.take(DIGEST, [COUNTS])
    actions.download(release.files.get(), by=road.camille, now=NOW)
    return release


def recall(release: ReleaseRecord, by: str = SARAH) -> Recall:
    number, permit = release.request_number, release.document().permit_number
    return Recall(number, permit, release.digest, RecallReason.DISCLOSURE, by, NOW)


def test_after_a_recall_nobody_gets_the_bytes(road: Road, kept: ReleaseRecord) -> None:
    road.deliver(recall(kept), issuer=Signer.CHECKING_ROOM)

    kept.refresh_from_db()
    with pytest.raises(NotAllowed, match="recalled"):
        actions.download(kept.files.get(), by=road.camille, now=NOW)


def test_the_link_is_gone_and_the_page_says_why(
    road: Road, kept: ReleaseRecord, client: Client
) -> None:
    road.deliver(recall(kept), issuer=Signer.CHECKING_ROOM)
    client.force_login(road.camille)

    page = client.get(f"/releases/{kept.request_number}/").content.decode()
    answer = client.get(f"/releases/{kept.request_number}/files/{kept.files.get().pk}/")

    assert "Le résultat peut renseigner sur une personne" in page
    assert f"files/{kept.files.get().pk}/" not in page
    assert answer.status_code == 403


def test_who_downloaded_is_told_until_they_read_it_and_the_others_are_not(
    road: Road, kept: ReleaseRecord
) -> None:
    road.deliver(recall(kept), issuer=Signer.CHECKING_ROOM)
    told, not_concerned = actions.recalls_to_tell(road.camille), actions.recalls_to_tell(road.louis)
    kept.refresh_from_db()
    actions.tell_recall(kept, by=road.camille, now=NOW)

    assert (told, not_concerned) == ([kept], [])
    assert actions.recalls_to_tell(road.camille) == []
    assert JournalEntry.objects.get(action="release.recall-read").actor == road.camille.subject


def test_the_journal_counts_the_persons_concerned(road: Road, kept: ReleaseRecord) -> None:
    road.deliver(recall(kept), issuer=Signer.CHECKING_ROOM)

    entry = JournalEntry.objects.get(action="release.recalled")
    assert b'"persons":1' in bytes(entry.body).replace(b" ", b"")


def test_a_recall_binds_once(road: Road, kept: ReleaseRecord) -> None:
    road.deliver(recall(kept), issuer=Signer.CHECKING_ROOM)

    with pytest.raises(Replayed):
        road.deliver(replace(recall(kept), reason=RecallReason.ERROR), issuer=Signer.CHECKING_ROOM)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"release_digest": "sha256:" + "0" * 64}, OutOfScope),
        ({"request_number": "FR-2026-0001-R9"}, OutOfScope),
        ({"recalled_by": "camille.moreau@univ.example"}, NotAllowed),
    ],
    ids=["another release", "another request", "by the project"],
)
def test_a_recall_that_does_not_fit_changes_nothing(
    road: Road, kept: ReleaseRecord, change: dict[str, str], error: type[Exception]
) -> None:
    false = replace(recall(kept), **change)  # type: ignore[arg-type]

    with pytest.raises(error):
        road.deliver(false, issuer=Signer.CHECKING_ROOM)
    assert ReleaseRecord.objects.get().recalled_at is None


def test_the_agent_recalls_nothing_by_itself(road: Road, kept: ReleaseRecord) -> None:
    with pytest.raises(WrongSigner):
        road.deliver(recall(kept), issuer=Signer.AGENT)
