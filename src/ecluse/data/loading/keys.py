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

TEXTS: Final = frozenset({"text", "yearmonth"})

KeyOf = Callable[[str, Sequence[Column]], str]
"""Gives the query of the rows of a query with the key that the columns make, first."""


def multiplier(number: int) -> int:
    """Return an odd number of at most 59 bits: 32 products with 64-bit words fit in 128 bits."""
    drawn = hashlib.sha256(f"ecluse event key {number}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") >> 5 | 1


LOW_MIX: Final = multiplier(2 * MOST_COLUMNS)
HIGH_MIX: Final = multiplier(2 * MOST_COLUMNS + 1)


def keyed(source: str, columns: Sequence[Column]) -> str:
    """Return the query of the rows of `source`, a query, with the key that `columns` make.

    The key, a UBIGINT called `event_key`, is the first column.

    Raises:
        InvalidInput: no column, more than 16, or one that holds fractions.
    """
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise InvalidInput(f"An event key is made of 1 to {MOST_COLUMNS} columns.")
    # Step by step: written out in one expression, the total would stand in it four times.
    word = f"{WORD}::UHUGEINT"
    mixed = (
        f"({EVENT_KEY} & {word}) * {LOW_MIX}::UHUGEINT + ({EVENT_KEY} >> 64) * {HIGH_MIX}::UHUGEINT"
    )
    folded = f"xor({EVENT_KEY} & {word}, {EVENT_KEY} >> 64)::UBIGINT"
    query = f"SELECT {_total(columns)} AS {EVENT_KEY}, * FROM ({source})"  # noqa: S608 — names and our own numbers
    for step in (mixed, folded):
        query = f"SELECT * REPLACE ({step} AS {EVENT_KEY}) FROM ({query})"  # noqa: S608 — names and our own numbers
    return query


def of(values: Sequence[int | date | str | None]) -> int:
    """Return the key that the values of an event's columns make, in plain Python."""
    words = [word for value in values for word in _plain_words(value)]
    total = sum(word * multiplier(number) for number, word in enumerate(words))
    mixed = (total & WORD) * LOW_MIX + (total >> 64) * HIGH_MIX
    return (mixed & WORD) ^ (mixed >> 64)


def _total(columns: Sequence[Column]) -> str:
    """Return the sum of words x multipliers; what all numbers have in common is added once."""
    numbers, texts, common = [], [], 0
    for position, column in enumerate(columns):
        low, high = multiplier(2 * position), multiplier(2 * position + 1)
        if column.type in TEXTS:
            spelt = _spelt(quoted(column.name))
            word = f"{WORD}::UHUGEINT"
            texts.append(f"coalesce({spelt} & {word}, {word}) * {low}::UHUGEINT")
            texts.append(f"coalesce({spelt} >> 64, 0::UHUGEINT) * {high}::UHUGEINT")
        else:
            # Nothing is 2^64 - 1, which is 2^63 - 1 above what all numbers have in common.
            numbers.append(f"coalesce({_number(column)}, {HALF - 1})::HUGEINT * {low}::HUGEINT")
            common += HALF * low
    total = " + ".join([*numbers, f"{common}::HUGEINT"])
    return " + ".join([f"({total})::UHUGEINT", *texts])


def _number(column: Column) -> str:
    name = quoted(column.name)
    if column.type == "date":
        return f"({name} - DATE '{EPOCH}')"
    if column.type in {"integer", "bigint", "year"}:
        return f"{name}::BIGINT"
    raise InvalidInput(f"{column.name} cannot be part of an event key: it is a {column.type}.")


def _spelt(name: str) -> str:
    return (
        f"CASE WHEN strlen({name}) BETWEEN 1 AND {SHORT} THEN (encode({name})::BIT)::UHUGEINT "
        f"WHEN {name} = '' THEN 0::UHUGEINT ELSE md5_number({name}) END"
    )


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
