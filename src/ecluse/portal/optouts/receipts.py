"""Receipt numbers: whoever has one finds the declaration again, with the third party's key alone.

A number comes from the declaration by that key: it is stored nowhere, and neither the order of
the register nor a pseudonym says anything of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from ecluse.domain.documents import Basis
from ecluse.domain.errors import NotFound
from ecluse.domain.optouts import Capacity, Cause
from ecluse.portal.audit import identity
from ecluse.portal.optouts.models import OptOut
from ecluse.trust.pseudonyms.national_numbers import NationalKey, load_national_key
from ecluse.trust.zone.settings import ZoneSettings

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No letter or digit that is read as another one: 5 bits each."""
GROUPS, GROUP = 3, 4
PREFIX: Final = "OPP-"
"""How the receipt of an opt-out begins."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a person keeps of a declaration, as the register believes it now."""

    receipt_number: str
    basis: Basis
    capacity: Capacity
    from_at: datetime
    until: datetime | None


def third_party_key() -> NationalKey:
    """Return the trusted third party's key: a file, or a token that `zone.toml` here names.

    Raises:
        SetupIncomplete: there is none.
        InvalidInput: it cannot be used.
    """
    token = ZoneSettings.load(identity.room()).tokens.get("national")
    return load_national_key(identity.key_folder(), token)


def draw_declaration(key: NationalKey) -> tuple[UUID, str]:
    """Return a new declaration and the digest of its receipt, which no other declaration has."""
    while True:
        drawn = uuid4()
        digest = digest_of(number_of(drawn, key), key)
        if not OptOut.objects.filter(receipt_digest=digest).exists():
            return drawn, digest


def receipt_of(row: OptOut, key: NationalKey) -> Receipt:
    """Return the receipt of the declaration that a row belongs to."""
    return Receipt(
        number_of(row.declaration, key),
        Basis(row.basis),
        Capacity(row.capacity),
        row.from_at,
        row.until,
    )


def rows_of(receipt_number: str, key: NationalKey) -> tuple[OptOut, ...]:
    """Return the rows of a receipt that are believed now, never none. Raises NotFound."""
    digest = digest_of(receipt_number.strip().upper(), key)
    rows = tuple(OptOut.objects.believed().filter(receipt_digest=digest).order_by("pk"))
    if not rows:
        raise NotFound(_("Aucune opposition ne porte ce numéro de récépissé : relisez-le."))
    declared = tuple(row for row in rows if row.cause != Cause.CORRECTED.value)
    return declared + tuple(row for row in rows if row not in declared)


def number_of(declaration: UUID, key: NationalKey) -> str:
    """Return the receipt number of a declaration: 60 bits that only the key tells."""
    bits = int.from_bytes(key.derive(f"receipt number\0{declaration}"), "big")
    letters = "".join(LETTERS[(bits >> 5 * place) & 31] for place in range(GROUPS * GROUP))
    groups = (letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
    return f"{PREFIX}{'-'.join(groups)}"


def digest_of(receipt_number: str, key: NationalKey) -> str:
    """Return by what a receipt number is found in the register."""
    return key.derive(f"receipt digest\0{receipt_number}").hex()
