"""A second proof at sign-in, for the roles that read what citizens ask: a code, once.

A local account in such a role opens no session by its password alone. The first time, it takes a
secret into an application; each code, and each recovery code, counts once. Accounts that
FranceConnect or ProConnect opens have no password here and prove themselves there.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.errors import BadSignature, NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import RecoveryCode, SecondFactor, User
from ecluse.portal.accounts.tries import count_attempt, forget_attempts
from ecluse.portal.audit.actions import record
from ecluse.trust import one_time_codes

FORCED: Final = frozenset({Role.OPT_OUT_DESK, Role.AUDITOR})
"""The roles that read requests under the GDPR, and who made them."""
TRIES_ALLOWED: Final = 5
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 8
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32


def is_due(user: User) -> bool:
    """Whether this account proves itself twice here: by its role, or because it once began to."""
    if not settings.ECLUSE_SECOND_FACTOR:
        return False
    return bool(user.roles() & FORCED) or is_set_up(user)


def is_set_up(user: User) -> bool:
    """Whether the account has a secret, of which a code was once given."""
    return SecondFactor.objects.filter(account=user, confirmed_at__isnull=False).exists()


@transaction.atomic
def begin(user: User) -> bytes:
    """Return the secret to take into an application: the same until a code confirms it.

    Raises NotAllowed: it was confirmed; it is shown no more.
    """
    User.objects.get_queryset().select_for_update().get(pk=user.pk)
    kept = SecondFactor.objects.filter(account=user).first()
    if kept is None:
        secret = one_time_codes.draw_secret()
        SecondFactor.objects.create(account=user, sealed=_seal(secret, user))
        return secret
    if kept.confirmed_at is not None:
        raise NotAllowed(_("Ce compte a déjà sa double authentification."))
    return _open(bytes(kept.sealed), user)


@transaction.atomic
def confirm(user: User, code: str, *, now: datetime) -> tuple[str, ...]:
    """Keep the secret, once one of its codes is given; return the recovery codes, shown once.

    Raises NotAllowed: not its code, or too many tries.
    """
    _check_code(user, code, is_confirmed=False, now=now)
    SecondFactor.objects.filter(account=user).update(confirmed_at=now)
    drawn = tuple(secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES))
    RecoveryCode.objects.filter(account=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=user, digest=_digest(one, user)) for one in drawn
    )
    record("second-factor.set-up", user.journal_name(), by=user.journal_name(), at=now)
    return drawn


@transaction.atomic
def reset(user: User, *, by: str, now: datetime) -> None:
    """Forget the second proof of an account, for somebody who lost it: an act of the operator."""
    RecoveryCode.objects.filter(account=user).delete()
    SecondFactor.objects.filter(account=user).delete()
    record("second-factor.reset", user.journal_name(), by=by, at=now)


def check(user: User, code: str, *, now: datetime) -> None:
    """Pass on a code of the application, or on a recovery code: each once.

    Every try counts before it is read, in a transaction of its own. Raises NotAllowed.
    """
    compact = "".join(code.split()).lower()
    with transaction.atomic():
        if len(compact) == 2 * RECOVERY_BYTES:
            _use_recovery(user, compact, now=now)
        else:
            _check_code(user, compact, is_confirmed=True, now=now)


def count_try(user: User, *, now: datetime) -> None:
    """Count one more try of a code. Raises NotAllowed: five failed within fifteen minutes."""
    count_attempt(f"second factor\n{user.pk}", now=now, most=TRIES_ALLOWED)


def _check_code(user: User, code: str, *, is_confirmed: bool, now: datetime) -> None:
    rows = SecondFactor.objects.select_for_update()
    kept = rows.filter(account=user, confirmed_at__isnull=not is_confirmed).first()
    step = None
    if kept is not None:
        secret = _open(bytes(kept.sealed), user)
        step = one_time_codes.step_of(secret, code.strip(), now=now, after=kept.last_step)
    if kept is None or step is None:
        raise NotAllowed(_("Ce code n’est pas le bon, ou il a déjà servi : attendez le suivant."))
    kept.last_step = step
    kept.save(update_fields=["last_step"])
    forget_attempts(f"second factor\n{user.pk}")


def _use_recovery(user: User, code: str, *, now: datetime) -> None:
    found = RecoveryCode.objects.filter(account=user, digest=_digest(code, user), used_at=None)
    if not found.update(used_at=now):
        raise NotAllowed(_("Ce code n’est pas le bon, ou il a déjà servi : attendez le suivant."))
    forget_attempts(f"second factor\n{user.pk}")
    record("second-factor.recovered", user.journal_name(), by=user.journal_name(), at=now)


def _digest(code: str, user: User) -> str:
    text = f"recovery code\n{user.pk}\n{code}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hex()


def _seal(secret: bytes, user: User) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, secret, str(user.pk).encode())


def _open(sealed: bytes, user: User) -> bytes:
    try:
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], str(user.pk).encode())
    except InvalidTag:
        raise BadSignature(
            "The second proof of an account was kept under another secret of this site: reset it."
        ) from None


def _cipher() -> AESGCM:
    secret = settings.SECRET_KEY.encode()
    derive = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"ecluse second factor")
    return AESGCM(derive.derive(secret))
