"""Rows as the API v1 gives them. Who may read was asked before: every list begins `visible_to`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from ecluse.domain.answers import problems
from ecluse.domain.clocks.clock import Clock, due_on
from ecluse.domain.machines.files import Item as DomainItem
from ecluse.portal.accounts.models import User
from ecluse.portal.api import duo, shapes
from ecluse.portal.applications import actions as applications
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.reading import answers_shown, language
from ecluse.portal.cases.models import ActRow, CaseRecord, ClockRow, Item, Party
from ecluse.portal.cases.reading import Reader, reader_of, rows_for, why_not
from ecluse.portal.cases.standing import FILE, all_clocks
from ecluse.portal.catalogue.description import to_json
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.webhooks.models import Delivery, Subscription


def dataset(row: Dataset) -> dict[str, Any]:
    """A dataset in both languages, without its snapshot."""
    said = to_json(row, None)
    said.pop("snapshot")
    return {**said, "uses": list(duo.terms_of(row))}


def dataset_detail(row: Dataset) -> dict[str, Any]:
    """A dataset with its last snapshot."""
    return {**to_json(row, row.latest_snapshot()), "uses": list(duo.terms_of(row))}


def file_lines(cases: Sequence[CaseRecord], user: User) -> list[dict[str, Any]]:
    """Files as a list shows them, each with its title as this reader may read it."""
    first = Item.objects.filter(case__in=cases, item_id=FILE)
    states = dict(first.values_list("case_id", "state"))
    named = Party.objects.filter(case__in=cases, subject=user.subject)
    own = Application.objects.filter(item__case__in=named.values("case")).select_related("item")
    drafts = {one.item.case_id: one.title for one in own}
    return [_file_line(case, states[case.pk], drafts.get(case.pk, case.title)) for case in cases]


def _file_line(case: CaseRecord, state: str, title: str) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind": case.kind,
        "title": title,
        "state": state,
        "turn": case.turn,
        "due_on": case.due_on,
        "is_suspended": case.is_suspended,
        "opened_at": case.opened_at,
        "filed_at": case.filed_at,
    }


def file(case: CaseRecord, user: User, *, today: date) -> dict[str, Any]:
    """A whole file for one reader."""
    reader = reader_of(case, user, today=today)
    items = reader.file.items.values()
    (line,) = file_lines([case], user)
    return {
        **line,
        "objects": [_object(item) for item in items],
        "clocks": [_clock(item, clock) for item, clock in all_clocks(items)],
        "acts": [_act(row) for row in _acts(case)],
        "offers": [offer for item in items for offer in _offers(reader, item)],
    }


def _object(item: DomainItem) -> dict[str, Any]:
    return {
        "id": item.item_id,
        "kind": item.kind.value,
        "state": item.state,
        "track": item.track.value,
    }


def _clock(item: DomainItem, clock: Clock) -> dict[str, Any]:
    return {
        "object": item.item_id,
        "rule": clock.rule.rule_id,
        "article": clock.rule.article,
        "started_on": clock.started_on,
        "due_on": due_on(clock),
        "state": _clock_state(clock),
        "suspended_by": clock.suspensions[-1].reason if clock.is_suspended else None,
        "ended_on": clock.completed_on or clock.voided_on,
    }


def _clock_state(clock: Clock) -> str:
    if clock.completed_on is not None:
        return "completed"
    if clock.voided_on is not None:
        return "voided"
    return "suspended" if clock.is_suspended else "running"


def _acts(case: CaseRecord) -> list[ActRow]:
    rows = ActRow.objects.filter(item__case=case).select_related("item")
    return list(rows.order_by("at", "pk"))


def _act(row: ActRow) -> dict[str, Any]:
    return {
        "object": row.item.item_id,
        "action": row.action,
        "by": row.role,
        "at": row.at,
        "state_before": row.before,
        "state_after": row.after,
    }


def _offers(reader: Reader, item: DomainItem) -> list[dict[str, Any]]:
    return [
        {
            "object": item.item_id,
            "action": row.name,
            "why_not": why_not(reader, item.item_id, row.name),
        }
        for row in rows_for(item, reader.actors)
    ]


def deadline(row: ClockRow, *, today: date) -> dict[str, Any]:
    """A running clock that has a due day."""
    return {
        "file": row.item.case.number,
        "object": row.item.item_id,
        "rule": row.rule,
        "article": row.article,
        "started_on": row.started_on,
        "due_on": row.due_on,
        "is_late": row.due_on is not None and row.due_on < today,
    }


def application(found: Application, user: User) -> dict[str, Any]:
    """An application with the answers that this reader may read, and what is wrong with them."""
    form, answers = applications.form_of(found), answers_shown(found, user)
    return {
        "number": found.number,
        "state": found.state,
        "dataset": found.dataset.slug,
        "form": found.form,
        "form_version": found.form_version,
        "answers": answers,
        "problems": [
            {
                "field": one.field,
                "item": one.item,
                "code": one.code,
                "message": one.message.in_language(language()),
            }
            for one in problems(form, answers)
        ],
    }


def permit(record: PermitRecord, *, today: date) -> dict[str, Any]:
    """A permit, with where its signed bytes are."""
    return {
        "number": record.number,
        "application": record.application.number,
        "state": record.state(today=today).value,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
        "granted_at": record.granted_at,
        "revoked_at": record.revoked_at,
        "digest": record.digest,
        "document": reverse("api:permit_document", args=[record.number]),
    }


def webhook(row: Subscription) -> dict[str, Any]:
    """A subscription, without its secret."""
    return {
        "id": row.pk,
        "url": row.url,
        "events": row.events,
        "created_at": row.created_at,
        "paused_at": row.paused_at,
    }


def delivery(row: Delivery) -> dict[str, Any]:
    """A delivery with its attempts, the first first."""
    attempts = sorted(row.attempts.all(), key=lambda one: one.pk)
    return {
        "id": row.event_id,
        "event": row.event,
        "file": row.case.number if row.case else None,
        "state": row.state(),
        "queued_at": row.queued_at,
        "attempts": [shapes.Attempt.from_orm(one) for one in attempts],
    }
