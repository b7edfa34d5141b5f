"""Shares of a secret: any `threshold` of them give it back, fewer say nothing of it.

Each byte is the constant of a polynomial drawn at random over GF(2⁸), the field of AES (polynomial
x⁸+x⁴+x³+x+1); the share of number x holds the values at x. What was put together is to be
checked against a digest: shares that do not belong together give another secret, not an error.

Source: Shamir, "How to share a secret" (Communications of the ACM 22, 1979); FIPS 197 section 4
for the field.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.trust.custody.secrets import Secret

MOST: Final = 255
REDUCING: Final = 0x11B
FIELD: Final = 256


def split(secret: bytes, *, threshold: int, count: int) -> dict[int, Secret]:
    """Return `count` shares by their number, from 1. Raises InvalidInput."""
    if not 2 <= threshold <= count <= MOST:  # noqa: PLR2004 — with one, each share is the secret
        raise InvalidInput(f"A threshold of {threshold} among {count}: from 2 to all, {MOST} most.")
    rows = [secret, *(secrets.token_bytes(len(secret)) for _ in range(threshold - 1))]
    return {number: _values(rows, number) for number in range(1, count + 1)}


def combine(shares: Mapping[int, bytes]) -> Secret:
    """Return the secret of at least `threshold` shares by their number. Raises InvalidInput."""
    lengths = {len(share) for share in shares.values()}
    if len(lengths) != 1 or not all(1 <= number <= MOST for number in shares):
        raise InvalidInput("Shares are of one length and numbered from 1: bring those of one set.")
    weights = {number: _weight(number, shares.keys() - {number}) for number in shares}
    made = bytearray(lengths.pop())
    for number, share in shares.items():
        for place, byte in enumerate(share):
            made[place] ^= multiply(byte, weights[number])
    return Secret(made)


def multiply(one: int, other: int) -> int:
    """Return the product of two elements of the field."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = (one << 1) ^ (REDUCING if one & 0x80 else 0)
        other >>= 1
    return product


def invert(element: int) -> int:
    """Return the inverse of an element other than 0: its power 254."""
    power, result = element, 1
    for _ in range(7):
        power = multiply(power, power)
        result = multiply(result, power)
    return result


def _values(rows: list[bytes], at: int) -> Secret:
    values = bytearray(len(rows[0]))
    for row in reversed(rows):
        values = bytearray(
            multiply(value, at) ^ byte for value, byte in zip(values, row, strict=True)
        )
    return Secret(values)


def _weight(number: int, others: set[int]) -> int:
    """Return the value at 0 of Lagrange's polynomial that is 1 at `number` and 0 at `others`."""
    weight = 1
    for other in others:
        weight = multiply(weight, multiply(other, invert(other ^ number)))
    return weight
