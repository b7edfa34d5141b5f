"""What is done around a file while it is written. Who may do it is asked before, by the file."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.forms import Field
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.drafts import scanning, sniffing
from ecluse.portal.drafts.models import Attachment, Basket, Invitation, Member, Scan, TeamRole
from ecluse.portal.mailbox import blobs

INVITATION_DAYS = 7
MOST_FILES = 60
LARGEST_FILE = 20 * 1024 * 1024
LONGEST_BASKET = 30


@transaction.atomic
def attach(
    number: str, field: Field, upload: tuple[str, bytes], *, by: User, now: datetime
) -> dict[str, JSON]:
    """Attach a file, given as its name and its bytes; return what the answer says of it.

    Raises InvalidInput: too heavy, too many, of a type that the question does not take, infected.
    """
    name, content = upload
    _check_size(number, field, content)
    kind = sniffing.type_of(content)
    if kind is None or kind not in field.types:
        raise InvalidInput(
            _("« %(name)s » n’est pas d’un type accepté : %(types)s.")
            % {"name": name[:80], "types": ", ".join(field.types).upper()}
        )
    digest = blobs.keep([content])
    verdict = _scanned(digest)
    attachment, _created = Attachment.objects.get_or_create(
        file=number,
        field=field.id,
        digest=digest,
        removed_at=None,
        defaults={
            "name": sniffing.neutral_name(name, kind),
            "type": kind.value,
            "size": len(content),
            "scan": verdict,
            "scanned_at": now if verdict in {Scan.CLEAN, Scan.OFF} else None,
            "uploaded_by": by,
            "uploaded_at": now,
        },
    )
    return {
        "name": attachment.name,
        "type": attachment.type,
        "size": attachment.size,
        "digest": attachment.digest,
    }


def _check_size(number: str, field: Field, content: bytes) -> None:
    largest = min(field.maximum_bytes or LARGEST_FILE, LARGEST_FILE)
    if not content or len(content) > largest:
        raise InvalidInput(
            _("Un fichier pèse de 1 octet à %(size)d octets ici : allégez-le, puis renvoyez-le.")
            % {"size": largest}
        )
    known = Attachment.objects.of_file(number)
    if known.filter(field=field.id).count() >= (field.maximum or MOST_FILES) or (
        known.count() >= MOST_FILES
    ):
        raise InvalidInput(
            _("Il y a assez de fichiers ici : retirez-en un pour en joindre un autre.")
        )


def _scanned(digest: str) -> Scan:
    path = blobs.find(digest)
    verdict = scanning.scan(path)
    if verdict is Scan.INFECTED:
        path.unlink(missing_ok=True)
        raise InvalidInput(_("Ce fichier contient un virus : il n’a pas été gardé."))
    return verdict


@transaction.atomic
def detach_others(number: str, field: str, digests: Collection[str], *, now: datetime) -> None:
    """Take away what is attached to a question and is not of `digests`."""
    known = Attachment.objects.of_file(number).filter(field=field)
    known.exclude(digest__in=digests).update(removed_at=now)


def scan_pending(*, now: datetime) -> int:
    """Search what waits for it; return how many files were settled. Safe to run twice.

    Bytes that are not there wait too: a copy that is put back is searched by the next run.
    """
    settled = 0
    waiting = Attachment.objects.filter(scan=Scan.PENDING)
    for digest in list(waiting.order_by("digest").values_list("digest", flat=True).distinct()):
        try:
            path = blobs.find(digest)
        except NotFound:
            continue
        verdict = scanning.scan(path)
        if verdict is Scan.PENDING:
            continue
        settled += waiting.filter(digest=digest).update(scan=verdict, scanned_at=now)
        if verdict is Scan.INFECTED:
            path.unlink(missing_ok=True)
    return settled


def check_may_open(attachment: Attachment, *, is_own: bool) -> None:
    """Pass if the bytes may be given to this reader. Raises NotAllowed, NotFound.

    Who attached a file may have it back; to anybody else, only what was searched is given.
    """
    if attachment.scan == Scan.INFECTED:
        raise NotFound(_("Ce fichier contenait un virus : il n’existe plus."))
    if attachment.scan == Scan.PENDING and not is_own and not scanning.is_off():
        raise NotAllowed(
            _("Ce fichier n’a pas encore été analysé par l’antivirus : revenez plus tard.")
        )


def invite(
    number: str, email: str, *, role: str, by: User, now: datetime
) -> tuple[Invitation, str]:
    """Invite somebody by e-mail; return the invitation and the secret of its link, shown once.

    Raises InvalidInput: no such role, no such address, or one that is invited already.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInput(_("Donnez une adresse comme prenom.nom@organisme.fr.")) from None
    if role not in Invitation.ROLES:
        raise InvalidInput(_("Choisissez un rôle proposé."))
    with transaction.atomic():
        waiting = Invitation.objects.select_for_update().filter(
            file=number, email=address, accepted_at__isnull=True, withdrawn_at__isnull=True
        )
        waiting.update(withdrawn_at=now)
        token = secrets.token_urlsafe(32)
        made = Invitation.objects.create(
            file=number,
            role=role,
            email=address,
            token_digest=_token_digest(token),
            invited_by=by,
            invited_at=now,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
        record("draft.invited", number, by=by.subject, details={"role": role}, at=now)
    return made, token


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str, *, user: User, now: datetime) -> Invitation:
    """Return the open invitation of a link, held until the transaction ends if there is one.

    Raises NotAllowed: used, withdrawn, too old, unknown, or made for somebody else.
    """
    found = Invitation.objects.filter(
        token_digest=_token_digest(token),
        accepted_at__isnull=True,
        withdrawn_at__isnull=True,
        expires_at__gt=now,
        email=user.email,
    ).first()
    if found is None:
        raise NotAllowed(
            _(
                "Ce lien n’ouvre rien : il a déjà servi, il a expiré, ou il est pour une autre"
                " adresse que celle de votre compte. Demandez-en un autre."
            )
        )
    return found


