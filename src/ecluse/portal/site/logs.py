"""Logs without personal data: of an exception, its type and places, never its message.

Nor an address that was asked for, whose path may hold the number of a receipt: its route. With
`ECLUSE_LOGS=json` each event is an object on one line, and each answer is an event.
"""

import json
import logging
import secrets
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

from django.http import HttpRequest, HttpResponse

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
Answer = Callable[[HttpRequest], HttpResponse]

REQUESTS: Final = logging.getLogger("ecluse.requests")
IDENTIFIER: Final = "X-Request-Id"
UNKNOWN: Final = "no such route"


class CodesOnly(logging.Formatter):
    """Writes instant, level, logger and message; an exception by its type and lines of code.

    A database error quotes the row that it met: its message must not reach a log file.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name logging calls
        """Return the line of a record, a request by its route."""
        record.message = _event(record)
        return super().formatMessage(record)

    def formatException(self, ei: Failure) -> str:  # noqa: N802 - the name logging calls
        """Return the type of the exception and where it passed."""
        kind, _, trace = ei
        return "\n".join([kind.__name__ if kind else "?", *_places(trace)])


class ObjectLines(logging.Formatter):
    """Writes the same as a JSON object a line: `at`, `level`, `logger`, `event`.

    Of an answer: `method`, `route`, `status`, `duration_ms`, `request`; of an exception:
    `exception` and `places`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "event": _event(record),
            **getattr(record, "answered", {}),
        }
        if record.exc_info:
            kind, _, trace = record.exc_info
            told["exception"] = kind.__name__ if kind else "?"
            told["places"] = [place.strip() for place in _places(trace)]
        return json.dumps(told, ensure_ascii=False)


def answers_told(answer: Answer) -> Answer:
    """Give each answer a number, and tell of each: how it was asked, how it ended, how long."""

    def told(request: HttpRequest) -> HttpResponse:
        began, number = time.perf_counter(), secrets.token_hex(8)
        response = answer(request)
        response.headers[IDENTIFIER] = number
        answered = {
            "method": request.method,
            "route": _route(request),
            "status": response.status_code,
            "duration_ms": round((time.perf_counter() - began) * 1000, 1),
            "request": number,
        }
        REQUESTS.info("answered", extra={"answered": answered})
        return response

    return told


def _event(record: logging.LogRecord) -> str:
    """Return the message; of what Django says of a request, the route instead of the address."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        return f"{getattr(record, 'status_code', '')} {_route(request)}".strip()
    return record.getMessage()


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match is not None else UNKNOWN


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
