"""What a site answers, read without believing it: sizes bounded, statuses told as errors."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import httpx

from ecluse.domain.codec import JSON
from ecluse.domain.errors import (
    EcluseError,
    Malformed,
    NotAllowed,
    NotFound,
    Refused,
    Replayed,
    Unreachable,
)
from ecluse.trust.documents import MAX_BYTES

CHUNK_BYTES: Final = 1 << 20
MAX_ANSWER_BYTES: Final = 8 * MAX_BYTES
"""Of a page of documents, each written again as a JSON text, once unpacked."""


def read_bytes(response: httpx.Response, *, url: str) -> bytes:
    """Return the bytes of an answer, unpacked; a site that was taken over may send any number."""
    pieces, size = [], 0
    for piece in response.iter_bytes(CHUNK_BYTES):
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise Malformed(f"{url} answered more than {MAX_ANSWER_BYTES} bytes: see its log.")
        pieces.append(piece)
    return b"".join(pieces)


def read_object(data: bytes, *, url: str) -> dict[str, JSON]:
    """Return the JSON object of an answer. Raises Malformed."""
    answer = _json_or_none(data)
    if not isinstance(answer, dict):
        raise Malformed(f"{url} did not answer with a JSON object: is it an Écluse site?")
    return answer


def _json_or_none(data: bytes) -> JSON:
    try:
        value: JSON = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value


def raise_for(response: httpx.Response, *, url: str) -> None:
    """Raise what a status means; nothing for a success."""
    if response.is_success:
        return
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Unreachable(f"{url} answered {status}: see that site's log.")
    reason = _reason(read_bytes(response, url=url))
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise _refusal(reason.get("code"))(f"{url} refused: {reason.get('reason', 'no reason')}")
    errors: Mapping[int, type[EcluseError]] = {
        HTTPStatus.CONFLICT: Replayed,
        HTTPStatus.NOT_FOUND: NotFound,
        HTTPStatus.UNAUTHORIZED: NotAllowed,
        HTTPStatus.FORBIDDEN: NotAllowed,
    }
    error = errors.get(status, Malformed)
    raise error(f"{url} answered {status}: {reason.get('reason', response.reason_phrase)}")


def _reason(data: bytes) -> dict[str, JSON]:
    answer = _json_or_none(data)
    return answer if isinstance(answer, dict) else {}


def _refusal(code: JSON) -> type[Refused]:
    """Return the refusal that bears this code, Malformed when there is none."""
    classes = {refusal.code: refusal for refusal in Refused.__subclasses__()}
    return classes.get(code, Malformed) if isinstance(code, str) else Malformed
