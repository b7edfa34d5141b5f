"""What is done to the record of a system: each is one transaction, rows and a journal entry."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from ecluse.domain.aisystems.changes import changes_of
from ecluse.domain.aisystems.entries import KINDS, Basis, Entry, Evaluation
from ecluse.domain.aisystems.rules import Facts, Rulebook, classify
from ecluse.domain.aisystems.states import MOVES, WRITTEN, Side, State, move
from ecluse.domain.aisystems.systems import Status
from ecluse.domain.codec import encode
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import (
    ClassifiedVersion,
    SystemAct,
    SystemEntry,
    SystemRecord,
    SystemVersion,
)
from ecluse.portal.aisystems.rulebook import rulebook
from ecluse.portal.audit.actions import record as journal

BY_TIME: Final = "software"
NEEDED: Final = ("trade_name", "provider", "intended_purpose")
"""The fields without which a record is not sent."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a provider declares at once: texts by field, answers by question, a status."""

    texts: dict[str, str]
    facts: Facts
    status: Status

    def written(self) -> dict[str, Any]:
        """The content as a version keeps it; what is empty is not kept."""
        texts = {name: text.strip() for name, text in self.texts.items() if text.strip()}
        facts = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.facts.items()
            if value not in ("", (), None)
        }
        return {"texts": texts, "facts": facts, "status": self.status.value}


@transaction.atomic
def declare(content: Content, *, by: User, now: datetime, source: str = "") -> SystemRecord:
    """Open a record with what is declared. Whoever has an account may. Raises InvalidInput."""
    if not content.texts.get("trade_name", "").strip():
        raise InvalidInput("A system has a name: write it.")
    made = SystemRecord.objects.create(declared_by=by, declared_at=now)
    made.number = f"IA-{now.year}-{made.pk:04d}"
    made.save(update_fields=["number"])
    _version(made, 1, content, by=by, now=now, source=source)
    _write(made, "declare", version=1, by=by, now=now)
    return made


@transaction.atomic
def declare_all(
    every: Iterable[Content], *, source: str, by: User, now: datetime
) -> list[SystemRecord]:
    """Open a draft for each record of a file, all or none. Raises InvalidInput."""
    return [declare(one, by=by, now=now, source=source) for one in every]


@transaction.atomic
def write(record: SystemRecord, content: Content, *, by: User, now: datetime) -> SystemVersion:
    """Keep another version of what is declared. Raises NotAllowed, InvalidInput."""
    held = _lock(record)
    if held.declared_by_id != by.pk:
        raise NotAllowed("A record is written by whoever declared it.")
    if State(held.state) not in WRITTEN:
        raise NotAllowed(f"A record that is {held.state} is not written: revise it first.")
    if not content.texts.get("trade_name", "").strip():
        raise InvalidInput("A system has a name: write it.")
    last = held.latest
    if last.content == content.written():
        return last
    return _version(held, last.version + 1, content, by=by, now=now)


@transaction.atomic
def act(
    record: SystemRecord, action: str, *, by: User, now: datetime, today: date, reason: str = ""
) -> SystemRecord:
    """Submit, revise, publish, return or remove. Raises NotAllowed, InvalidInput."""
    held = _lock(record)
    side = _side(held, action, by)
    to = move(State(held.state), action, side=side, reason=reason)
    if action == "submit":
        _check_complete(held)
        held.submitted_at, held.decided_by = now, None
    elif side is Side.HUB:
        held.decided_by = by
    if action == "publish":
        held.published, held.published_at = held.latest, now
    held.reason = reason.strip() if MOVES[action].is_reasoned else ""
    held.state = to.value
    held.save()
    _write(held, action, version=held.latest.version, by=by, now=now, reason=held.reason)
    if action == "publish":
        classify_again(held, book=rulebook(today), today=today)
    return held


@transaction.atomic
def add(
    record: SystemRecord,
    entry: Entry,
    *,
    by: User,
    now: datetime,
    replaces: SystemEntry | None = None,
) -> SystemEntry:
    """Add something to a system's life, or put it in the place of a former entry.

    Raises:
        NotAllowed: neither who declared the system nor an officer; or what a hub's report measured
            was not added by an officer; or the former entry stands no more.
    """
    held = _lock(record)
    _check_adds(held, by)
    if isinstance(entry, Evaluation) and entry.basis is Basis.HUB_REPORT:
        by.require("aisystem.judge")
    kind = next(name for name, type_ in KINDS.items() if type(entry) is type_)
    content = encode(entry)
    return _keep(
        SystemEntry(record=held, kind=kind, content=content, replaces=replaces, by=by, at=now)
    )


