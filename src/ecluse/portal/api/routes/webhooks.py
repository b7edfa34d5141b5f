"""The webhooks of the caller."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from ecluse.portal.api import paging, reading, shapes
from ecluse.portal.api.access import BearerToken, user_of
from ecluse.portal.api.routes.params import DEFAULT, Cursor, Limit
from ecluse.portal.api.scopes import Scope
from ecluse.portal.webhooks import actions
from ecluse.portal.webhooks.events import EVENTS
from ecluse.portal.webhooks.models import Subscription

router = Router(tags=["webhooks"], auth=BearerToken(Scope.WEBHOOKS))


@router.get("/webhooks", response=shapes.WebhookList)
def webhooks(request: HttpRequest) -> dict[str, Any]:
    """The webhooks of the account: ten at most."""
    kept = Subscription.objects.kept().filter(account=user_of(request)).order_by("-created_at")
    return {"items": [reading.webhook(row) for row in kept]}


@router.get("/webhooks/events", response=list[str])
def events(request: HttpRequest) -> list[str]:  # noqa: ARG001 - given to all
    """Every event that a webhook may be told."""
    return list(EVENTS)


@router.post("/webhooks", response={201: shapes.NewWebhook})
def add(request: HttpRequest, wanted: shapes.WebhookWanted) -> dict[str, Any]:
    """Subscribe an address; the secret that signs its calls is in this answer and no other."""
    by, now = user_of(request), timezone.now()
    made, secret = actions.subscribe(wanted.url, wanted.events, by=by, now=now)
    return {**reading.webhook(made), "secret": secret}


@router.delete("/webhooks/{webhook_id}", response={204: None})
def remove(request: HttpRequest, webhook_id: UUID) -> None:
    """End a subscription; what was sent stays in its log."""
    user = user_of(request)
    actions.remove(actions.find(webhook_id, of=user), by=user, now=timezone.now())


@router.post("/webhooks/{webhook_id}/trial", response=shapes.Attempt)
def try_out(request: HttpRequest, webhook_id: UUID) -> dict[str, Any]:
    """Send a test call now, and say what came of it."""
    found = actions.find(webhook_id, of=user_of(request))
    return shapes.Attempt.from_orm(actions.try_out(found, now=timezone.now())).dict()


@router.post("/webhooks/{webhook_id}/resumption", response=shapes.Webhook)
def resume(request: HttpRequest, webhook_id: UUID) -> dict[str, Any]:
    """Send again to a webhook that paused, first what was given up."""
    user = user_of(request)
    found = actions.find(webhook_id, of=user)
    actions.resume(found, by=user, now=timezone.now())
    found.refresh_from_db()
    return reading.webhook(found)


@router.get("/webhooks/{webhook_id}/deliveries", response=shapes.DeliveryPage)
def deliveries(
    request: HttpRequest, webhook_id: UUID, cursor: Cursor = None, limit: Limit = DEFAULT
) -> dict[str, Any]:
    """What was owed to a webhook, and every attempt to send it."""
    found = actions.find(webhook_id, of=user_of(request))
    rows, following = paging.page_of(
        found.deliveries.select_related("case").prefetch_related("attempts"),
        by=("-pk",),
        cursor=cursor,
        limit=limit,
    )
    return {"items": [reading.delivery(row) for row in rows], "next_cursor": following}
