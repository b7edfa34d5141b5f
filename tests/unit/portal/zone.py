"""The rest of the world for tests of the checking room: a portal and an agent that really sign."""

import io
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from ecluse.domain.documents import (
    AttritionStep,
    Body,
    CheckReport,
    ExtractedTable,
    ExtractionReceipt,
    FileVerdict,
    Finding,
    JobReceipt,
    JobStatus,
    OutputFile,
    Permit,
    Signer,
    Verdict,
)
from ecluse.domain.roles import Role
from ecluse.portal.accounts.actions import create_account
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions
from ecluse.portal.enclaves.models import Job, Workspace
from ecluse.portal.mailbox import actions as mailbox_actions
from ecluse.portal.mailbox import blobs
from ecluse.trust import canonical, documents
from ecluse.trust.documents import Verified
from ecluse.trust.keys import Keyring, SigningKey, create_key
from tests.unit.domain.build import DECIDED_AT, DECIDER, MARC, PERMIT, PI, SARAH

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
TABLE = b"sex,persons\nmen,40\nwomen,52\n"
LEAK = b"person,birth_year\n"
DELIVERED = ExtractedTable("ER_PHA_F", 90_000, 4_000, ("PHA_PRS_C13",), (), "sha256:" + "3" * 64)
LEFT = Finding("T1", "entry 3", "not a regular file")
PASSWORD = "a-long-password-for-tests"


@dataclass(frozen=True)
class Zone:
    """Keys of the other sides, whose documents the site under test receives."""

    portal: SigningKey
    agent: SigningKey

    def receive(self, body: Body, signer: Signer = Signer.AGENT) -> Verified:
        """Sign a document as its issuer does, and give it to the site."""
        document = documents.new_document(
            body, issuer=signer, audience=("site:checking", "agent:zone-1"), now=NOW
        )
        key = self.portal if signer is Signer.PORTAL else self.agent
        return mailbox_actions.receive(documents.sign(document, key), now=NOW)

    def open_workspace(self, permit: Permit = PERMIT) -> Workspace:
        """A workspace with one delivered extract."""
        self.receive(permit, Signer.PORTAL)
        self.receive(receipt(permit))
        return Workspace.objects.get(permit_number=permit.permit_number)

    def finish(self, job: Job, outputs: dict[str, bytes], blocked: frozenset[str]) -> None:
        """End a job as the agent does: receipt, report, then the files."""
        files = tuple(
            OutputFile(name, len(content), canonical.digest(content))
            for name, content in outputs.items()
        )
        number, permit = job.number, job.workspace.permit_number
        self.receive(
            JobReceipt(number, job.order.digest, permit, JobStatus.SUCCEEDED, 0, "", files, 900)
        )
        self.receive(
            CheckReport(
                number, permit, "SNDS-2026", tuple(verdict(f, blocked) for f in files), (LEFT,)
            )
        )
        for file, content in zip(files, outputs.values(), strict=True):
            blobs.take(file.digest, [content])


def make_zone(home: Path) -> Zone:
    """Keys of the checking room in `home`, and a keyring that believes the other sides."""
    room = home / "checking"
    keys = home / "others"
    own = create_key(room / "keys", Signer.CHECKING_ROOM, now=DECIDED_AT)
    portal = create_key(keys, Signer.PORTAL, now=DECIDED_AT)
    agent = create_key(keys, Signer.AGENT, now=DECIDED_AT)
    keyring = Keyring([own.public(), portal.public(), agent.public()])
    keyring.save(room / "keyring.json")
    return Zone(portal, agent)


def receipt(permit: Permit) -> ExtractionReceipt:
    """What the agent says of an extraction of two tables."""
    return ExtractionReceipt(
        order_number=f"{permit.permit_number}-E1",
        order_digest="sha256:" + "1" * 64,
        permit_number=permit.permit_number,
        dataset="snds-synthetic",
        snapshot="20260105T100000Z-00000000",
        opt_out_list_digest="sha256:" + "2" * 64,
        attrition=(AttritionStep("dataset", 10_000), AttritionStep("cohort", 512)),
        tables=(DELIVERED,),
        engine="duckdb",
        started_at=NOW,
        finished_at=NOW,
    )


def verdict(file: OutputFile, blocked: frozenset[str]) -> FileVerdict:
    """The automatic verdict on a file."""
    finding = Finding("A30", "whole file", "one row per person")
    if file.name in blocked:
        return FileVerdict(file.name, file.size, file.digest, Verdict.BLOCKED, (finding,))
    return FileVerdict(file.name, file.size, file.digest, Verdict.REVIEW, ())


def bundle(*names: str) -> SimpleUploadedFile:
    """A zip archive that holds these scripts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names or ("analysis.py",):
            archive.writestr(name, "print('ok')")
    return SimpleUploadedFile("study.zip", buffer.getvalue(), "application/zip")


def account(subject: str, *roles: Role) -> User:
    """An account of the site under test."""
    return create_account(
        subject,
        full_name=subject.split("@", maxsplit=1)[0].replace(".", " ").title(),
        organisation="Exemple",
        roles=roles,
        password=PASSWORD,
        by="set-up",
    )


def people() -> dict[str, User]:
    """A principal investigator, a stranger, two checkers, the decider as a checker, an auditor."""
    return {
        "pi": account(PI, Role.DATA_USER),
        "stranger": account("louis.bernard@univ.example", Role.DATA_USER),
        "sarah": account(SARAH, Role.CHECKER),
        "marc": account(MARC, Role.CHECKER),
        "decider": account(DECIDER, Role.CHECKER),
        "auditor": account("victor.roche@hub.example", Role.AUDITOR),
    }


def checked_job(zone: Zone, pi: User, **changes: object) -> Job:
    """A job that succeeded, with one releasable table and one blocked file."""
    workspace = zone.open_workspace(replace(PERMIT, **changes))  # type: ignore[arg-type]
    extract = workspace.extracts.get()
    job = actions.submit_job(extract, bundle(), entry="analysis.py", by=pi, now=NOW)
    zone.finish(job, {"counts.csv": TABLE, "rows.csv": LEAK}, frozenset({"rows.csv"}))
    return Job.objects.with_documents().get(pk=job.pk)
