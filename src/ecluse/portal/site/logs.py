"""Logs without personal data: of an exception, its type and places, never its message."""

import logging
import traceback
from types import TracebackType

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class CodesOnly(logging.Formatter):
    """Writes instant, level, logger and message; an exception by its type and lines of code.

    A database error quotes the row that it met: its message must not reach a log file.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: Failure) -> str:  # noqa: N802 - the name logging calls
        """Return the type of the exception and where it passed."""
        kind, _, trace = ei
        places = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in _frames(trace)]
        return "\n".join([kind.__name__ if kind else "?", *places])


def _frames(trace: TracebackType | None) -> traceback.StackSummary:
    return traceback.extract_tb(trace)
