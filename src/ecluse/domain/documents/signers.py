"""Who signs documents, and how a signer hands over to its next key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

AGENT = "agent:zone-1"
PUBLIC_SITE = "site:public"
CHECKING_SITE = "site:checking"
"""The receivers that an audience may name: an agent and the two sites."""


class Signer(StrEnum):
    """Who signs: one key each, one custody each."""

    PORTAL = "portal"
    REGISTER = "register"
    AGENT = "agent"
    CHECKING_ROOM = "checking-room"


@dataclass(frozen=True)
class KeyRotation:
    """The signer's next public key (raw 32 bytes, base64url without padding), signed by the old."""

    signer: Signer
    new_key_id: str
    new_public_key: str
    valid_from: datetime
    retires_key_id: str
