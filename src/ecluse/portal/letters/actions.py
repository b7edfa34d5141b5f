"""Issue the letters that acts send, record their first opening, count who checks.

A letter is issued once the act that sends it is committed: making its files takes a second, which
nobody else must wait for. What a crash left is issued by the daily job, or when it is first opened.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from ecluse.domain import codec
from ecluse.domain.documents import LetterTwin, SealedFile
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.actions import SOFTWARE, day_of
from ecluse.portal.cases.letters import LetterText, letterhead
from ecluse.portal.cases.models import ActRow, Dispatch
from ecluse.portal.letters import contents, sheets
from ecluse.portal.letters.models import (
    LANGUAGES,
    CheckAsked,
    IssuedLetter,
    LetterFile,
    Opening,
)
from ecluse.portal.letters.paper import Sheet, pdf_of
from ecluse.portal.letters.sealing import BUNDLE, CERTIFICATE, Seal, load_seal, make_seal, seal_pdf
from ecluse.trust import canonical, documents

CODE_BYTES = 16
SEAL_LOCK = 0x0EC5EA1
CHECKS_ALLOWED = 30
CHECKS_WITHIN = timedelta(minutes=1)


def issue_waiting(case_id: int | None = None, *, now: datetime) -> int:
    """Issue the letters of a file, or of all, that are not yet; how many.

    Raises SetupIncomplete: this site has no seal, or lacks a font.
    """
    waiting = Dispatch.objects.filter(is_letter=True, act__isnull=False, issued__isnull=True)
    if case_id is not None:
        waiting = waiting.filter(case=case_id)
    return len([issue(one, now=now) for one in waiting.order_by("pk")])


@transaction.atomic
def issue(dispatch: Dispatch, *, now: datetime) -> IssuedLetter:
    """Issue one letter in both languages, sealed, with its signed twin; twice changes nothing.

    Raises SetupIncomplete: this site has no seal, or lacks a font.
    """
    held = Dispatch.objects.select_for_update(of=("self",)).select_related("case")
    dispatch = held.get(pk=dispatch.pk)
    known = IssuedLetter.objects.filter(dispatch=dispatch).first()
    if known is not None:
        return known
    origin = _origin(dispatch)
    made = {language: sheets.sheet_of(origin, language=language) for language in LANGUAGES}
    seal = present_seal(now=now)
    pdfs = {name: seal_pdf(pdf_of(sheet), seal, at=origin.act.at) for name, sheet in made.items()}
    given = origin.permit
    twin = bytes(given.data) if given else _sign_twin(origin, made["fr"], pdfs, now=now)
    return _keep(origin, made, pdfs, twin=twin, now=now)


def words_of(dispatch: Dispatch) -> LetterText:
    """The words of a letter, in the language of now, whether it is issued or not."""
    return sheets.text_of(_origin(dispatch))


def present_seal(*, now: datetime) -> Seal:
    """The seal of this site; a demonstration makes its own at first. Raises SetupIncomplete."""
    folder = identity.key_folder()
    is_there = any((folder / name).exists() for name in (CERTIFICATE, BUNDLE))
    if settings.ECLUSE_DEMO and not is_there:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
            if not (folder / CERTIFICATE).exists():
                make_seal(folder, name=letterhead()["authority"]["fr"], now=now)
    return load_seal(folder, passphrase=settings.ECLUSE_SEAL_PASSPHRASE)


def _origin(dispatch: Dispatch) -> sheets.Origin:
    act = ActRow.objects.select_related("item", "by").get(dispatches=dispatch)
    permit = contents.permit_of(dispatch, act)
    return sheets.Origin(dispatch, act, permit, _number(dispatch), _new_code())


def _number(dispatch: Dispatch) -> str:
    before = Dispatch.objects.filter(case=dispatch.case, is_letter=True, pk__lte=dispatch.pk)
    return f"{dispatch.case.number}-L{before.count()}"


def _new_code() -> str:
    return base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().rstrip("=")


def _sign_twin(
    origin: sheets.Origin, sheet: Sheet, pdfs: dict[str, bytes], *, now: datetime
) -> bytes:
    dispatch, act = origin.dispatch, origin.act
    body = LetterTwin(
        letter_number=origin.number,
        letter=dispatch.name,
        case_number=dispatch.case.number,
        case_kind=dispatch.case.kind,
        object_kind=act.item.kind,
        state=act.after,
        source=sheet.text.source,
        dated_on=sheet.dated_on,
        due_on=contents.due_on_of(dispatch, act),
        reason=act.reason,
        unmet=contents.unmet_of(dispatch.case, dispatch.name),
        states_remedies=sheets.states_remedies(origin),
        decided_by_role=act.role,
        files=tuple(SealedFile(name, canonical.digest(pdf)) for name, pdf in pdfs.items()),
    )
    document = documents.new_document(
        body, issuer=identity.signer(), audience=(identity.audience(),), now=now
    )
    return documents.sign(document, identity.signing_key())


def _keep(
    origin: sheets.Origin,
    made: dict[str, Sheet],
    pdfs: dict[str, bytes],
    *,
    twin: bytes,
    now: datetime,
) -> IssuedLetter:
    about = origin.permit.item if origin.permit else origin.act.item
    letter = IssuedLetter.objects.create(
        dispatch=origin.dispatch,
        number=origin.number,
        name=origin.dispatch.name,
        about=about,
        state_then="active" if origin.permit else origin.act.after,
        states_remedies=sheets.states_remedies(origin),
        dated_on=made["fr"].dated_on,
        issued_at=now,
        code=origin.code,
        code_digest=digest_of(origin.code),
        twin=twin,
        twin_digest=canonical.digest(twin),
    )
    LetterFile.objects.bulk_create(
        LetterFile(
            letter=letter,
            language=language,
            words=codec.encode(sheet),
            pdf=pdfs[language],
            digest=canonical.digest(pdfs[language]),
        )
        for language, sheet in made.items()
    )
    digest = canonical.digest(pdfs["fr"])
    details = {"letter": letter.name, "file": letter.case.number}
    record("letter.issued", letter.number, by=SOFTWARE, digest=digest, details=details, at=now)
    return letter


def is_addressee(letter: IssuedLetter, user: User) -> bool:
    """Whether the letter is for `user`."""
    return user.pk in {one.pk for one in sheets.addressees_of(letter.case, letter.name)}


@transaction.atomic
def open_letter(letter: IssuedLetter, *, by: User, now: datetime) -> bool:
    """Record that its addressee opened the letter, the first time alone; whether it was that.

    Anybody else who reads it opens nothing: neither an officer nor another person of the project.
    """
    if not is_addressee(letter, by):
        return False
    _, is_first = Opening.objects.get_or_create(letter=letter, defaults={"by": by, "at": now})
    if is_first:
        record(
            "letter.opened",
            letter.number,
            by=by.journal_name(),
            digest=letter.file("fr").digest,
            details={"file": letter.case.number, "on": day_of(letter.case, now).isoformat()},
            at=now,
        )
    return is_first


def digest_of(code: str) -> str:
    """By which a code is looked up."""
    return hashlib.sha256(code.encode()).hexdigest()


@transaction.atomic
def count_check(address: str, *, now: datetime) -> bool:
    """Count a check asked from an address; whether it is still within the limit."""
    key = settings.SECRET_KEY.encode()
    fingerprint = hmac.digest(key, f"check\n{address}".encode(), hashlib.sha256).hex()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [fingerprint])
    CheckAsked.objects.filter(at__lte=now - CHECKS_WITHIN).delete()
    if CheckAsked.objects.filter(fingerprint=fingerprint).count() >= CHECKS_ALLOWED:
        return False
    CheckAsked.objects.create(fingerprint=fingerprint, at=now)
    return True
