"""What a file is by its first bytes, whatever its name says; a pickle is known without being read.

The opcodes of a pickle are listed by `pickletools`, which calls nothing. Standard library alone.
"""

import pickletools
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.parts import ModelFormat

MOST_BYTES: Final = 512 * 1024 * 1024
HEAD: Final = 4096
_CALLS: Final = frozenset(
    {"GLOBAL", "STACK_GLOBAL", "REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}
)
"""Opcodes by which a pickle reaches for code."""
_OPENING: Final = frozenset({"PROTO", "MARK", "GLOBAL", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"})
_LEAST_OPCODES: Final = 3


class Content(StrEnum):
    """What the bytes of a file are."""

    ARCHIVE = "archive"
    PICKLE = "pickle"
    PARQUET = "parquet"
    PROGRAM = "program"
    OTHER = "other"


def content_of(path: Path) -> Content:
    """Return what a file is, by its bytes."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        return Content.ARCHIVE
    if head.startswith(b"PAR1"):
        return Content.PARQUET
    if head.startswith((b"\x7fELF", b"#!", b"MZ")):
        return Content.PROGRAM
    return Content.PICKLE if is_pickle(head) else Content.OTHER


def is_pickle(head: bytes) -> bool:
    """Whether bytes begin as a pickle, of any protocol; their end may be missing.

    From protocol 2 on, a pickle says so; before, one is known by an opening and a call.
    """
    names: list[str] = []
    try:
        for opcode, _, _ in pickletools.genops(head):
            names.append(opcode.name)
    except ValueError:
        pass  # the head is cut, or these are no opcodes
    if not names or names[0] not in _OPENING:
        return False
    if names[0] == "PROTO":
        return head[1:2] <= b"\x05" and len(names) >= _LEAST_OPCODES
    return len(names) >= _LEAST_OPCODES and not _CALLS.isdisjoint(names)


def check_content(path: Path, format_: ModelFormat) -> None:
    """Pass if a file may be a model of that format. Raises InvalidInput: what it is instead."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InvalidInput(f"The model has {size} bytes, and {MOST_BYTES} may be brought.")
    found = content_of(path)
    if found is Content.PICKLE:
        raise InvalidInput(
            "The model is a pickle, which runs code when it is read: it is not opened. "
            "Write it as ONNX or skops."
        )
    if (found is Content.ARCHIVE) is not (format_ in (ModelFormat.SKOPS, ModelFormat.SERVICE)):
        if format_ is ModelFormat.PREDICTIONS:
            return
        raise InvalidInput(f"The file is no model of format {format_}: it is {found}.")
