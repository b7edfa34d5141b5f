"""Receive a release from the checking room, and give its files to the persons concerned."""

import re
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ecluse.domain import outputs, permits
from ecluse.domain.documents import Recall, Release
from ecluse.domain.errors import Malformed, NotAllowed, NotFound, OutOfScope, Replayed
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.mailbox import blobs
from ecluse.portal.outputs.policies import policies
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.releases.models import ReleasedFile, ReleaseDownload, ReleaseRecord
from ecluse.portal.releases.tables import Table, shown
from ecluse.portal.requests import tabulations
from ecluse.trust import canonical
from ecluse.trust.documents import Verified

FILE_NAME = re.compile(r"[\w][\w .()+-]{0,198}")


@transaction.atomic
def receive_release(verified: Verified, *, now: datetime) -> ReleaseRecord:
    """Keep a release that proves itself, so far as this side can tell. Raises Refused, NotAllowed.

    Two distinct checkers approved, neither of the project nor of its decision (EHDS art. 55(3),
    73(2)); the permit was not taken back before. The bytes come after, and only those whose digest
    the release names. The answer to a data request is given by its release (art. 69(1)).
    """
    release = verified.document.body
    if not isinstance(release, Release):
        raise Malformed(f"A {verified.document.kind} is not a release.")
    check_file_names(release)
    permit, tabulation = None, None
    if tabulations.is_of_request(release.permit_number):
        tabulation = tabulations.answer(release, verified, now=now)
    else:
        permit = _checked_permit(release, verified)
    kept = ReleaseRecord.objects.create(
        request_number=release.request_number,
        permit=permit,
        tabulation=tabulation,
        job_number=release.job_number,
        data=verified.data,
        digest=verified.digest,
        released_at=verified.document.issued_at,
        received_at=now,
    )
    ReleasedFile.objects.bulk_create(
        ReleasedFile(release=kept, name=file.name, size=file.size, digest=file.digest)
        for file in release.files
    )
    return kept


def _checked_permit(release: Release, verified: Verified) -> PermitRecord:
    permit = PermitRecord.objects.filter(number=release.permit_number).first()
    if permit is None:
        raise OutOfScope(f"No permit {release.permit_number} was granted here.")
    permits.check_not_withdrawn(
        permit.number, permit.withdrawals(), now=verified.document.issued_at
    )
    terms = permit.terms()
    policy = policies().of(outputs.datasets_of(terms))
    outputs.check_approvals(release, terms, policy=policy)
    return permit


def check_file_names(release: Release) -> None:
    """Pass if every file has a plain name, each once. Raises OutOfScope."""
    names = [file.name for file in release.files]
    if not names or len(names) != len(set(names)):
        raise OutOfScope("The release names no file, or one twice.")
    if not all(FILE_NAME.fullmatch(name) for name in names):
        raise OutOfScope("A file of the release has a name that is not plain: rename it.")


@transaction.atomic
def download(file: ReleasedFile, *, by: User, now: datetime) -> Path:
    """Return where the bytes of a released file are, for a person of the project, and record it.

    Raises:
        NotAllowed: `by` is not a person of the permit or of the data request, or it was recalled.
        NotFound: the bytes have not come yet, or are not those released.
    """
    by.require("release.download")
    if not file.release.names(by):
        number = file.release.document().permit_number
        raise NotAllowed(f"Only the persons of {number} may download its results.")
    _check_stands(file.release)
    path = blobs.find(file.digest)
    if canonical.digest_file(path) != file.digest:
        raise NotFound(f"{file.name} is not the file that was released: tell the hub.")
    _remember(file.release, by, now=now)
    record(
        "release.downloaded",
        file.release.request_number,
        by=by.subject,
        digest=file.release.digest,
        details={"file": file.digest},
        at=now,
    )
    return path


@transaction.atomic
def read_tables(release: ReleaseRecord, *, by: User, now: datetime) -> list[Table]:
    """Return the tables of an answer for a person of the request, and record that they read them.

    Nothing for anybody else, nor for the outputs of a job: these are downloaded.
    """
    if release.tabulation is None or not release.names(by) or not by.may("release.download"):
        return []
    if release.recalled_at is not None:
        return []
    _remember(release, by, now=now)
    number, digest = release.request_number, release.digest
    record("release.read", number, by=by.subject, digest=digest, at=now)
    return shown(release)


@transaction.atomic
def receive_recall(verified: Verified, *, now: datetime) -> ReleaseRecord:
    """Take back a release: nobody gets its files any more, who has them is told.

    Raises OutOfScope, Replayed, NotAllowed.
    """
    recall = verified.document.body
    if not isinstance(recall, Recall):
        raise Malformed(f"A {verified.document.kind} is not a recall.")
    rows = ReleaseRecord.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(digest=recall.release_digest).first()
    if found is None:
        raise OutOfScope(f"No release {recall.request_number} came here as the one recalled.")
    if found.recalled_at is not None:
        raise Replayed(f"Release {found.request_number} was recalled before: nothing to do.")
    mandate = found.tabulation.order() if found.tabulation else _permit_of(found).terms()
    outputs.check_recall(recall, found.document(), mandate)
    found.recalled_at, found.recall_reason = recall.recalled_at, recall.reason.value
    found.save(update_fields=["recalled_at", "recall_reason"])
    by, digest = verified.document.issuer.value, verified.digest
    details = {"reason": recall.reason.value, "persons": found.downloads.count()}
    record("release.recalled", found.request_number, by=by, digest=digest, details=details, at=now)
    return found


def _permit_of(release: ReleaseRecord) -> PermitRecord:
    assert release.permit is not None  # noqa: S101 - a constraint of the table
    return release.permit


@transaction.atomic
def tell_recall(release: ReleaseRecord, *, by: User, now: datetime) -> None:
    """Note that a person who took a release away has read that it is recalled, once."""
    untold = release.downloads.filter(account=by, told_at__isnull=True)
    if release.recalled_at is not None and untold.update(told_at=now):
        number = release.request_number
        record("release.recall-read", number, by=by.subject, digest=release.digest, at=now)


def recalls_to_tell(user: User) -> list[ReleaseRecord]:
    """Return the recalled releases that this person took away and was not told of yet."""
    return list(
        ReleaseRecord.objects.filter(
            downloads__account=user, downloads__told_at__isnull=True, recalled_at__isnull=False
        ).order_by("recalled_at")
    )


def _check_stands(release: ReleaseRecord) -> None:
    if release.recalled_at is not None:
        raise NotAllowed(
            f"Release {release.request_number} was recalled on {release.recalled_at.date()}:"
            " destroy the copies that you have."
        )


def _remember(release: ReleaseRecord, user: User, *, now: datetime) -> None:
    ReleaseDownload.objects.get_or_create(release=release, account=user, defaults={"first_at": now})


def has_arrived(file: ReleasedFile) -> bool:
    """Whether the bytes of the file are here."""
    try:
        blobs.find(file.digest)
    except NotFound:
        return False
    return True
