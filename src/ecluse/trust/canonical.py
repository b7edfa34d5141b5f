"""Canonical JSON: one value, one spelling, so that a digest or a signature means the content.

The spelling is a subset of RFC 8785 (JSON Canonicalization Scheme): keys sorted by their UTF-16
code units, no space, UTF-8, and of numbers only the integers that every JSON reader holds exactly.
"""

import hashlib
import json
from pathlib import Path
from typing import Final

from ecluse.domain.codec import JSON
from ecluse.domain.errors import Malformed

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 64


def encode(value: object) -> bytes:
    """Return the only canonical spelling of `value`, made of None, bool, int, str, list and dict.

    Raises:
        Malformed: a float, an integer beyond ±(2^53-1), a key that is not text, or other types.
    """
    text = json.dumps(_ordered(value, depth=0), ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("A text holds half a character (a lone surrogate): correct it.") from error


def decode(data: bytes) -> JSON:
    """Return the value that `data` spells, when `data` is its canonical spelling.

    Raises:
        Malformed: not JSON, a key given twice, a number with a fraction, or another spelling
            (spaces, order of keys, escapes) of the same value.
    """
    try:
        value: JSON = json.loads(
            data.decode(),
            object_pairs_hook=_unique,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"This is not JSON text of at most {MAX_DEPTH} levels: {error}.") from error
    if encode(value) != data:
        raise Malformed(
            "This JSON is not spelled canonically (sorted keys, no space, UTF-8): "
            "ask the sender for the original bytes."
        )
    return value


def digest(data: bytes) -> str:
    """Return `sha256:` and the 64 hexadecimal characters that name these bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def digest_file(path: Path) -> str:
    """Return the digest of the bytes of a file, read in pieces."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _ordered(value: object, *, depth: int) -> JSON:
    if depth > MAX_DEPTH:
        raise Malformed(f"This value is nested deeper than {MAX_DEPTH} levels: flatten it.")
    # `type(…) is`: a subclass (an enumeration, say) could be spelled otherwise than it compares.
    if value is None or type(value) in (bool, str):
        return value  # type: ignore[return-value]
    if type(value) is int:
        return _integer(value)
    if type(value) is list:
        return [_ordered(item, depth=depth + 1) for item in value]
    if type(value) is dict:
        return _ordered_object(value, depth=depth + 1)
    raise Malformed(f"A {type(value).__name__} has no canonical spelling: use text or integers.")


def _ordered_object(value: dict[object, object], *, depth: int) -> dict[str, JSON]:
    texts = {key: item for key, item in value.items() if type(key) is str}
    if len(texts) != len(value):
        raise Malformed("Every key of an object must be text.")
    keys = sorted(texts, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return {key: _ordered(texts[key], depth=depth) for key in keys}


def _integer(value: int) -> int:
    if abs(value) > MAX_INTEGER:
        raise Malformed(f"An integer lies beyond ±{MAX_INTEGER}: write it as text.")
    return value


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Malformed("An object gives the same key twice: nobody can say which one counts.")
    return value


def _refuse_number(text: str) -> JSON:
    raise Malformed(f"The number {text[:40]} is not an integer: write it as text.")
