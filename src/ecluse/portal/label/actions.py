"""What is done to a label: each is one transaction, a row and an entry of the journal."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Final

from django.db import transaction

from ecluse.domain.documents import QualityEvidence
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.metadata.label import (
    MOVES,
    OPEN,
    WRITTEN,
    Answer,
    Side,
    State,
    check,
    last_day,
    move,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue.actions import UNJUDGED
from ecluse.portal.catalogue.models import Dataset, DescriptionRecord
from ecluse.portal.holders.models import Holder
from ecluse.portal.label.models import LabelAct, LabelEvidence, QualityLabel
from ecluse.portal.label.scheme import key, scheme
from ecluse.trust import documents

BY_TIME: Final = "software"
REPLACED: Final = "Remplacé par un nouveau label."


@transaction.atomic
def start(dataset: Dataset, *, by: User, now: datetime) -> QualityLabel:
    """Open the label of a dataset, or return the one that is open.

    Raises NotAllowed: `by` does not speak for a holder of this dataset.
    """
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    holder = Holder.objects.speaking(by).filter(datasets=dataset).order_by("name").first()
    if holder is None:
        raise NotAllowed("A label is asked by the persons of the holder of the dataset.")
    opened = QualityLabel.objects.filter(dataset=dataset, state__in=OPEN).first()
    if opened is not None:
        return opened
    former = QualityLabel.objects.filter(dataset=dataset).order_by("-pk").first()
    made = QualityLabel.objects.create(
        dataset=dataset,
        holder=holder,
        scheme=key(),
        opened_at=now,
        answers=former.answers if former and former.scheme == key() else {},
        is_publicly_funded=former.is_publicly_funded if former else False,
    )
    _write(made, "open", by=by, now=now)
    return made


@transaction.atomic
def declare(
    label: QualityLabel, answers: Mapping[str, Answer], *, is_publicly_funded: bool, by: User
) -> QualityLabel:
    """Keep the levels that the holder declares. Raises NotAllowed, InvalidInput."""
    held = _written_by(label, by)
    check(scheme(), answers)
    held.answers = {
        code: {"level": said.level, "note": said.note.strip()} for code, said in answers.items()
    }
    held.is_publicly_funded = is_publicly_funded
    held.save(update_fields=["answers", "is_publicly_funded"])
    return held


@transaction.atomic
def attach(label: QualityLabel, data: bytes, *, by: User, now: datetime) -> LabelEvidence:
    """Join the signed scores of a quality report.

    Raises:
        Refused: the document does not verify with the keyring of this site.
        InvalidInput: it is of another kind, or of another dataset.
        NotAllowed: not this person, or not any more.
    """
    held = _written_by(label, by)
    verified = documents.verify(data, identity.keyring(), now=now)
    body = verified.document.body
    if not isinstance(body, QualityEvidence) or body.dataset != held.dataset.slug:
        raise InvalidInput(
            f"The file is no quality evidence of {held.dataset.slug}: make it with `ecluse "
            f"catalogue evidence {held.dataset.slug}`."
        )
    made, is_new = LabelEvidence.objects.get_or_create(
        label=held,
        digest=verified.digest,
        defaults={"data": verified.data, "added_by": by, "added_at": now},
    )
    if is_new:
        _write(held, "evidence", by=by, now=now, digest=verified.digest)
    return made


@transaction.atomic
def act(
    label: QualityLabel, action: str, *, by: User, now: datetime, today: date, reason: str = ""
) -> QualityLabel:
    """Submit, withdraw, return, grant or revoke. Raises NotAllowed, InvalidInput."""
    held = _lock(label)
    side = _side(held, action, by)
    to = move(State(held.state), action, side=side, reason=reason)
    if action == "submit":
        _submit(held, by=by, now=now)
    elif side is Side.HUB:
        held.decided_by = by
    if action == "grant":
        _grant(held, today=today, now=now)
    if MOVES[action].is_reasoned:
        held.reason = reason.strip()
    held.state = to.value
    held.save()
    _write(held, action, by=by, now=now, reason=reason.strip())
    _show_again(held)
    return held


def expire(label: QualityLabel, *, now: datetime, reason: str = "") -> None:
    """End a label whose last day has passed, or that another one replaces."""
    held = _lock(label)
    held.state = move(State(held.state), "expire", side=Side.TIME).value
    held.save(update_fields=["state"])
    _write(held, "expire", by=None, now=now, reason=reason)
    _show_again(held)


def _submit(held: QualityLabel, *, by: User, now: datetime) -> None:
    """Freeze the marks. Raises InvalidInput: an element of the law is not answered."""
    if held.scheme != key():
        raise InvalidInput("The scheme has changed since: withdraw this label and ask another.")
    found = held.assessment()
    if found.missing:
        raise InvalidInput(
            f"{len(found.missing)} elements of EHDS art. 78(3) have no answer "
            f"({', '.join(found.missing[:5])}): give each a level."
        )
    held.submitted_by, held.submitted_at, held.decided_by = by, now, None
    held.marks = [asdict(mark) for mark in found.marks]
    held.percent, held.letter = found.percent, found.letter


def _grant(held: QualityLabel, *, today: date, now: datetime) -> None:
    """Begin the label today; one that held ends."""
    former = QualityLabel.objects.filter(dataset=held.dataset, state=State.GRANTED).first()
    if former is not None:
        expire(former, now=now, reason=REPLACED)
    held.granted_on = today
    held.expires_on = last_day(today, months=scheme().valid_months)
    held.reason = ""


def _side(held: QualityLabel, action: str, by: User) -> Side:
    """Return on which side `by` acts. Raises NotAllowed."""
    told = MOVES.get(action)
    speaks = held.holder.has(by)
    if told is None or told.side is Side.TIME:
        raise NotAllowed(f"Nobody does {action} to a label.")
    if told.side is Side.HOLDER:
        if not speaks:
            raise NotAllowed(f"{action} is for the persons of {held.holder.name}.")
        return Side.HOLDER
    by.require("description.judge")
    if speaks or held.submitted_by_id == by.pk:
        raise NotAllowed(f"Nobody of {held.holder.name} decides on its own label.")
    return Side.HUB


def _written_by(label: QualityLabel, by: User) -> QualityLabel:
    held = _lock(label)
    if not held.holder.has(by):
        raise NotAllowed(f"A label is written by the persons of {held.holder.name}.")
    if State(held.state) not in WRITTEN:
        raise NotAllowed(f"A label that is {held.state} is not written any more.")
    return held


def _lock(label: QualityLabel) -> QualityLabel:
    """Hold the dataset, then its label: two acts on it never cross."""
    Dataset.objects.select_for_update().get(pk=label.dataset_id)
    return QualityLabel.objects.select_related("dataset", "holder").get(pk=label.pk)


def _write(
    held: QualityLabel,
    action: str,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    digest: str | None = None,
) -> None:
    LabelAct.objects.create(label=held, action=action, by=by, at=now, reason=reason)
    record(
        f"label.{action}",
        held.dataset.slug,
        by=by.subject if by else BY_TIME,
        digest=digest,
        details={"label": held.pk, **({"letter": held.letter} if held.letter else {})},
        at=now,
    )


def _show_again(held: QualityLabel) -> None:
    """Have what the catalogue says of the dataset made again: the label is part of it."""
    DescriptionRecord.objects.filter(dataset=held.dataset).update(**UNJUDGED)
