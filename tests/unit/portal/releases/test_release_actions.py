"""Releases: two independent approvals, plain files, and their bytes for the permit's persons."""

from dataclasses import replace

import pytest

from ecluse.domain.documents import Decision, OutputFile, Release, Signer
from ecluse.domain.errors import EcluseError, NotAllowed, NotFound, OutOfScope, Revoked
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox import blobs
from ecluse.portal.permits.actions import revoke
from ecluse.portal.releases import actions
from ecluse.portal.releases.models import ReleasedFile, ReleaseRecord
from ecluse.trust import canonical
from tests.unit.portal.applications.road import COUNTS, NOW, Road, release, vote

DIGEST = canonical.digest(COUNTS)
SARAH, MARC = "sarah.cohen@hub.example", "marc.dubois@hub.example"


def file(name: str) -> OutputFile:
    return OutputFile(name, len(COUNTS), DIGEST)


def test_a_release_keeps_its_files_by_digest(road: Road) -> None:
    kept = road.release()

    assert kept.files.get().digest == DIGEST
    assert kept.document().votes[0].checker == SARAH


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"permit_number": "FR-2026-0009"}, OutOfScope),
        ({"votes": (vote(SARAH),)}, OutOfScope),
        ({"votes": ()}, OutOfScope),
        ({"votes": (vote(SARAH), vote(MARC, Decision.REJECT))}, OutOfScope),
        ({"votes": (vote(SARAH), vote(SARAH))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("camille.moreau@univ.example"))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("paul.lefevre@hub.example"))}, NotAllowed),
        ({"votes": (vote(SARAH), vote("ines.garnier@hub.example"))}, NotAllowed),
        ({"files": ()}, OutOfScope),
        ({"files": (file("a.csv"), file("a.csv"))}, OutOfScope),
        ({"files": (file("../../etc/passwd"),)}, OutOfScope),
        ({"files": (file('a"\r\nX: y.csv'),)}, OutOfScope),
        ({"files": (file(".hidden"),)}, OutOfScope),
    ],
)
def test_a_release_that_does_not_prove_itself_is_refused(
    road: Road, change: dict[str, object], error: type[EcluseError]
) -> None:
    false: Release = replace(release(road.permit()), **change)  # type: ignore[arg-type]

    with pytest.raises(error):
        road.deliver(false, issuer=Signer.CHECKING_ROOM)
    assert not ReleaseRecord.objects.exists()


def test_nothing_leaves_after_the_permit_was_revoked(road: Road) -> None:
    permit = revoke(road.permit(), "Usage interdit.", by=road.decider, now=NOW)

    with pytest.raises(Revoked):
        road.deliver(release(permit), issuer=Signer.CHECKING_ROOM)


def test_a_person_of_the_permit_gets_the_bytes_and_the_journal_knows(road: Road) -> None:
    released = road.release().files.get()
    blobs.take(DIGEST, [COUNTS])

    path = actions.download(released, by=road.louis, now=NOW)

    entry = JournalEntry.objects.get(action="release.downloaded")
    assert path.read_bytes() == COUNTS
    assert (entry.actor, entry.digest) == ("louis.bernard@univ.example", released.release.digest)


def test_nobody_else_gets_the_bytes_not_even_an_officer(road: Road) -> None:
    released = road.release().files.get()
    blobs.take(DIGEST, [COUNTS])

    with pytest.raises(NotAllowed):
        actions.download(released, by=road.stranger, now=NOW)
    with pytest.raises(NotAllowed):
        actions.download(released, by=road.decider, now=NOW)
    assert not JournalEntry.objects.filter(action="release.downloaded").exists()


def test_a_file_that_has_not_come_yet_is_said_so(road: Road) -> None:
    released = road.release().files.get()

    assert not actions.has_arrived(released)
    with pytest.raises(NotFound):
        actions.download(released, by=road.camille, now=NOW)


def test_bytes_that_changed_on_the_disk_are_not_given(road: Road) -> None:
    released = road.release().files.get()
    blobs.take(DIGEST, [COUNTS])
    blobs.find(DIGEST).write_bytes(b"drug,persons\ncelecoxib,1\n")

    with pytest.raises(NotFound, match="not the file"):
        actions.download(released, by=road.camille, now=NOW)


def test_bytes_that_no_release_names_never_enter(road: Road) -> None:
    road.release()

    with pytest.raises(OutOfScope):
        blobs.take(canonical.digest(b"rows"), [b"rows"])
    assert ReleasedFile.objects.count() == 1
