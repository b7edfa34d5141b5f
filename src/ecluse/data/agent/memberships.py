"""The duty towards a question on one person: in which projects' extracts are they?

What leaves is a list of project numbers, sealed for whoever asked, of the same size for nearly
everybody. A question names one person and a zone answers only so many a day: trying every number
would take longer than anybody lives.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.agent.zones import Zone
from ecluse.data.optouts import Record
from ecluse.domain import codec
from ecluse.domain.documents import (
    ExtractionReceipt,
    MembershipAnswer,
    MembershipQuestion,
    TabulationReceipt,
)
from ecluse.domain.errors import Malformed, NotAllowed
from ecluse.domain.memberships import ANSWER, QUESTION, Memberships, Subject
from ecluse.domain.parameters import OPT_OUT_QUESTIONS_A_DAY
from ecluse.trust import canonical, durable, keys, sealing
from ecluse.trust.documents import Verified

KEY: Final = "questions"
"""The name of the key pair that opens questions, among the keys of the zone."""
ASKED: Final = "asked.json"


@dataclass(frozen=True, slots=True)
class Quota:
    """How many questions a zone answered on its last day, kept in its folder."""

    folder: Path
    most: int = OPT_OUT_QUESTIONS_A_DAY.value

    def take(self, *, now: datetime) -> None:
        """Count one more, before it is answered. Raises NotAllowed beyond the day's number."""
        day, path = now.date().isoformat(), self.folder / ASKED
        told = json.loads(path.read_bytes()) if path.is_file() else {}
        count = int(told.get(day, 0))
        if count >= self.most:
            raise NotAllowed(
                f"{count} questions were answered on {day}, all that a day allows: ask tomorrow, "
                "and look for who asks so much."
            )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write(path, json.dumps({day: count + 1}).encode())


def answer(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Answer one question to the public site, sealed for whoever asked.

    Raises:
        Malformed: the question is of more than one person, or not of the right form.
        NotAllowed: too many questions on this day.
        BadSignature: sealed for another zone.
    """
    question = cast(MembershipQuestion, verified.document.body)
    subject = _opened(room, question)
    reply_to = _reply_key(question)
    Quota(room.zone.path / "optouts").take(now=now)
    found = Memberships(_projects(room, subject), _is_listed(room, subject)).padded()
    sealed = sealing.seal(
        canonical.encode(codec.encode(found)),
        reply_to,
        purpose=f"{ANSWER} {question.question_number}",
    )
    body = MembershipAnswer(question.question_number, verified.digest, keys.to_base64url(sealed))
    return Outcome((Answer(body, ("public",)),), action="membership.answered")


def zone_key(zone: Zone) -> Path:
    """Return the public key to give to the site that asks, made at the first call."""
    path = zone.keys / f"{KEY}{sealing.PUBLIC}"
    if not path.is_file():
        sealing.create_opening_key(zone.keys, KEY)
    return path


def _opened(room: Room, question: MembershipQuestion) -> Subject:
    path = room.zone.keys / f"{KEY}{sealing.PRIVATE}"
    try:
        sealed = keys.from_base64url(question.sealed)
    except (Malformed, ValueError):
        raise Malformed("The question is not sealed.") from None
    purpose = f"{QUESTION} {question.question_number}"
    opened = sealing.load_opening_key(path).open(sealed, purpose=purpose)
    subject: Subject = codec.decode(canonical.decode(opened), Subject, at="question")
    return subject


def _reply_key(question: MembershipQuestion) -> X25519PublicKey:
    try:
        return X25519PublicKey.from_public_bytes(keys.from_base64url(question.reply_to))
    except (Malformed, ValueError):
        raise Malformed("The question gives no key for its answer.") from None


def _projects(room: Room, subject: Subject) -> tuple[str, ...]:
    found = {
        record.permit_number
        for record in room.zone.records().all()
        if record.holds(subject.identifiers) and _is_delivered(room, record)
    }
    return tuple(sorted(found))


def _is_delivered(room: Room, record: Record) -> bool:
    """Say whether an extract or an answer came to be: a killed one leaves a record and no more."""
    kinds = (ExtractionReceipt.__name__, TabulationReceipt.__name__)
    if any(room.state.by_number(kind, record.order_number) for kind in kinds):
        return True
    made = room.zone.extract(record.permit_number, record.order_number)
    return made.exists() or room.zone.tabulation(record.order_number).exists()


def _is_listed(room: Room, subject: Subject) -> bool:
    """Say whether the last list that came names the person, under art. 71 or the national copy."""
    last = room.state.of_kind("OptOutList")[-1:]
    return any(_names(room, stored.digest, subject) for stored in last)


def _names(room: Room, digest: str, subject: Subject) -> bool:
    listed = room.zone.records().of_list_digest(digest)
    digests = [listed.digest(one) for one in subject.identifiers]
    return any(held.holds(one) for held in listed.lists().values() for one in digests)
