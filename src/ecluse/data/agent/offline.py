"""Extraction with the sites switched off: the same signed documents, carried as files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from ecluse.data import extraction
from ecluse.data.agent.agents import ORIGIN
from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.rooms import withdrawals_in
from ecluse.data.agent.state import State
from ecluse.data.agent.zones import Zone
from ecluse.data.engines import OnProgress
from ecluse.data.extraction import Warrant
from ecluse.data.lake import Lake
from ecluse.data.optouts import Listing
from ecluse.domain.documents import (
    AGENT,
    Body,
    ExtractionOrder,
    ExtractionReceipt,
    OptOutList,
    Permit,
    Signer,
)
from ecluse.domain.errors import InvalidInput, NotFound, OutOfScope, Refused
from ecluse.trust import canonical, documents, keys
from ecluse.trust.documents import Verified
from ecluse.trust.journal.entries import document_details
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring

BodyT = TypeVar("BodyT", bound=Body)


@dataclass(frozen=True, slots=True)
class Papers:
    """The three signed files of an extraction.

    Where the list of opt-outs names files, they lie beside it, each named by its digest's digits.
    """

    order: Path
    permit: Path
    opt_outs: Path


def extract_from_files(
    papers: Papers,
    *,
    zone: Zone,
    lake: Lake | None = None,
    target: Path | None = None,
    clock: Callable[[], datetime],
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> tuple[ExtractionReceipt, Path]:
    """Extract as the agent would; return what was delivered, and where.

    The documents are verified with the zone's keyring, revocations and suspensions already
    received bind, and the extraction, or its refusal, enters the zone's journal. When the same
    order comes through a mailbox later, the agent finds the extract and sends its receipt.

    Raises:
        NotFound, InvalidInput: a file is missing, or is not of the kind expected.
        NotAllowed: an agent runs in this zone: let it do the work.
        Refused: the order may not be obeyed.
    """
    key = keys.load_signing_key(zone.keys, Signer.AGENT)
    keyring = Keyring.load(zone.keyring)
    with FileJournal(zone.journal, origin=ORIGIN, key=key, keyring=keyring) as journal:
        chronicle = Chronicle(journal, actor=AGENT)
        order = _read(papers.order)
        try:
            verified, warrant = _warrant(papers, keyring, zone, now=clock())
            folder = target or zone.extract(warrant.order.permit_number, warrant.order.order_number)
            receipt = extraction.extract(
                warrant,
                lake=lake or zone.lake,
                key=zone.pseudonym_keys(),
                target=folder,
                seals=None if target else zone.seals(warrant.order.permit_number),
                records=None if target else zone.records(),
                clock=clock,
                on_progress=on_progress,
            )
        except Refused as error:
            digest, details = canonical.digest(order), {"code": error.code}
            chronicle.tell(
                "document.refused",
                subject="ExtractionOrder",
                digest=digest,
                details=details,
                at=clock(),
            )
            raise
        for action in ("document.received", "extraction.delivered"):
            chronicle.tell(
                action,
                subject=f"ExtractionOrder {warrant.order.order_number}",
                digest=verified.digest,
                details=document_details(verified.document),
                at=clock(),
            )
    return receipt, folder


def _warrant(
    papers: Papers, keyring: Keyring, zone: Zone, *, now: datetime
) -> tuple[Verified, Warrant]:
    order, verified = _verified(papers.order, ExtractionOrder, keyring, now=now)
    permit, permit_verified = _verified(papers.permit, Permit, keyring, now=now)
    opt_outs, opt_outs_verified = _verified(papers.opt_outs, OptOutList, keyring, now=now)
    Listing(opt_outs, folder=papers.opt_outs.parent).check_files()
    state = State(zone.state)
    try:
        withdrawn = withdrawals_in(state, permit.permit_number)
    finally:
        state.close()
    return verified, Warrant(
        order=order,
        order_digest=verified.digest,
        permit=permit,
        permit_digest=permit_verified.digest,
        opt_outs=opt_outs,
        opt_outs_digest=opt_outs_verified.digest,
        withdrawals=withdrawn,
        list_files=papers.opt_outs.parent,
    )


def _verified(
    path: Path, kind: type[BodyT], keyring: Keyring, *, now: datetime
) -> tuple[BodyT, Verified]:
    verified = documents.verify(_read(path), keyring, now=now)
    document = verified.document
    if not isinstance(document.body, kind):
        raise InvalidInput(f"{path} holds a {document.kind}: a {kind.__name__} is expected.")
    if AGENT not in document.audience:
        raise OutOfScope(f"This {document.kind} is for {', '.join(document.audience)}.")
    return document.body, verified


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist: check its name.") from None
