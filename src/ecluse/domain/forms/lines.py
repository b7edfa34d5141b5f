"""JSON whose objects know the line where they stand, so that a mistake in a form can be found."""

import json
from bisect import bisect_right
from collections.abc import Callable
from json.decoder import JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import cast

from ecluse.domain.codec import JSON
from ecluse.domain.errors import Malformed


class Located(dict[str, JSON]):
    """An object of JSON and the number, from 1, of the line where it opens."""

    line: int = 0


def line_of(json_: object) -> int | None:
    """The line where an object opens, or None for one that was not read from a text."""
    return json_.line if isinstance(json_, Located) else None


def read(text: str) -> JSON:
    """The value that a JSON text writes. Raises Malformed, naming the line."""
    try:
        return cast(JSON, _Decoder(text).decode(text))
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno}: this is not JSON: {error.msg}.") from None
    except RecursionError:
        raise Malformed("line 1: this is not a form: it nests too deep.") from None


class _Decoder(json.JSONDecoder):
    """Python's own decoder, told where each object begins."""

    def __init__(self, text: str) -> None:
        super().__init__(parse_float=_refuse_float, parse_constant=_refuse_float)
        self.starts = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]
        self.parse_object = self._object
        self.scan_once = py_make_scanner(self)

    def _object(
        self,
        at: tuple[str, int],
        strict: bool,  # noqa: FBT001 - Python's decoder calls it so
        scan_once: Callable[[str, int], tuple[JSON, int]],
        *_: object,
    ) -> tuple[Located, int]:
        line = bisect_right(self.starts, at[1])
        pairs: list[tuple[str, JSON]]
        pairs, end = JSONObject(at, strict, scan_once, None, list)
        names = [name for name, _value in pairs]
        if len(names) != len(set(names)):
            raise Malformed(f"line {line}: a member stands twice in the same object.")
        located = Located(pairs)
        located.line = line
        return located, end


def _refuse_float(text: str) -> JSON:
    raise Malformed(f"{text} is no whole number: a form holds none other.")
