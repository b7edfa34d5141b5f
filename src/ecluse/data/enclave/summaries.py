"""What may be said outside the zone of how an analysis ended.

The text of an error can quote a row, a class can be named after one and an exit code can spell one:
only a known class name, a place in the user's own code and a handful of codes pass.
"""

import builtins
import re
from collections.abc import Sequence
from pathlib import Path

_KNOWN_CODES = frozenset({0, 1, 2})
_SIGNALS = {6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS"}
_SIGNALLED = 128
_TAIL_BYTES = 1 << 16
_FRAME = re.compile(r'^  File "/code/([^"\n]+)", line (\d{1,6})', re.MULTILINE)
_ERROR = re.compile(r"^([A-Za-z_][A-Za-z0-9_.]*)(?::|$)", re.MULTILINE)
_LIBRARY_ERRORS = frozenset(
    f"duckdb.{name}"
    for name in (
        "BinderException",
        "CatalogException",
        "ConversionException",
        "ConstraintException",
        "InvalidInputException",
        "IOException",
        "OutOfMemoryException",
        "OutOfRangeException",
        "ParserException",
        "PermissionException",
    )
) | {"pyarrow.lib.ArrowInvalid", "pyarrow.lib.ArrowKeyError", "numpy.linalg.LinAlgError"}
_OWN_ERRORS = frozenset({"R.Error", "R.SyntaxError"})
"""What our own program says of an error in R."""


def plain_exit_code(code: int) -> int:
    """Return `code` if it is one of a handful, else 1: an exit code could carry a value out."""
    known = code in _KNOWN_CODES or code - _SIGNALLED in _SIGNALS
    return code if known else 1


def summarise(code: int, stderr: Path, *, files: Sequence[str], code_folder: Path) -> str:
    """Return one line: exit code, class of error, file and line of the user's code. No message."""
    if code == 0:
        return "exit code 0"
    if code - _SIGNALLED in _SIGNALS:
        return f"exit code {code}: ended by {_SIGNALS[code - _SIGNALLED]}"
    text = _tail(stderr)
    return " ".join(
        part
        for part in (f"exit code {code}:", _error(text), _place(text, files, code_folder))
        if part
    )


def _tail(stderr: Path) -> str:
    with stderr.open("rb") as file:
        file.seek(max(0, stderr.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace")


def _error(text: str) -> str:
    names = _ERROR.findall(text)
    name = names[-1] if names else ""
    kind = getattr(builtins, name, None)
    is_known = isinstance(kind, type) and issubclass(kind, BaseException)
    short = name.replace("_duckdb.", "duckdb.")
    if is_known or short in _LIBRARY_ERRORS | _OWN_ERRORS:
        return short
    return "an error"


def _place(text: str, files: Sequence[str], code_folder: Path) -> str:
    """Name the last line of the user's own code in the trace, if such a line exists."""
    for name, number in reversed(_FRAME.findall(text)):
        if name in files and int(number) <= _line_count(code_folder / name):
            return f"at {name} line {int(number)}"
    return ""


def _line_count(path: Path) -> int:
    return path.read_bytes().count(b"\n") + 1
