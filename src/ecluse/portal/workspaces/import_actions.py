"""Files that persons bring in: uploaded here, checked and held by the zone, let in by another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.models import OfferedFile
from ecluse.portal.workspaces.models import Arrival
from ecluse.trust.import_orders import Act, ImportOrder, sign

MOST_FINDINGS: Final = 200
CHECKED: Final = frozenset({"held", "findings", "rows", "is_in"})
NEXT: Final = {
    (Arrival.ADMITTING, Act.ADMIT): (Arrival.ADMITTED, "import.admitted"),
    (Arrival.REFUSING, Act.REFUSE): (Arrival.REFUSED, "import.refused"),
}
"""What the zone carried out, and what a file becomes by it."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a person says of a file: data or code, and the columns (name, type) of a table."""

    file: "UploadedFile[bytes]"
    what: str
    columns: tuple[tuple[str, str], ...] = ()


@transaction.atomic
def bring_in(workspace: Workspace, brought: Brought, *, by: User, now: datetime) -> Arrival:
    """Keep a file until the zone fetches it. Raises NotAllowed."""
    by.require("import.bring", state=workspace.state)
    digest = blobs.keep(brought.file.chunks())
    made = Arrival.objects.create(
        workspace=workspace,
        what=brought.what,
        name=brought.file.name or "",
        columns=[list(one) for one in brought.columns],
        size=brought.file.size or 0,
        digest=digest,
        brought_by=by,
        brought_at=now,
    )
    _tell("import.brought", made, by=by.subject, now=now)
    return made


@transaction.atomic
def judge(number: int, act: Act, *, by: User, now: datetime) -> Arrival:
    """Order the zone to let a file in, or to throw it away.

    Raises:
        NotAllowed: this person brought it, or is of the permit; or the checks stop it.
        NotFound: no such file is held.
    """
    by.require("import.judge")
    held = _locked(number, Arrival.HELD)
    persons = held.workspace.persons.values_list("subject", flat=True)
    if held.brought_by == by or by.subject in persons:
        raise NotAllowed("Who brought a file, or works with it, does not let it in.")
    if act is Act.ADMIT and held.findings:
        raise NotAllowed("The checks stop this file: its author mends it and brings it again.")
    held.state = Arrival.ADMITTING if act is Act.ADMIT else Arrival.REFUSING
    held.judged_by, held.judged_at = by, now
    held.save(update_fields=["state", "judged_by", "judged_at"])
    _tell(f"import.{act.value}-asked", held, by=by.subject, now=now)
    return held


def orders() -> list[str]:
    """Return what the zone has to do, signed."""
    key = identity.signing_key()
    waiting = Arrival.objects.for_zone().select_related("workspace", "brought_by", "judged_by")
    return [sign(_order(one), key) for one in waiting]


def _order(one: Arrival) -> ImportOrder:
    by = one.judged_by or one.brought_by
    return ImportOrder(
        number=one.pk,
        act=one.asked_act,
        permit_number=one.workspace.permit_number,
        by=by.subject,
        name=one.name,
        what=one.what,
        digest=one.digest,
        held=one.held,
        columns=tuple((name, kind) for name, kind in one.columns),
    )


@transaction.atomic
def receive(number: int, act: Act, told: object, *, now: datetime) -> None:
    """Take what became of an order. Raises NotFound, InvalidInput."""
    if not isinstance(told, dict):
        raise InvalidInput("Send a JSON object.")
    if "failure" in told:
        _fail(number, act, str(told["failure"])[:500], now=now)
    elif act is Act.BRING:
        _check_in(_locked(number, Arrival.SENT), told, now=now)
    else:
        _settle(number, act, now=now)


def content(number: int) -> Arrival:
    """Return the file that the zone is to fetch. Raises NotFound."""
    found = Arrival.objects.filter(pk=number, state=Arrival.SENT).first()
    if found is None:
        raise NotFound(f"No file {number} waits here.")
    return found


def _check_in(held: Arrival, told: Mapping[str, Any], *, now: datetime) -> None:
    """Write what the zone's checks found; this site keeps no copy of the file."""
    findings, rows = told.get("findings"), told.get("rows")
    is_list = isinstance(findings, list) and all(type(one) is str for one in findings)
    if told.keys() != CHECKED or not is_list or type(rows) not in (int, type(None)):
        raise InvalidInput(f"Send {', '.join(sorted(CHECKED))}.")
    held.held, held.rows = str(told["held"])[:32], rows
    held.findings = (findings or [])[:MOST_FINDINGS]
    held.state = Arrival.ADMITTED if told["is_in"] is True else Arrival.HELD
    held.save(update_fields=["held", "rows", "findings", "state"])
    _forget(held)
    action = "import.admitted" if held.state == Arrival.ADMITTED else "import.held"
    _tell(action, held, by="zone", now=now)


def _settle(number: int, act: Act, *, now: datetime) -> None:
    asked = Arrival.ADMITTING if act is Act.ADMIT else Arrival.REFUSING
    state, action = NEXT[asked, act]
    found = _locked(number, asked)
    found.state = state
    found.save(update_fields=["state"])
    _tell(action, found, by="zone", now=now)


def _fail(number: int, act: Act, reason: str, *, now: datetime) -> None:
    asked = {Act.BRING: Arrival.SENT, Act.ADMIT: Arrival.ADMITTING, Act.REFUSE: Arrival.REFUSING}
    found = _locked(number, asked[act])
    found.state, found.failure = Arrival.FAILED, reason
    found.save(update_fields=["state", "failure"])
    _forget(found)
    _tell("import.failed", found, by="zone", now=now)


def _forget(arrival: Arrival) -> None:
    """Remove this site's copy, unless something else here is the very same file."""
    same = Arrival.objects.filter(digest=arrival.digest, state=Arrival.SENT)
    if not OfferedFile.objects.filter(digest=arrival.digest).exists() and not same.exists():
        transaction.on_commit(lambda: blobs.remove(arrival.digest))


def _locked(number: int, state: str) -> Arrival:
    rows = Arrival.objects.select_for_update(of=("self",)).filter(pk=number, state=state)
    found = rows.first()
    if found is None:
        raise NotFound(f"No file {number} is {state} here: reload the page.")
    return found


def _tell(action: str, arrival: Arrival, *, by: str, now: datetime) -> None:
    details: dict[str, str | int] = {"import": arrival.pk, "size": arrival.size}
    subject = f"permit {arrival.workspace.permit_number}"
    record(action, subject, by=by, digest=arrival.digest, details=details, at=now)
