"""The minutes of a sitting: frozen once closed, signed by two, then each opinion is given.

Source: code des relations entre le public et l'administration art. R133-13.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ecluse.domain import committees
from ecluse.domain.codec import JSON
from ecluse.domain.committees import AGREEING, Choice, Deliberation, Phase
from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines import Kind
from ecluse.domain.parameters import MINUTES_SIGNERS
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.committees import storage
from ecluse.portal.committees.actions import awaits_opinion, is_done
from ecluse.portal.committees.models import Entry, Signature, Sitting, State
from ecluse.trust import canonical

OPINION = "give-opinion"
FAVOURABLE, UNFAVOURABLE = "give-favourable-opinion", "give-unfavourable-opinion"


@transaction.atomic
def close(sitting: Sitting, *, by: User, now: datetime) -> Sitting:
    """End the sitting, freeze its minutes. Raises NotAllowed: who does not preside, files left."""
    held = _hold(sitting)
    if held.state != State.OPEN or by not in (held.chair, held.deputy):
        raise NotAllowed("Who presides an open sitting, or replaces them, closes it.")
    if not is_done(held):
        raise NotAllowed("A file has neither a reasoned opinion nor a postponement: go on.")
    held.minutes = canonical.encode(_written(held))
    held.minutes_digest = canonical.digest(held.minutes)
    held.state, held.closed_at = State.MINUTES, now
    held.save(update_fields=["minutes", "minutes_digest", "state", "closed_at"])
    digest = held.minutes_digest
    record("sitting.closed", held.number, by=by.subject, digest=digest, at=now)
    return held


def _written(sitting: Sitting) -> JSON:
    """What the minutes say: who was there, each file, the votes counted, the opinion."""
    came = sitting.seats.filter(arrived_at__isnull=False).order_by("member__full_name")
    return {
        "sitting": sitting.number,
        "held_on": sitting.held_on.isoformat(),
        "place": sitting.place,
        "chair": sitting.chair.full_name,
        "deputy": sitting.deputy.full_name,
        "members": sitting.seats.count(),
        "present": [seat.member.full_name for seat in came.select_related("member")],
        "is_second_call": sitting.recalls_id is not None,
        "files": [_file_written(entry, file) for entry, file in storage.every(sitting)],
    }


def _file_written(entry: Entry, file: Deliberation) -> JSON:
    names = dict(entry.sitting.seats.values_list("member__email", "member__full_name"))
    return {
        "file": entry.item.case.number,
        "title": entry.item.case.title,
        "phase": entry.phase,
        "quorum": committees.quorum(file),
        "withdrew": [names[one] for one in sorted(file.conflicted)],
        "first_vote": _tally(file, 0),
        "final_vote": _tally(file, file.turn) if file.turn else {},
        "opinion": entry.opinion,
        "reason": entry.reason,
    }


def _tally(file: Deliberation, turn: int) -> dict[str, JSON]:
    votes = [vote.choice for vote in committees.counted(file, turn)]
    return {choice.value: votes.count(choice) for choice in Choice if choice in votes}


def read(sitting: Sitting) -> dict[str, JSON]:
    """The minutes as they were frozen; nothing before."""
    if sitting.minutes is None:
        return {}
    found: dict[str, JSON] = json.loads(bytes(sitting.minutes))
    return found


@transaction.atomic
def sign(sitting: Sitting, *, by: User, now: datetime) -> Sitting:
    """Sign the minutes; with the second signature each opinion is given, as its machine says.

    Raises NotAllowed: see `domain.committees.check_signature`.
    """
    held = _hold(sitting)
    if held.state != State.MINUTES:
        raise NotAllowed("There are no minutes to sign.")
    rows = storage.every(held)
    signed = held.signatures.select_related("member").order_by("pk")
    signers = tuple(row.member for row in signed)
    seat = held.seat_of(by)
    files = [_as_at_the_sitting(file, held) for _, file in rows]
    if seat is None:
        raise NotAllowed("Only members who were present sign the minutes.")
    done = committees.check_signature(files, tuple(u.subject for u in signers), by=by.subject)
    digest = held.minutes_digest
    Signature.objects.create(sitting=held, member=by, digest=digest, at=now)
    record("sitting.signed", held.number, by=by.subject, digest=digest, at=now)
    if len(done) >= MINUTES_SIGNERS.value:
        held.state = State.SIGNED
        held.save(update_fields=["state"])
        for entry, file in rows:
            _give(entry, file, (*signers, by), now=now)
    return held


def _as_at_the_sitting(file: Deliberation, sitting: Sitting) -> Deliberation:
    """The deliberation with everybody who came: members leave before minutes are signed."""
    came = sitting.seats.filter(arrived_at__isnull=False).values_list("member__email", flat=True)
    return committees.with_present(file, came)


def _give(entry: Entry, file: Deliberation, signers: Iterable[User], *, now: datetime) -> None:
    """Do on the file what the opinion entails; nothing if it awaits none any more."""
    if file.phase is not Phase.CONCLUDED:
        return
    by_subject = {user.subject: user for user in signers}
    speaker = by_subject[committees.speaker(file, by_subject) or ""]
    entry.is_open, entry.had_effect = False, awaits_opinion(entry.item)
    entry.save(update_fields=["is_open", "had_effect"])
    if not entry.had_effect:
        details: dict[str, str | int] = {"sitting": entry.sitting.number}
        number = entry.item.case.number
        record("sitting.too-late", number, by=speaker.subject, details=details, at=now)
        return
    said: dict[str, str | int] = {"sitting": entry.sitting.number, "opinion": entry.opinion}
    content = Content(file.reason, digest=entry.sitting.minutes_digest, details=said)
    cases.perform(entry.item, _action(entry, file), by=speaker, now=now, content=content)


def _action(entry: Entry, file: Deliberation) -> str:
    if entry.item.kind != Kind.DECLARATION.value:
        return OPINION
    return FAVOURABLE if file.opinion in AGREEING else UNFAVOURABLE


def _hold(sitting: Sitting) -> Sitting:
    rows = Sitting.objects.select_related("chair", "deputy")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=sitting.pk)


def files_for(written: dict[str, JSON], known: Iterable[str]) -> list[dict[str, JSON]]:
    """The files of the minutes that a reader may know."""
    files, numbers = written.get("files"), set(known)
    listed = files if isinstance(files, list) else []
    return [one for one in listed if isinstance(one, dict) and one["file"] in numbers]