@transaction.atomic
def use(invitation: Invitation, *, by: User, now: datetime) -> Invitation:
    """Use an invitation: once, whoever tries at the same instant. Raises NotAllowed."""
    used = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
    ).update(accepted_at=now)
    if not used:
        raise NotAllowed(_("Ce lien a déjà servi : demandez-en un autre."))
    invitation.refresh_from_db()
    record(
        "draft.joined", invitation.file, by=by.subject, details={"role": invitation.role}, at=now
    )
    return invitation


def join(number: str, user: User, *, role: TeamRole, now: datetime) -> Member:
    """Make somebody a member of a file, or give them another role there."""
    member, _created = Member.objects.update_or_create(
        file=number, user=user, defaults={"role": role.value, "joined_at": now}
    )
    return member


def leave(number: str, user: User) -> None:
    """Take somebody's own place in the team away: they have become its applicant."""
    Member.objects.filter(file=number, user=user).delete()


def withdraw_invitation(number: str, pk: int, *, now: datetime) -> None:
    """Take an invitation back. Raises NotFound."""
    if not Invitation.objects.open(number, now=now).filter(pk=pk).update(withdrawn_at=now):
        raise NotFound(_("Cette invitation n’est plus ouverte."))


@transaction.atomic
def remove_member(number: str, pk: int, *, by: User, now: datetime) -> None:
    """Take somebody out of the team. Raises NotFound."""
    deleted, _rows = Member.objects.filter(file=number, pk=pk).delete()
    if not deleted:
        raise NotFound(_("Cette personne n’est pas de l’équipe."))
    record("draft.member-removed", number, by=by.subject, at=now)


def team_of(number: str) -> frozenset[str]:
    """Return the subjects of the team of a file."""
    return frozenset(Member.objects.filter(file=number).values_list("user__email", flat=True))


def role_in_team(number: str, user: User) -> TeamRole | None:
    """Return what somebody is in the team of a file, or None."""
    role = Member.objects.filter(file=number, user=user).values_list("role", flat=True).first()
    return TeamRole(role) if role else None


@transaction.atomic
def put_in_basket(user: User, slug: str, *, is_wanted: bool) -> list[str]:
    """Put a dataset aside, or back; return what the basket holds. Raises InvalidInput."""
    Basket.objects.get_or_create(user=user)
    basket = Basket.objects.select_for_update().get(user=user)
    others = [each for each in basket.datasets if each != slug]
    if is_wanted and len(others) >= LONGEST_BASKET:
        raise InvalidInput(_("Votre panier est plein : retirez un jeu de données."))
    basket.datasets = [*others, slug] if is_wanted else others
    basket.save(update_fields=["datasets"])
    return list(basket.datasets)


def basket_of(user: User) -> list[str]:
    """Return the datasets that somebody put aside, in that order."""
    found = Basket.objects.filter(user=user).values_list("datasets", flat=True).first()
    return list(found or [])
