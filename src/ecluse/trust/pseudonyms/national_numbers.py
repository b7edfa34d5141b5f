"""Pseudonyms of national numbers (NIR), made by the trusted third party alone.

The third party holds the key. It pseudonymises a citizen's number when the citizen opts out, and
the number of each person in a delivery: the two meet without anyone else seeing a number. The
opt-out register and BEN_NIR_ANO must use the same function and the same key.
"""

import hashlib
import hmac
import re
from typing import Final

from ecluse.domain.errors import InvalidInput

SHAPE: Final = re.compile(r"[1-478]\d{4}(?:\d\d|2[AB])\d{6}")
KEY_BYTES: Final = 32
ORDERS, MONTHS, YEARS, SEXES = 1000, 12, 100, 2


def pseudonymise_national_number(number: str, key: bytes) -> str:
    """Return the lifelong pseudonym of a 13-character national number: 64 hexadecimal digits.

    Spaces are ignored; the two digits of the control key must be left out. HMAC-SHA-256: without
    the key, trying every possible number gives nothing.

    Raises:
        InvalidInput: not the shape of a national number, or a key shorter than 32 bytes.
    """
    if len(key) < KEY_BYTES:
        raise InvalidInput(f"The national number key needs {KEY_BYTES} bytes, not {len(key)}.")
    compact = "".join(number.split()).upper()
    if not SHAPE.fullmatch(compact):
        raise InvalidInput(
            "This is not a national number: give its 13 characters, without the control key."
        )
    return hmac.new(key, compact.encode(), hashlib.sha256).hexdigest().upper()


def synthetic_national_number(index: int) -> str:
    """Return the fictitious national number of the synthetic person `index`, from 0.

    Birthplace 99 000: department 99 is "born abroad" and no country has the code 000, so that no
    living person has such a number.

    Raises:
        InvalidInput: no number is left for this index.
    """
    order = index % ORDERS
    month = index // ORDERS % MONTHS
    year = index // (ORDERS * MONTHS) % YEARS
    sex = index // (ORDERS * MONTHS * YEARS)
    if not 0 <= sex < SEXES:
        raise InvalidInput(f"Index {index} is out of range: use 0 to 2,399,999.")
    return f"{sex + 1}{year:02d}{month + 1:02d}99000{order:03d}"
