"""Ask the secure zone which projects used data about one person, and read what it answers.

The zone alone opens the question; the answer opens with a key drawn for it, kept here under the
third party's key. So the tables of this site tell neither of whom was asked nor what was answered.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain import codec
from ecluse.domain.documents import AGENT, Basis, MembershipAnswer, MembershipQuestion, Signer
from ecluse.domain.errors import BadSignature, Malformed, NotFound, OutOfScope, SetupIncomplete
from ecluse.domain.memberships import ANSWER, QUESTION, Memberships, Subject
from ecluse.domain.optouts import DecidedUse, Refusal, Standing, standing_of
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import Question
from ecluse.portal.optouts.receipts import rows_of, third_party_key
from ecluse.trust import canonical, keys, sealing
from ecluse.trust.documents import Verified
from ecluse.trust.keys import to_milliseconds
from ecluse.trust.pseudonyms.national_numbers import NationalKey

ZONE_KEY: Final = "zone.opening.pub"
"""The public key of the zone, which its operator gives to this site."""
KEPT: Final = timedelta(days=1)
"""How long an answer can be read."""
OBEYED_WITHIN: Final = timedelta(hours=1)
NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Checked:
    """What the zone says of a receipt: projects decided while it held, that used the person's data.

    None of these is what the law wants; `projects` are those that used data about them at any time.
    """

    projects: tuple[str, ...]
    wrongly: tuple[str, ...]


@transaction.atomic
def ask(whom: Concerned, *, by: User, now: datetime) -> str:
    """Ask which projects used data about a person; return the number by which to read the answer.

    Raises:
        NotAllowed: neither a citizen nor the desk.
        InvalidInput: not a national number.
        SetupIncomplete: the zone's public key was not given to this site.
    """
    by.require("optout.ask")
    key = third_party_key()
    return _send(tuple(sorted(whom.identifiers(key))), key, None, by=by, now=now)


@transaction.atomic
def ask_about_receipt(receipt_number: str, *, by: User, now: datetime) -> str:
    """Ask the same of the person of a receipt, whose number alone is given. Raises as `ask`.

    Raises NotFound: no opt-out has this receipt.
    """
    by.require("optout.ask")
    key = third_party_key()
    rows = rows_of(receipt_number, key)
    refusal = Refusal(Basis(rows[0].basis), rows[0].from_at, rows[0].until)
    return _send(tuple(sorted({row.opt_out_id for row in rows})), key, refusal, by=by, now=now)


@transaction.atomic
def receive_answer(verified: Verified, *, now: datetime) -> Question:
    """Keep the sealed answer to a question of this site. Raises OutOfScope, Malformed."""
    body = verified.document.body
    if not isinstance(body, MembershipAnswer):
        raise Malformed(f"A {verified.document.kind} answers no question.")
    asked = Question.objects.select_for_update().filter(digest=body.question_digest).first()
    if asked is None or asked.number != body.question_number or asked.answered_at is not None:
        raise OutOfScope("This answers no question that waits here.")
    asked.answer, asked.answered_at = body.sealed, now
    asked.save(update_fields=["answer", "answered_at"])
    return asked


def read(question_number: str, *, now: datetime) -> Memberships | None:
    """Return the answer to a question, None while the zone has not answered.

    Raises:
        NotFound: no such question, or it is over a day old.
    """
    asked = _found(question_number, now=now)
    return None if asked.answered_at is None else _opened(asked)


def read_about_receipt(
    question_number: str, decided: Mapping[str, DecidedUse], *, now: datetime
) -> Checked | None:
    """Return what the zone says of the receipt of a question, None while it has not answered.

    `decided`: what was decided of each project; of one that is not there, nothing is judged.
    Raises NotFound.
    """
    asked = _found(question_number, now=now)
    if asked.answered_at is None:
        return None
    projects = _opened(asked).projects
    wrongly = tuple(one for one in projects if one in decided and _is_against(asked, decided[one]))
    return Checked(projects, wrongly)


def _is_against(asked: Question, use: DecidedUse) -> bool:
    if not asked.refusal:
        return False
    content = canonical.decode(_unwrap(asked.refusal, asked.number))
    refusal: Refusal = codec.decode(content, Refusal)
    return standing_of(use, (refusal,)) is Standing.AGAINST


def _found(question_number: str, *, now: datetime) -> Question:
    asked = Question.objects.filter(number=question_number, asked_at__gt=now - KEPT).first()
    if asked is None:
        raise NotFound(_("Cette question n’existe pas, ou sa réponse n’est plus gardée."))
    return asked


def _opened(asked: Question) -> Memberships:
    private = sealing.OpeningKey(
        X25519PrivateKey.from_private_bytes(_unwrap(asked.reply_key, asked.number))
    )
    content = private.open(keys.from_base64url(asked.answer), purpose=f"{ANSWER} {asked.number}")
    answer: Memberships = codec.decode(canonical.decode(content), Memberships)
    return answer


def _send(
    identifiers: tuple[str, ...],
    key: NationalKey,
    refusal: Refusal | None,
    *,
    by: User,
    now: datetime,
) -> str:
    Question.objects.filter(asked_at__lte=now - KEPT).delete()
    number = f"Q-{secrets.token_hex(10)}"
    private = X25519PrivateKey.generate()
    told = canonical.encode(codec.encode(Subject(identifiers).padded()))
    sealed = sealing.seal(told, _zone_key(), purpose=f"{QUESTION} {number}")
    at = to_milliseconds(now)
    body = MembershipQuestion(
        number,
        keys.to_base64url(sealed),
        keys.to_base64url(private.public_key().public_bytes_raw()),
    )
    sent = mailbox.send(
        body,
        audience=(AGENT,),
        by=by.journal_name(),
        signer=Signer.REGISTER,
        expires_at=at + OBEYED_WITHIN,
        now=at,
    )
    Question.objects.create(
        number=number,
        asked_at=at,
        digest=sent.digest,
        reply_key=_wrap(private.private_bytes_raw(), number, key),
        refusal=_wrap(canonical.encode(codec.encode(refusal)), number, key) if refusal else "",
    )
    audit.record("optout.asked", number, by=by.journal_name(), digest=sent.digest, at=at)
    return number


def _zone_key() -> X25519PublicKey:
    path = identity.room() / ZONE_KEY
    if not path.is_file():
        raise SetupIncomplete(
            f"{path} is missing: in the zone, `ecluse optouts zone-key` makes it; copy it here."
        )
    return sealing.load_receiver(path)


def _wrap(secret: bytes, number: str, key: NationalKey) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(key.derive("replies to questions"))
    return keys.to_base64url(nonce + cipher.encrypt(nonce, secret, number.encode()))


def _unwrap(wrapped: str, number: str) -> bytes:
    data = keys.from_base64url(wrapped)
    cipher = AESGCM(third_party_key().derive("replies to questions"))
    try:
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], number.encode())
    except InvalidTag:
        raise BadSignature(
            f"The key of question {number} was altered, or kept under another key of the third "
            "party: ask again."
        ) from None
