"""What a duty may use while it obeys a document, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar, cast

from ecluse.data.agent.state import Outgoing, State, Stored
from ecluse.data.agent.zones import Zone
from ecluse.domain.documents import CHECKING_SITE, PUBLIC_SITE, Body, Permit, Signer
from ecluse.domain.errors import OutOfScope, Unreachable
from ecluse.domain.permits import Withdrawal
from ecluse.trust import canonical, documents
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.mailbox import Mailbox

SITES: Final = {"public": PUBLIC_SITE, "checking": CHECKING_SITE}
"""The audience that each mailbox stands for."""

BodyT = TypeVar("BodyT", bound=Body)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body to sign and deliver to mailboxes, followed by its files."""

    body: Body
    mailboxes: tuple[str, ...]
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What obeying a document gave: answers, copies of it to forward, and a line of journal.

    `enclosed` were signed here before, and follow the copies as they are, byte for byte.
    """

    answers: tuple[Answer, ...] = ()
    forward_to: tuple[str, ...] = ()
    forwarded_files: tuple[Path, ...] = ()
    enclosed: tuple[Stored, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """The secure zone as duties see it."""

    name: str
    zone: Zone
    state: State
    key: SigningKey
    mailboxes: Mapping[str, Mailbox]
    clock: Callable[[], datetime]
    on_progress: Callable[[str], None]
    check_stop: Callable[[], None]
    tell: Callable[[Answer], None] = lambda _answer: None
    """Signs an answer and delivers it at once, while a duty goes on."""

    def keyring(self) -> Keyring:
        """Return the public keys believed now."""
        return Keyring.load(self.zone.keyring)

    def withdrawals(self, permit_number: str) -> tuple[Withdrawal, ...]:
        """Return all that was said to take a permit back, for ever or for now."""
        return withdrawals_in(self.state, permit_number)

    def find(self, body: type[BodyT], digest: str) -> tuple[BodyT, Stored]:
        """Return a document obeyed before, by its digest.

        Raises Unreachable: it came, and waits for what it needs; OutOfScope: it never came.
        """
        stored = self.state.by_digest(digest, body.__name__)
        if stored is None and self.state.is_pending(digest):
            raise Unreachable(
                f"The {body.__name__} that this document names came and waits: this waits with it."
            )
        if stored is None:
            raise OutOfScope(
                f"The {body.__name__} that this document names was never received here: send it "
                "first, then this one again."
            )
        return cast(BodyT, stored.document.body), stored

    def permit(self, digest: str) -> Permit:
        """Return a permit received before, unless its data were destroyed. Raises OutOfScope."""
        permit = self.find(Permit, digest)[0]
        if self.state.by_number("DeletionOrder", permit.permit_number):
            raise OutOfScope(
                f"The data of permit {permit.permit_number} were destroyed: nothing is done under"
                " it any more."
            )
        return permit

    def sign(self, answer: Answer, *, now: datetime) -> tuple[Stored, tuple[Outgoing, ...]]:
        """Return an answer signed, and what to deliver of it: the document, then its files."""
        document = documents.new_document(
            answer.body,
            issuer=Signer.AGENT,
            audience=tuple(SITES[name] for name in answer.mailboxes),
            now=now,
        )
        data = documents.sign(document, self.key)
        stored = Stored(document, canonical.digest(data), data)
        return stored, outgoing(stored, answer.mailboxes, answer.files)


def withdrawals_in(state: State, permit_number: str) -> tuple[Withdrawal, ...]:
    """Return the revocations and suspensions of a permit that this zone obeyed."""
    return tuple(
        cast(Withdrawal, one.document.body)
        for kind in ("Revocation", "Suspension")
        for one in state.by_number(kind, permit_number)
    )


def outgoing(
    stored: Stored, mailboxes: tuple[str, ...], files: tuple[Path, ...]
) -> tuple[Outgoing, ...]:
    """Return the deliveries of a document and of its files, named by their digest, in order."""
    return tuple(
        one
        for mailbox in mailboxes
        for one in (
            Outgoing(mailbox, stored.digest, data=stored.data),
            *(Outgoing(mailbox, f"sha256:{path.name}", path=path) for path in files),
        )
    )
