"""Requests of the tests of this app: what is asked, what a checker says, what the zone answers."""

from dataclasses import dataclass

from ecluse.domain.documents import (
    Decision,
    Refusal,
    Release,
    ReleaseReceipt,
)
from ecluse.domain.reviews.review import FileKind
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import actions, reviewing
from ecluse.portal.outputs.actions import AskedGroup
from ecluse.portal.outputs.models import Request
from ecluse.portal.outputs.reviewing import Opinion
from tests.unit.portal.zone import NOW, TABLE, Zone, bundle

AGES = b"age,persons\n40-59,45\n60-79,47\n"
EXTREMES = b"drug,max_dose\ncelecoxib,412\n"
YES, NO = Opinion(Decision.APPROVE), Opinion(Decision.REJECT, "Too few.")


def group(*names: str, name: str = "Résultats", kind: FileKind = FileKind.OUTPUT) -> AskedGroup:
    """A group of files that says what is needed."""
    return AskedGroup(name, "Users of a drug.", "11 persons or more.", dict.fromkeys(names, kind))


def asked(job: Job, by: User, *names: str) -> Request:
    """A request that was sent, on one table of counts unless others are named."""
    return actions.ask(job, [group(*(names or ("counts.csv",)))], by=by, now=NOW)


def vote(request: Request, by: User, opinion: Opinion = YES) -> Request:
    """The same opinion on every file that waits."""
    names = request.files.filter(kind="output").values_list("name", flat=True)
    return reviewing.vote(request, dict.fromkeys(names, opinion), by=by, now=NOW)


def three_files(zone: Zone, pi: User) -> Job:
    """A job that left two tables of counts and one of extremes, none of them blocked."""
    extract = zone.open_workspace().extracts.get()
    job = enclaves.submit_job(extract, bundle(), entry="analysis.py", by=pi, now=NOW)
    files = {"counts.csv": TABLE, "ages.csv": AGES, "extremes.csv": EXTREMES}
    zone.finish(job, files, frozenset())
    return Job.objects.with_documents().get(pk=job.pk)


@dataclass(frozen=True)
class Agent:
    """What the secure zone says of a release."""

    zone: Zone

    def confirm(self, request: Request) -> Request:
        """The files left."""
        request.refresh_from_db()
        assert request.release is not None
        release = body_of(request.release, Release)
        self.zone.receive(
            ReleaseReceipt(release.request_number, release.permit_number, self.digest(request), NOW)
        )
        request.refresh_from_db()
        return request

    def refuse(self, request: Request) -> Request:
        """Nothing left."""
        digest = self.digest(request)
        self.zone.receive(Refusal("Release", "x", digest, "out-of-scope", "A file changed."))
        request.refresh_from_db()
        return request

    def digest(self, request: Request) -> str:
        """The digest of the release as it was last signed."""
        request.refresh_from_db()
        assert request.release is not None
        return request.release.digest


def releases() -> list[Release]:
    """Every release that this site signed, first signed first."""
    rows = OutgoingDocument.objects.filter(kind="Release").order_by("sequence")
    return [body_of(row, Release) for row in rows]
