"""The dossier of a significant finding in the zone: its list, its request, who allowed the search.

findings/<number>/list-<order>/persons  the pseudonyms, sealed under a key of the project
findings/<number>/request.json          what both custodians of pseudonyms read and sign
findings/<number>/approval-1.json, -2   their signatures
findings/<number>/<holder>.<dataset>.sealed   whom that holder is to tell, for it alone

A project names persons by a file of an action of its study, `<number>.csv`, declared among
`outputs.persons`: such files never leave the zone, and nobody checks or reads them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.data.agent.jobs import KEPT
from ecluse.data.agent.zones import Zone, checked_number
from ecluse.data.enclave.kept import FILES, MANIFEST, Shelf
from ecluse.data.extraction import ExtractFiles, open_files
from ecluse.domain import codec
from ecluse.domain.documents import FindingOrder, FindingRecipient
from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed, NotFound, Unreachable
from ecluse.domain.findings import read_list
from ecluse.domain.workflows import OutputClass
from ecluse.trust import canonical, durable
from ecluse.trust.pseudonyms import custodians
from ecluse.trust.pseudonyms.custodians import Approval
from ecluse.trust.sealing import PUBLIC, load_receiver

PURPOSE: Final = "ecluse search for the persons of a significant finding"
SUFFIX: Final = ".csv"
LIST, PERSONS, REQUEST = "list", "persons", "request.json"
CUSTODIANS: Final = ("custodian-1.pub", "custodian-2.pub")
APPROVALS: Final = ("approval-1.json", "approval-2.json")
MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """What the custodians allow: this order, on this list."""

    finding_number: str
    project: str
    order_digest: str
    list_digest: str
    reason: str
    recipients: tuple[FindingRecipient, ...]
    asked_at: datetime

    def data(self) -> bytes:
        """Return the canonical bytes that both custodians sign."""
        return canonical.encode(codec.encode(self))

    @property
    def digest(self) -> str:
        """The digest that approvals name."""
        return canonical.digest(self.data())


@dataclass(frozen=True, slots=True)
class Dossier:
    """The folder of one finding."""

    zone: Zone
    number: str

    @property
    def folder(self) -> Path:
        """Where it lies. Raises Malformed."""
        return self.zone.path / "findings" / checked_number(self.number)

    def freeze_list(self, permit_number: str, order_digest: str) -> bytes:
        """Return the list of the project, as it was when this order first asked for it.

        Raises:
            NotFound: the project left none, or its keys were destroyed.
            InvalidInput: it is no list of pseudonyms.
        """
        seals = self.zone.seals(permit_number)
        kept = self.folder / f"{LIST}-{order_digest.removeprefix('sha256:')[:16]}"
        if (kept / PERSONS).exists():
            return open_files(kept, seals).read(PERSONS)
        data = self._left(permit_number)
        read_list(data)
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        ExtractFiles(kept, seals.draw()).write(PERSONS, data)
        return data

    def _left(self, permit_number: str) -> bytes:
        """Return the newest file of that number that an action of the project left."""
        name = f"{self.number}{SUFFIX}"
        found = list(_left_by_actions(self.zone, permit_number, name))
        if not found:
            raise NotFound(
                f"No action of a study of {permit_number} left {name} among its outputs.persons:"
                " the project must name the persons so, in the zone."
            )
        files = max(found, key=lambda one: one.folder.stat().st_mtime_ns)
        with files.open(name) as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InvalidInput(f"The list of {self.number} is over {MOST_BYTES} bytes: shorten it.")
        return data

    def request(self, order: FindingOrder, digest: str, listed: bytes, *, now: datetime) -> Request:
        """Return what the custodians are to read, written at the first call for this order."""
        path = self.folder / REQUEST
        known = read_request(path) if path.exists() else None
        if known is not None and known.order_digest == digest:
            return known
        made = Request(
            order.finding_number,
            order.permit_number,
            digest,
            canonical.digest(listed),
            order.reason,
            order.recipients,
            now,
        )
        for name in APPROVALS:
            (self.folder / name).unlink(missing_ok=True)
        durable.write(path, made.data())
        return made

    def check_allowed(self, request: Request) -> None:
        """Pass if both custodians signed this very request.

        Raises Unreachable while one has not; NotAllowed, BadSignature: what is there is not theirs.
        """
        known, given = self.zone.path / "custodians", self._approvals()
        if len(given) < len(APPROVALS):
            raise Unreachable(
                f"The search for {self.number} waits for both custodians of pseudonyms: each runs"
                f" `ecluse findings approve {self.number}`."
            )
        persons = tuple(custodians.load_custodian(known / name) for name in CUSTODIANS)
        custodians.check_approvals(given, persons, request.digest, purpose=PURPOSE)

    def approve(self, folder: Path, name: str) -> Request:
        """Sign the request as the custodian `name`, whose key is in `folder`; return it.

        Raises NotFound: nothing is asked; NotAllowed: nobody of this zone.
        """
        asked = read_request(self.folder / REQUEST)
        given = custodians.approve(folder, name, asked.digest, purpose=PURPOSE)
        known = self.zone.path / "custodians" / CUSTODIANS[given.level - 1]
        if custodians.load_custodian(known).name != name:
            raise NotAllowed(f"{name} is not the custodian of level {given.level} of this zone.")
        durable.write(self.folder / APPROVALS[given.level - 1], given.line())
        return asked

    def _approvals(self) -> tuple[Approval, ...]:
        paths = [self.folder / name for name in APPROVALS]
        return tuple(custodians.load_approval(path) for path in paths if path.exists())

    def answer(self, recipient: FindingRecipient) -> Path:
        """Return the file that waits for one holder. Raises Malformed."""
        holder, dataset = checked_number(recipient.holder), checked_number(recipient.dataset)
        return self.folder / f"{holder}.{dataset}.sealed"


def holder_key(zone: Zone, holder: str) -> Path:
    """Return where the public key of a holder is kept. Raises Malformed."""
    return zone.keys / "holders" / f"{checked_number(holder)}{PUBLIC}"


def receiver_of(zone: Zone, holder: str) -> X25519PublicKey:
    """Return the key that seals what a holder alone opens. Raises Unreachable, InvalidInput."""
    try:
        return load_receiver(holder_key(zone, holder))
    except NotFound:
        raise Unreachable(
            f"The public key of the holder {holder} is not in the zone: it gives it, then"
            f" `ecluse findings holder {holder} FILE`."
        ) from None


def read_request(path: Path) -> Request:
    """Return the request of a file. Raises NotFound, Malformed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: no search is asked under this number.") from None
    return cast(Request, codec.decode(canonical.decode(data), Request, at="request"))


def waiting(zone: Zone) -> Iterator[tuple[Request, tuple[int, ...]]]:
    """Yield each request that is asked, oldest number first, and the levels that signed it."""
    for path in sorted((zone.path / "findings").glob(f"*/{REQUEST}")):
        signed = tuple(
            level for level, name in enumerate(APPROVALS, start=1) if (path.parent / name).exists()
        )
        yield read_request(path), signed


def _left_by_actions(zone: Zone, permit_number: str, name: str) -> Iterator[ExtractFiles]:
    """Yield the folders of files, of the actions kept, where a file of persons has this name."""
    seals = zone.seals(permit_number)
    for folder in sorted(zone.job(f"{permit_number}-{KEPT}").glob(f"[!.]*/{MANIFEST}")):
        try:
            opened = open_files(folder.parent, seals)
        except (BadSignature, NotFound):
            continue  # of an extract whose key is gone
        kept = Shelf(folder.parents[1], opened.key).find(folder.parent.name)
        files = kept.files if kept is not None else ()
        if any(one.name == name and one.kind is OutputClass.PERSONS for one in files):
            yield ExtractFiles(folder.parent / FILES, opened.key)
