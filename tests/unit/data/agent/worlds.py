"""A whole world in a folder: a secure zone, and two sites that are mailboxes in folders."""

import copy
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from ecluse.data.agent import Agent, Zone
from ecluse.data.lake import Snapshot
from ecluse.domain.documents import (
    Body,
    Document,
    ExtractionOrder,
    JobOrder,
    OptOutList,
    Permit,
    Signer,
)
from ecluse.trust import canonical, documents, keys
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data import studies
from tests.unit.data.studies import NOW, OPT_OUTS, PERMIT

AGENT = "agent:zone-1"
MADE_AT = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)
SENT_AT = datetime(2026, 2, 1, tzinfo=NOW.tzinfo)
AUDIENCE = (AGENT, "site:checking", "site:public")


class World:
    """Keys of the four signers, a lake with the small study, and a mailbox folder per site."""

    def __init__(self, folder: Path, load: Callable[[Path], Snapshot] = studies.load) -> None:
        self.zone = Zone(folder / "zone")
        self.snapshot = load(folder / "zone" / "lake")
        self.public = FolderMailbox(folder / "public")
        self.checking = FolderMailbox(folder / "checking")
        self.keys = {
            signer: keys.create_key(
                self.zone.keys if signer is Signer.AGENT else folder / "elsewhere",
                signer,
                now=MADE_AT,
            )
            for signer in Signer
        }
        Keyring(key.public() for key in self.keys.values()).save(self.zone.keyring)

    def copied(self, folder: Path) -> Self:
        """The same zone and mailboxes in another folder."""
        shutil.copytree(self.zone.path.parent, folder)
        same = copy.copy(self)
        same.zone = Zone(folder / "zone")
        same.public = FolderMailbox(folder / "public")
        same.checking = FolderMailbox(folder / "checking")
        return same

    def agent(self, **more: object) -> Agent:
        """The agent of this zone, as it starts."""
        mailboxes = {"public": self.public, "checking": self.checking}
        return Agent(self.zone, mailboxes, clock=lambda: NOW, **more)  # type: ignore[arg-type]

    def step(self) -> None:
        """Start an agent, let it do one step, stop it."""
        with self.agent() as agent:
            agent.step(NOW)

    def send(self, body: Body, **more: object) -> str:
        """Sign a body, put it in the mailbox of its site, return its digest."""
        data = self.sign(body, **more)
        self.post(data, self.checking if _signer(body) is Signer.CHECKING_ROOM else self.public)
        return canonical.digest(data)

    def sign(self, body: Body, key: SigningKey | None = None, **changes: object) -> bytes:
        """The signed bytes of a body; header members are changed by keyword."""
        signer = _signer(body)
        document = documents.new_document(body, issuer=signer, audience=AUDIENCE, now=SENT_AT)
        changed: Document = replace(document, **changes)  # type: ignore[arg-type]
        return documents.sign(changed, key or self.keys[signer])

    def digest(self, data: bytes) -> str:
        """The digest of signed bytes."""
        return canonical.digest(data)

    def post(self, data: bytes, site: FolderMailbox) -> None:
        """Put bytes in a site's mailbox under the next number."""
        number = len(list((site.path / "in").iterdir())) + 1
        (site.path / "in" / f"{number:08}-Document.json").write_bytes(data)

    def grant(self, permit: Permit = PERMIT, opt_outs: OptOutList = OPT_OUTS) -> ExtractionOrder:
        """Send a permit and its opt-out list; return the order that may follow."""
        permit_digest, list_digest = self.send(permit), self.send(opt_outs)
        return studies.order(
            self.snapshot, permit_digest=permit_digest, opt_out_list_digest=list_digest
        )

    def order_job(self, order: ExtractionOrder, code: dict[str, str]) -> str:
        """Send the order to run `code` on the extract of `order`; return the order's digest."""
        bundle = self.checking.path / "bundle.zip"
        with zipfile.ZipFile(bundle, "w") as archive:
            for name, text in code.items():
                archive.writestr(name, text)
        receipts = self.documents(self.checking, "ExtractionReceipt")
        return self.send(
            JobOrder(
                job_number=f"{order.permit_number}-J1",
                permit_number=order.permit_number,
                permit_digest=order.permit_digest,
                extraction_number=order.order_number,
                extraction_digest=canonical.digest(receipts[-1]),
                code_digest=self.checking.store_blob(bundle),
                entry="analysis.py",
                submitted_by=order.ordered_by,
            )
        )

    def documents(self, site: FolderMailbox, kind: str) -> list[bytes]:
        """The signed bytes of one kind that the agent delivered to a site, in order."""
        return [path.read_bytes() for path in sorted((site.path / "out").glob(f"*-{kind}.json"))]

    def delivered(self, site: FolderMailbox) -> list[Document]:
        """The documents that the agent delivered to a site, in order."""
        keyring = Keyring.load(self.zone.keyring)
        paths = sorted((site.path / "out").glob("*.json"))
        return [documents.verify(path.read_bytes(), keyring, now=NOW).document for path in paths]

    def bodies(self, site: FolderMailbox, kind: type[Body]) -> list[Body]:
        """The bodies of one kind that the agent delivered to a site."""
        return [one.body for one in self.delivered(site) if isinstance(one.body, kind)]

    def extracts(self) -> list[str]:
        """What lies under the zone's projects, by permit and order."""
        return sorted(
            str(p.relative_to(self.zone.projects)) for p in self.zone.projects.glob("*/*")
        )


def _signer(body: Body) -> Signer:
    if isinstance(body, OptOutList):
        return Signer.REGISTER
    inside = {"JobOrder", "JobCancellation", "OutputRequest", "Release", "Rejection", "Recall"}
    return Signer.CHECKING_ROOM if type(body).__name__ in inside else Signer.PORTAL
