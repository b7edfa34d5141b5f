"""Who a pseudonym is, for a significant finding about their health (EHDS art. 58(3)).

Only with both custodians: each signs the request, and both keys are needed to search. The answer
goes to the holder of the data, sealed for it, who alone can reach the person; it is never shown.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.data.pseudonyms.labels import Label
from ecluse.data.pseudonyms.projects import PseudonymKeys
from ecluse.domain import codec
from ecluse.domain.errors import (
    Expired,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotYetValid,
    Refused,
    Replayed,
)
from ecluse.trust import canonical, durable
from ecluse.trust.pseudonyms.custodians import Approval, Custodian, check_approvals
from ecluse.trust.sealing import seal

PURPOSE: Final = "ecluse re-identification for a significant finding"
PSEUDONYM: Final = re.compile(r"[0-9a-f]{64}")
NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
LEAST_REASON: Final = 30
"""Characters: a reason that a reader can judge."""
VALID_FOR: Final = timedelta(days=30)

Tell = Callable[[str, str, str, Mapping[str, str | int]], object]
"""Writes in the journal: action, subject, digest, details. Raises when it cannot."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: one pseudonym of one project. `holder` receives the answer."""

    number: str
    project: str
    dataset: str
    pseudonym: str
    reason: str
    requester: str
    holder: str
    issued_at: datetime

    def __post_init__(self) -> None:
        if not PSEUDONYM.fullmatch(self.pseudonym) or not NUMBER.fullmatch(self.number):
            raise InvalidInput(
                "A request needs a number (A-Z a-z 0-9 . _ -) and a pseudonym of 64 hexadecimal "
                "characters."
            )
        named = (self.project, self.dataset, self.requester, self.holder)
        if not all(text.strip() for text in named) or len(self.reason.strip()) < LEAST_REASON:
            raise InvalidInput(
                "A request names its project, dataset, requester and holder, and gives its reason "
                f"in {LEAST_REASON} characters at least."
            )

    def __repr__(self) -> str:
        return f"<re-identification request {self.number}>"

    def data(self) -> bytes:
        """Return the canonical bytes of the request, which both custodians sign."""
        return canonical.encode(codec.encode(self))

    @property
    def digest(self) -> str:
        """The digest that approvals name."""
        return canonical.digest(self.data())

    @classmethod
    def parse(cls, data: bytes) -> "Request":
        """Return the request of a file. Raises Malformed, InvalidInput."""
        request: Request = codec.decode(canonical.decode(data.rstrip(b"\n")), cls, at="request")
        return request


@dataclass(frozen=True, slots=True)
class Warrant:
    """A request, what both custodians signed, and whom the zone knows as custodians."""

    request: Request
    approvals: tuple[Approval, ...]
    custodians: tuple[Custodian, ...]

    def check(self, *, now: datetime) -> None:
        """Check that the request may be answered now. Raises NotAllowed, Refused."""
        check_approvals(self.approvals, self.custodians, self.request.digest, purpose=PURPOSE)
        if now < self.request.issued_at:
            raise NotYetValid(f"Request {self.request.number} is dated ahead of {now:%Y-%m-%d}.")
        if now > self.request.issued_at + VALID_FOR:
            raise Expired(
                f"Request {self.request.number} is over {VALID_FOR.days} days old: make a new one."
            )


@dataclass(frozen=True, slots=True)
class Channel:
    """Where answers wait for the holder, one file a request, and the key that seals them."""

    folder: Path
    receiver: X25519PublicKey

    def path(self, request: Request) -> Path:
        """Return the file of the answer to a request."""
        return self.folder / f"{request.number}.sealed"


def reidentify(
    warrant: Warrant,
    *,
    keys: PseudonymKeys,
    persons: Iterable[pa.Array],
    channel: Channel,
    tell: Tell,
    now: datetime,
) -> Path:
    """Write the name that the lake has for the person, sealed for the holder; return the file.

    `keys` are those of the version that the project has, `persons` the names of its dataset. The
    journal has the request before the search, and its end after.

    Raises:
        NotAllowed, BadSignature: not approved by both custodians.
        Expired, NotYetValid: the request is too old, or of tomorrow.
        Replayed: it was answered.
        NotFound: no person of the dataset has this pseudonym in this project.
    """
    request, target = warrant.request, channel.path(warrant.request)
    subject = f"request {request.number}"
    facts = {"project": request.project, "requester": request.requester, "holder": request.holder}
    try:
        warrant.check(now=now)
        if target.exists():
            raise Replayed(f"Request {request.number} was answered: see {target.name}.")
        tell("reidentification.begun", subject, request.digest, facts)
        found = _search(request, keys, persons)
    except (NotAllowed, NotFound, Refused) as error:
        tell("reidentification.refused", subject, request.digest, {**facts, "code": error.code})
        raise
    answer = canonical.encode(
        {"person_id": found, "pseudonym": request.pseudonym, "request": request.number}
    )
    sealed = seal(answer, channel.receiver, purpose=PURPOSE)
    channel.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(target, sealed)
    details = {**facts, "answer": canonical.digest(sealed)}
    tell("reidentification.answered", subject, request.digest, details)
    return target


def _search(request: Request, keys: PseudonymKeys, persons: Iterable[pa.Array]) -> str:
    """Return the person of the pseudonym: every person's is made until one is equal."""
    project = keys.project(request.project)
    for names in persons:
        place = pc.index(project.of(Label.PERSON, names), request.pseudonym).as_py()
        if place >= 0:
            found: str = names[place].as_py()
            return found
    raise NotFound(
        f"No person of {request.dataset} has this pseudonym in {request.project}: check the "
        "project, its dataset and the version of its keys."
    )
