"""Orders of the checking room on what persons bring in a workspace: signed, for the secure zone.

An order names the exact bytes by their digest. It gives no right by itself: the zone still asks its
own signed permit, runs its own checks, and keeps its own policy on who lets what in.
"""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import jwt

from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, Refused
from ecluse.trust import canonical
from ecluse.trust.documents import ALGORITHM
from ecluse.trust.keys import Keyring, SigningKey

TYPE: Final = "ecluse-import"
_JWS: Final = jwt.PyJWS(algorithms=[ALGORITHM])


class Act(StrEnum):
    """What the checking room asks: bring a file to quarantine, let it in, or throw it away."""

    BRING = "bring"
    ADMIT = "admit"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """One act of one person of the checking room on one file.

    `number` is the site's, `held` the quarantine's once it is known; `what` is data or code;
    `columns` are (name, type) as a table announces them.
    """

    number: int
    act: Act
    permit_number: str
    by: str
    name: str
    what: str
    digest: str
    held: str = ""
    columns: tuple[tuple[str, str], ...] = ()


def sign(order: ImportOrder, key: SigningKey) -> str:
    """Return the order as a signed text."""
    told = dataclasses.asdict(order)
    content = told | {"act": order.act.value, "columns": [list(one) for one in order.columns]}
    header = {"kid": key.key_id, "typ": TYPE}
    return _JWS.encode(canonical.encode(content), key.private, ALGORITHM, headers=header)


def verify(text: str, keyring: Keyring) -> ImportOrder:
    """Return a signed order. Raises BadSignature: the checking room did not sign this."""
    try:
        header = jwt.get_unverified_header(text)
        key = keyring.find(str(header.get("kid")))
        told = canonical.decode(_JWS.decode(text, key.verifier(), algorithms=[ALGORITHM]))
    except (jwt.PyJWTError, Refused) as error:
        raise BadSignature("An import order was altered, or signed by nobody here.") from error
    if key.signer is not Signer.CHECKING_ROOM or header.get("typ") != TYPE:
        raise BadSignature("An import order comes from the checking room alone.")
    if not isinstance(told, dict) or key.valid_until is not None:
        raise BadSignature("This is not an import order, or its key was retired.")
    return _read(told)


def _read(told: dict[str, Any]) -> ImportOrder:
    try:
        columns = tuple((str(name), str(kind)) for name, kind in told.pop("columns"))
        return ImportOrder(**told | {"act": Act(told["act"]), "columns": columns})
    except (KeyError, TypeError, ValueError):
        raise BadSignature("An import order has other members than expected.") from None
