"""How somebody without Internet exercises a right at the desk, and what the desk must see first."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.optouts import Capacity


class Choice(StrEnum):
    """What a person decides of one right: to be out, or back in."""

    OUT = "out"
    IN = "in"


class Channel(StrEnum):
    """How the person reached the desk."""

    POST = "post"
    TELEPHONE = "telephone"
    COUNTER = "counter"


class ProofKind(StrEnum):
    """What shows who the person is, or that they represent another."""

    IDENTITY_DOCUMENT = "identity-document"
    CALL_BACK = "call-back"
    FAMILY_RECORD = "family-record"
    JUDGMENT = "judgment"
    MANDATE = "mandate"


ENOUGH: Final[Mapping[Capacity, frozenset[ProofKind]]] = {
    Capacity.SELF: frozenset({ProofKind.IDENTITY_DOCUMENT, ProofKind.CALL_BACK}),
    Capacity.CHILD: frozenset({ProofKind.FAMILY_RECORD, ProofKind.JUDGMENT}),
    Capacity.REPRESENTED: frozenset({ProofKind.JUDGMENT, ProofKind.MANDATE}),
}
"""Which proofs are enough in which capacity: a choice of this hub (Code civil art. 371-1, 425,
477 say who represents whom; GDPR art. 12(6) lets the controller ask who one is)."""


def check_proof(capacity: Capacity, proof: ProofKind) -> None:
    """Pass if this proof is enough to act in that capacity. Raises InvalidInput."""
    if proof not in ENOUGH[capacity]:
        known = ", ".join(sorted(ENOUGH[capacity]))
        raise InvalidInput(f"A {proof} does not prove the capacity {capacity}: ask for {known}.")
