"""Passes given, what the zone tells, workspaces closed, incidents kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.errors import Expired, InvalidInput, NotAllowed, NotFound
from ecluse.domain.incidents import Word
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.actions import record
from ecluse.portal.enclaves.actions import submit_job
from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.workspaces import import_actions
from ecluse.portal.workspaces.models import Closure, Incident, LiveReport, Proposal
from ecluse.trust.passes import make_pass

MOST: Final = 10_000
ENTRY: Final = "analysis.py"
SESSION: Final = frozenset(
    {
        *("number", "subject", "permit", "began_at", "active_at"),
        *("requests", "refused", "bytes_in", "bytes_out"),
    }
)
WORKSPACE: Final = frozenset({"permit", "opened_at", "memory_bytes"})
SILENCE: Final = timedelta(seconds=15)
"""After this long without a word, the page says that the server of the workspaces is silent."""


@transaction.atomic
def give_pass(workspace: Workspace, *, by: User, now: datetime) -> str:
    """Return a pass, good for a minute, to enter a workspace. Raises NotAllowed, Expired."""
    by.require("workspace.enter", state=workspace.state)
    if workspace.valid_until < legal_day(now):
        raise Expired(f"Permit {workspace.permit_number} ended on {workspace.valid_until}.")
    closure = Closure.objects.binding(workspace.permit_number).first()
    if closure is not None:
        raise NotAllowed(f"This workspace was closed by the hub: {closure.reason}")
    given = make_pass(
        identity.signing_key(),
        subject=by.subject,
        permit_number=workspace.permit_number,
        now=now,
    )
    record("workspace.pass-given", f"permit {workspace.permit_number}", by=by.subject, at=now)
    return given


@dataclass(frozen=True, slots=True)
class Told:
    """What the server of the workspaces says, once its shape was checked."""

    sessions: tuple[Mapping[str, Any], ...]
    workspaces: tuple[Mapping[str, Any], ...]
    done: tuple[int, ...]


def read_report(told: object) -> Told:
    """Return the report of the zone. Raises InvalidInput where it has another shape."""
    if not isinstance(told, dict) or told.keys() != {"sessions", "workspaces", "done"}:
        raise InvalidInput("Send `sessions`, `workspaces` and `done`.")
    done = told["done"]
    if not isinstance(done, list) or not all(type(number) is int for number in done):
        raise InvalidInput("`done` lists the numbers of closures.")
    return Told(
        tuple(_rows(told["sessions"], SESSION)),
        tuple(_rows(told["workspaces"], WORKSPACE)),
        tuple(done),
    )


def _rows(told: object, members: frozenset[str]) -> Sequence[Mapping[str, Any]]:
    if not isinstance(told, list) or len(told) > MOST:
        raise InvalidInput(f"A list of {MOST} at most is expected.")
    for one in told:
        if not isinstance(one, dict) or one.keys() != members:
            raise InvalidInput(f"Each line has the members {', '.join(sorted(members))}.")
        if not all(type(value) in (str, int) for value in one.values()):
            raise InvalidInput("Each value is a text or a whole number.")
    return cast(Sequence[Mapping[str, Any]], told)


@transaction.atomic
def receive_report(told: Told, *, now: datetime) -> dict[str, object]:
    """Keep who is where; return what to close, who must leave, what to bring in."""
    LiveReport.objects.update_or_create(
        pk=1,
        defaults={
            "told_at": now,
            "sessions": list(told.sessions),
            "workspaces": list(told.workspaces),
        },
    )
    for closure in Closure.objects.select_for_update().waiting().filter(pk__in=told.done):
        closure.done_at = now
        closure.save(update_fields=["done_at"])
        subject = f"permit {closure.permit_number or '*'}"
        milliseconds = round((now - closure.asked_at).total_seconds() * 1000)
        record("workspace.closed", subject, by="zone", details={"ms": milliseconds}, at=now)
    waiting = Closure.objects.waiting().values_list("pk", "permit_number")
    proposals = Proposal.objects.waiting().select_related("extract__workspace", "asked_by")
    return {
        "propose": [
            {
                "number": one.pk,
                "permit": one.extract.workspace.permit_number,
                "by": one.asked_by.subject,
            }
            for one in proposals
        ],
        "imports": import_actions.orders(),
        "close": [{"number": number, "permit": permit} for number, permit in waiting],
        "leave": [one["number"] for one in told.sessions if not _may_stay(one)],
    }


def _may_stay(session: Mapping[str, Any]) -> bool:
    """Whether this site still knows this person as one of this workspace."""
    user = User.objects.filter(email=session["subject"], is_active=True).first()
    if user is None:
        return False
    found = Workspace.objects.visible_to(user).filter(permit_number=session["permit"]).first()
    if found is None or Closure.objects.binding(found.permit_number).exists():
        return False
    return user.may("workspace.enter", state=found.state)


@transaction.atomic
def propose(workspace: Workspace, *, by: User, now: datetime) -> Proposal:
    """Ask the zone for what lies in the outputs folder. Raises NotAllowed, InvalidInput."""
    by.require("job.submit", state=workspace.state)
    extract = workspace.extracts.order_by("-pk").first()
    if extract is None:
        raise InvalidInput("This workspace has no extract yet: there is nothing to propose.")
    if Proposal.objects.waiting().of(workspace.permit_number).exists():
        raise InvalidInput("A proposal is on its way: wait until it is here.")
    record("workspace.outputs-proposed", f"permit {workspace.permit_number}", by=by.subject, at=now)
    return Proposal.objects.create(extract=extract, asked_by=by, asked_at=now)


@transaction.atomic
def receive_bundle(number: int, bundle: bytes, *, now: datetime) -> None:
    """Order the analysis that copies what was proposed. Raises NotFound, NotAllowed."""
    proposal = _waiting(number)
    file = SimpleUploadedFile("bundle.zip", bundle, content_type="application/zip")
    proposal.job = submit_job(proposal.extract, file, entry=ENTRY, by=proposal.asked_by, now=now)
    proposal.save(update_fields=["job"])


@transaction.atomic
def receive_failure(number: int, reason: str) -> None:
    """Write why the zone sends nothing. Raises NotFound."""
    proposal = _waiting(number)
    proposal.failure = reason
    proposal.save(update_fields=["failure"])


def _waiting(number: int) -> Proposal:
    found = Proposal.objects.select_for_update(of=("self",)).waiting().filter(pk=number).first()
    if found is None:
        raise NotFound(f"No proposal {number} waits here.")
    return found


@transaction.atomic
def close(permit_number: str, reason: str, *, by: User, now: datetime) -> Closure:
    """Close one workspace at once, or all when no permit is named. Raises NotAllowed."""
    by.require("workspace.close")
    closure = Closure.objects.create(
        permit_number=permit_number, reason=reason, asked_by=by, asked_at=now
    )
    subject = f"permit {permit_number or '*'}"
    record("workspace.closure-asked", subject, by=by.subject, at=now)
    return closure


@transaction.atomic
def lift(closure: Closure, *, by: User, now: datetime) -> None:
    """Let people in again. Raises NotAllowed."""
    by.require("workspace.close")
    if Closure.objects.binding().filter(pk=closure.pk).update(lifted_at=now):
        subject = f"permit {closure.permit_number or '*'}"
        record("workspace.closure-lifted", subject, by=by.subject, at=now)


@transaction.atomic
def open_incident(told: Mapping[str, Any], *, by: User, now: datetime) -> Incident:
    """Open the file of an incident. Raises NotAllowed, InvalidInput."""
    by.require("incident.keep")
    if told["noticed_at"] > now:
        raise InvalidInput("An incident is noticed before it is written: check the date.")
    incident = Incident.objects.create(opened_by=by, **told)
    record("incident.opened", f"incident {incident.pk}", by=by.subject, at=now)
    return incident


@transaction.atomic
def send_word(incident: Incident, word: Word, *, by: User, now: datetime) -> None:
    """Write that a word of an incident was sent, each once and in order. Raises NotAllowed."""
    by.require("incident.keep")
    held = Incident.objects.select_for_update().get(pk=incident.pk)
    if held.next_word() is not word:
        raise NotAllowed("This word was sent, or another comes first: reload the page.")
    setattr(held, f"{word.value}_at", now)
    held.save(update_fields=[f"{word.value}_at"])
    record(f"incident.{word.value}", f"incident {held.pk}", by=by.subject, at=now)
