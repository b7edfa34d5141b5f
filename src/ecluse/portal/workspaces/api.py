"""What the server of the workspaces tells this site each second, and what it is answered."""

import json

from django.http import FileResponse, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.api import agent_only
from ecluse.portal.workspaces import actions, import_actions
from ecluse.trust.import_orders import Act
from ecluse.trust.tokens import Caller

MAX_BYTES = 4 << 20
MAX_BUNDLE_BYTES = 20 << 20
MAX_REASON_CHARACTERS = 500


@agent_only
@require_POST
def report(request: HttpRequest, _caller: Caller) -> JsonResponse:
    """Take who is where; give what to close."""
    try:
        told = json.loads(request.read(MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise InvalidInput("Send a JSON object.") from error
    return JsonResponse(actions.receive_report(actions.read_report(told), now=timezone.now()))


@agent_only
@require_http_methods(["PUT"])
def bundle(request: HttpRequest, _caller: Caller, number: int) -> JsonResponse:
    """Take what a workspace proposes to take out."""
    data = request.read(MAX_BUNDLE_BYTES + 1)
    if len(data) > MAX_BUNDLE_BYTES:
        raise InvalidInput(f"At most {MAX_BUNDLE_BYTES} bytes are proposed at once.")
    actions.receive_bundle(number, data, now=timezone.now())
    return JsonResponse({"number": number}, status=201)


@agent_only
@require_http_methods(["PUT"])
def failure(request: HttpRequest, _caller: Caller, number: int) -> JsonResponse:
    """Take why a workspace proposes nothing."""
    reason = request.read(MAX_BYTES).decode(errors="replace")[:MAX_REASON_CHARACTERS]
    actions.receive_failure(number, reason or "?")
    return JsonResponse({"number": number}, status=201)


@agent_only
@require_safe
def import_content(_request: HttpRequest, _caller: Caller, number: int) -> FileResponse:
    """Give a file that a person uploaded, until it was checked."""
    path = blobs.find(import_actions.content(number).digest)
    return FileResponse(path.open("rb"), content_type="application/octet-stream")


@agent_only
@require_http_methods(["PUT"])
def import_done(request: HttpRequest, _caller: Caller, number: int, act: str) -> JsonResponse:
    """Take what became of an order on a file."""
    if act not in {one.value for one in Act}:
        raise NotFound(f"Nothing is called {act} here.")
    try:
        told = json.loads(request.read(MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise InvalidInput("Send a JSON object.") from error
    import_actions.receive(number, Act(act), told, now=timezone.now())
    return JsonResponse({"number": number}, status=201)