@transaction.atomic
def take_back(record: SystemRecord, entry: SystemEntry, *, by: User, now: datetime) -> SystemEntry:
    """Withdraw an entry, which stays in the history. Raises NotAllowed."""
    held = _lock(record)
    _check_adds(held, by)
    return _keep(
        SystemEntry(
            record=held,
            kind=entry.kind,
            content=entry.content,
            replaces=entry,
            is_withdrawal=True,
            by=by,
            at=now,
        )
    )


def _keep(made: SystemEntry) -> SystemEntry:
    """Keep an entry. Raises NotAllowed: what it replaces is another's, or stands no more."""
    former = made.replaces
    if former is not None:
        is_same = former.record_id == made.record_id and former.kind == made.kind
        if not is_same or SystemEntry.objects.filter(replaces=former).exists():
            raise NotAllowed("This entry stands no more: read the page again.")
    made.save()
    action = "aisystem.withdrawn" if made.is_withdrawal else "aisystem.added"
    details: dict[str, str | int] = {"kind": made.kind, "entry": made.pk}
    journal(action, str(made.record), by=made.by.subject, details=details, at=made.at)
    return made


@transaction.atomic
def classify_again(record: SystemRecord, *, book: Rulebook, today: date) -> bool:
    """Classify what is published under a rulebook, once; whether the answers changed.

    What changed against the classification before is kept with its reasons.
    """
    if record.published is None:
        return False
    known = ClassifiedVersion.objects.filter(record=record).order_by("pk")
    if known.filter(version=record.published.version, rulebook=book.key).exists():
        return False
    found = classify(record.system(record.published).facts, book)
    former = known.last()
    changes = changes_of(former.classification(), found) if former else ()
    ClassifiedVersion.objects.create(
        record=record,
        version=record.published.version,
        rulebook=book.key,
        values={name: list(values) for name, values in found.values.items()},
        reasons=[asdict(one) for one in found.reasons],
        changes=[asdict(one) for one in changes],
        on=today,
    )
    if changes:
        details: dict[str, str | int] = {"rulebook": book.key, "changes": len(changes)}
        journal("aisystem.reclassified", str(record), by=BY_TIME, details=details)
    return bool(changes)


def _check_complete(held: SystemRecord) -> None:
    content = held.latest.content
    missing = [name for name in NEEDED if not content["texts"].get(name)]
    if "ai" not in content["facts"]:
        missing.append("ai")
    if missing:
        raise InvalidInput(f"Before it is sent, the record needs: {', '.join(missing)}.")


def _check_adds(held: SystemRecord, by: User) -> None:
    if State(held.state) is State.REMOVED:
        raise NotAllowed("Nothing is added to a record that was removed.")
    if held.declared_by_id != by.pk:
        by.require("aisystem.judge")


def _side(held: SystemRecord, action: str, by: User) -> Side:
    told = MOVES.get(action)
    if told is None:
        raise NotAllowed(f"Nobody does {action} to a record.")
    if told.side is Side.PROVIDER:
        if held.declared_by_id != by.pk:
            raise NotAllowed(f"{action} is for whoever declared the system.")
        return Side.PROVIDER
    by.require("aisystem.judge")
    if held.declared_by_id == by.pk:
        raise NotAllowed("Nobody decides on a record of their own.")
    return Side.HUB


def _lock(record: SystemRecord) -> SystemRecord:
    return SystemRecord.objects.select_for_update().get(pk=record.pk)


def _version(
    held: SystemRecord, version: int, content: Content, *, by: User, now: datetime, source: str = ""
) -> SystemVersion:
    return SystemVersion.objects.create(
        record=held,
        version=version,
        content=content.written(),
        source=source,
        written_by=by,
        written_at=now,
    )


def _write(
    held: SystemRecord, action: str, *, version: int, by: User, now: datetime, reason: str = ""
) -> None:
    SystemAct.objects.create(
        record=held, action=action, version=version, by=by, at=now, reason=reason
    )
    journal(f"aisystem.{action}", str(held), by=by.subject, details={"version": version}, at=now)
