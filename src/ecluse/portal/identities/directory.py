"""Whose a national number is: asked of the trusted third party, which alone knows.

The third party's directory answers over HTTPS, `ECLUSE_DIRECTORY`: a form with the number, the
civil identity and the capacity (`domain.optouts.Capacity`); JSON `{"agrees": true}` or false.
Without one, a number is only compared with the identity: see `domain.civil_identity.may_bear`.
"""

import re
from typing import Final, Protocol

from django.conf import settings

from ecluse.domain.civil_identity import CivilIdentity, may_bear
from ecluse.domain.errors import Malformed
from ecluse.domain.optouts import Capacity
from ecluse.portal.identities.answers import fetch, members

INVENTED: Final = re.compile(r"[12]\d{4}99000\d{3}")
"""Numbers that no living person has: born abroad, in no country."""


class Directory(Protocol):
    """Who may act for a number; `is_proof` where the answer is that of the third party."""

    is_proof: bool

    def agrees(self, who: CivilIdentity | None, number: str, capacity: Capacity) -> bool:
        """Whether the number is theirs, or that of somebody whom they represent."""


class ThirdParty:
    """The directory of the trusted third party."""

    is_proof = True

    def agrees(self, who: CivilIdentity | None, number: str, capacity: Capacity) -> bool:
        """Ask it. Raises Unreachable, Malformed, SetupIncomplete."""
        if who is None:
            return False
        asked = {
            "number": number,
            "capacity": capacity.value,
            "family_name": who.family_name,
            "given_names": " ".join(who.given_names),
            "birthdate": who.birthdate,
            "gender": "male" if who.is_male else "female",
            "birthplace": who.birthplace,
            "birthcountry": who.birthcountry,
        }
        headers = {"Authorization": f"Bearer {settings.ECLUSE_DIRECTORY_TOKEN}"}
        told = members(fetch("POST", settings.ECLUSE_DIRECTORY, form=asked, headers=headers))
        if not isinstance(told.get("agrees"), bool):
            raise Malformed("The third party's directory answers neither true nor false.")
        return bool(told["agrees"])


class Comparison:
    """No directory: one's own number by what it says of its bearer, that of nobody else."""

    is_proof = False

    def agrees(self, who: CivilIdentity | None, number: str, capacity: Capacity) -> bool:
        """Compare."""
        return who is not None and capacity is Capacity.SELF and may_bear(who, number)


class Invented:
    """A demonstration: its accounts act for the numbers that nobody has."""

    is_proof = True

    def agrees(self, who: CivilIdentity | None, number: str, capacity: Capacity) -> bool:  # noqa: ARG002 - the protocol's
        """Whether nobody has this number."""
        return INVENTED.fullmatch(number) is not None


def directory(*, is_local: bool) -> Directory:
    """Return the directory to ask; `is_local`: for an account that no provider opened."""
    if is_local and settings.ECLUSE_DEMO:
        return Invented()
    return ThirdParty() if settings.ECLUSE_DIRECTORY else Comparison()
