"""One 64-bit number for the event that a row belongs to: a claim, a stay.

Our own arithmetic, so that a key means the same for ever, whatever the version of the engine:

    words       each column gives two 64-bit words, low and high:
                a number or a date (days since 1970-01-01): its value + 2^63, and 0;
                a text of at most 16 bytes: the number that its UTF-8 bytes spell, the first byte
                the most significant, cut in two; a longer one: the number that its MD5 spells, the
                first byte the least significant, cut in two;
                nothing: 2^64 - 1, and 0
    total       sum over the words of word x multiplier, exact: it fits in 128 bits
    mixed       (total mod 2^64) x multiplier + (total div 2^64) x multiplier
    event key   (mixed mod 2^64) xor (mixed div 2^64)

`multiplier(n)` is odd and of 59 bits, drawn from SHA-256; column i uses 2i and 2i + 1, the mix 32
and 33. `of` computes the same in Python. Two events may share a key (once in about 400 slices of
300 million claims): a load finds it and forgets the key of both, see `slices`.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.schemas import Column
from ecluse.domain.errors import InvalidInput

EVENT_KEY: Final = "event_key"
WORD: Final = (1 << 64) - 1
HALF: Final = 1 << 63
SHORT: Final = 16
MOST_COLUMNS: Final = 16
EPOCH: Final = date(1970, 1, 1)

Expression = Callable[[Sequence[Column]], str]
"""Gives the SQL expression of the key that the columns make."""


def multiplier(number: int) -> int:
    """Return an odd number of at most 59 bits: 32 products with 64-bit words fit in 128 bits."""
    drawn = hashlib.sha256(f"ecluse event key {number}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") >> 5 | 1


LOW_MIX: Final = multiplier(2 * MOST_COLUMNS)
HIGH_MIX: Final = multiplier(2 * MOST_COLUMNS + 1)


def expression(columns: Sequence[Column]) -> str:
    """Return the SQL expression, a UBIGINT, of the key that `columns` make.

    Raises:
        InvalidInput: no column, more than 16, or one that holds fractions.
    """
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise InvalidInput(f"An event key is made of 1 to {MOST_COLUMNS} columns.")
    words = [word for column in columns for word in _words(column)]
    terms = [
        f"{word} * {multiplier(number)}::UHUGEINT" for number, word in enumerate(words) if word
    ]
    total = f"({' + '.join(terms)})"
    word = f"{WORD}::UHUGEINT"
    mixed = f"(({total} & {word}) * {LOW_MIX}::UHUGEINT + ({total} >> 64) * {HIGH_MIX}::UHUGEINT)"
    return f"xor({mixed} & {word}, {mixed} >> 64)::UBIGINT"


def of(values: Sequence[int | date | str | None]) -> int:
    """Return the key that the values of an event's columns make, in plain Python."""
    words = [word for value in values for word in _plain_words(value)]
    total = sum(word * multiplier(number) for number, word in enumerate(words))
    mixed = (total & WORD) * LOW_MIX + (total >> 64) * HIGH_MIX
    return (mixed & WORD) ^ (mixed >> 64)


def _words(column: Column) -> tuple[str, str]:
    name = quoted(column.name)
    if column.type in {"integer", "bigint", "year"}:
        return _offset(name), ""
    if column.type == "date":
        return _offset(f"({name} - DATE '1970-01-01')"), ""
    if column.type in {"text", "yearmonth"}:
        short = f"strlen({name}) BETWEEN 1 AND {SHORT}"
        spelt = (
            f"CASE WHEN {short} THEN (encode({name})::BIT)::UHUGEINT "
            f"WHEN {name} = '' THEN 0::UHUGEINT ELSE md5_number({name}) END"
        )
        word = f"{WORD}::UHUGEINT"
        return f"coalesce({spelt} & {word}, {word})", f"coalesce({spelt} >> 64, 0::UHUGEINT)"
    raise InvalidInput(f"{column.name} cannot be part of an event key: it is a {column.type}.")


def _offset(number: str) -> str:
    return f"coalesce(({number}::HUGEINT + {HALF}::HUGEINT)::UHUGEINT, {WORD}::UHUGEINT)"


def _plain_words(value: int | date | str | None) -> tuple[int, int]:
    if value is None:
        return WORD, 0
    if isinstance(value, date):
        return (value - EPOCH).days + HALF, 0
    if isinstance(value, int):
        return value + HALF, 0
    data = value.encode()
    number = (
        int.from_bytes(data, "big")
        if len(data) <= SHORT
        # An identifier, not a proof: collisions are looked for after each load.
        else int.from_bytes(hashlib.md5(data, usedforsecurity=False).digest(), "little")
    )
    return number & WORD, number >> 64
