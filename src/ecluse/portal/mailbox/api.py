"""The mailbox over HTTP: the agent of the secure zone comes here; nothing goes to it."""

import json
from collections.abc import Callable, Iterator
from functools import wraps

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ecluse.domain.documents import AGENT
from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, NotFound, Replayed
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.mailbox import actions, blobs
from ecluse.portal.mailbox.models import OutgoingDocument, OutgoingDocumentQuerySet
from ecluse.trust.documents import MAX_BYTES
from ecluse.trust.journal.checkpoints import MAX_CHARACTERS
from ecluse.trust.tokens import Caller, verify_token

PAGE_SIZE = 100
PAGE_BYTES = 2 * MAX_BYTES
CHUNK_BYTES = 64 * 1024
MAX_NUMBER = 2**63 - 1

AgentView = Callable[..., HttpResponseBase]


def agent_only(view: AgentView) -> AgentView:
    """Let in the agent whose token is fresh, signed and never used; tell errors as JSON."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **parameters: str) -> HttpResponseBase:
        try:
            caller = _caller(request)
        except NotAllowed as error:
            return _refuse(error, 401)
        try:
            return view(request, caller, **parameters)
        except Replayed as error:
            return _refuse(error, 409)
        except NotFound as error:
            return _refuse(error, 404)
        except EcluseError as error:
            return _refuse(error, 422)

    return guarded


def _caller(request: HttpRequest) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise NotAllowed("Send `Authorization: Bearer <token>`, signed by the agent's key.")
    now = timezone.now()
    caller = verify_token(token, identity.keyring(), audience=settings.ECLUSE_URL, now=now)
    if caller.agent != AGENT:
        raise NotAllowed(f"This site works with {AGENT} alone.")
    if not actions.use_token(caller, now=now):
        raise NotAllowed("This token was already used: make one per request.")
    return caller


def _refuse(error: EcluseError, status: int) -> JsonResponse:
    response = JsonResponse({"code": error.code, "reason": str(error)}, status=status)
    if status == 401:  # noqa: PLR2004 - RFC 9110: a 401 names its scheme
        response["WWW-Authenticate"] = "Bearer"
    return response


@require_http_methods(["GET", "POST"])
def documents(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Give the documents that wait for the agent, or take one of its documents."""
    return _deliver(request) if request.method == "POST" else _pull(request, caller)


def _pull(request: HttpRequest, caller: Caller) -> JsonResponse:
    text = request.GET.get("after", "0")
    if not text.isascii() or not text.isdigit() or int(text) > MAX_NUMBER:
        raise InvalidInput("`after` is the number of the last document that you have.")
    actions.note_position(int(text), by=caller.agent, now=timezone.now())
    waiting = OutgoingDocument.objects.addressed_to(caller.agent).filter(sequence__gt=int(text))
    return JsonResponse({"documents": list(_page(waiting))})


def _page(waiting: OutgoingDocumentQuerySet) -> Iterator[dict[str, int | str]]:
    """Yield the first documents, in order, as many as one answer may weigh: at least one."""
    total = 0
    rows = waiting.values_list("sequence", "data")[:PAGE_SIZE]
    for sequence, data in rows.iterator(chunk_size=1):
        text = bytes(data).decode()
        total += len(text)
        if total > PAGE_BYTES and total != len(text):
            return
        yield {"sequence": sequence, "data": text}


def _deliver(request: HttpRequest) -> JsonResponse:
    data = request.read(MAX_BYTES + 1)
    verified = actions.receive(data, now=timezone.now())
    return JsonResponse({"digest": verified.digest}, status=201)


@require_http_methods(["GET", "PUT"])
def blob(request: HttpRequest, caller: Caller, digits: str) -> HttpResponseBase:
    """Give a file that a sent document offers, or take one that a received document lists."""
    digest = f"sha256:{digits}"
    if request.method == "PUT":
        blobs.take(digest, _chunks(request))
        return JsonResponse({"digest": digest}, status=201)
    file = blobs.find_for(digest, caller.agent).open("rb")
    return FileResponse(file, content_type="application/octet-stream")


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(CHUNK_BYTES):
        yield chunk


@require_POST
def checkpoints(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Witness the agent's journal, and give it this site's last checkpoint to witness."""
    try:
        note = json.loads(request.read(2 * MAX_CHARACTERS))["checkpoint"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput('Send {"checkpoint": "<signed note>"}.') from error
    audit.witness(str(note), by=caller.agent, at=timezone.now())
    return JsonResponse({"checkpoint": audit.checkpoint()})
