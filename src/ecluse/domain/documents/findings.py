"""Significant findings across the gate: what is to be looked for, who is left alone, how many.

None of these documents says about whom: the list of persons never leaves the zone but to a holder,
sealed for it alone. Source: EHDS art. 58(3).
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class WishList:
    """Who wished, at an instant, not to be told: a sealed file that the zone alone opens.

    The file has one identifier a line, as data holders know them, in no order that says anything;
    `file_digest` and `size` (bytes) are of the sealed file, `sealed_key` (base64url) opens it.
    """

    finding_number: str
    as_of: datetime
    file_digest: str
    size: int
    sealed_key: str


@dataclass(frozen=True)
class FindingRecipient:
    """A data holder, and the dataset in which its persons are looked for."""

    holder: str
    dataset: str


@dataclass(frozen=True)
class FindingOrder:
    """Find whom a qualified finding is about, and seal their names for each holder.

    The list is the one that the project left in the zone under the number of the finding; those of
    the wish list are taken out first. `reason` is what both custodians of pseudonyms read before
    they allow the search: why the hub holds the finding significant.
    """

    finding_number: str
    permit_number: str
    permit_digest: str
    wish_list_digest: str
    reason: str
    recipients: tuple[FindingRecipient, ...]

    def __post_init__(self) -> None:
        """Refuse an order to nobody, or that names a recipient twice."""
        if not self.recipients or len(set(self.recipients)) != len(self.recipients):
            raise ValueError("An order names its recipients, each once.")


@dataclass(frozen=True)
class FindingAnswer:
    """What waits in the zone for one holder: the digest of a file that it alone opens."""

    holder: str
    dataset: str
    digest: str


@dataclass(frozen=True)
class FindingReceipt:
    """How the search ended: what waits for each holder, and counts, None where too few to be said.

    `unwilling_count` is told to the hub alone, never to the project.
    """

    finding_number: str
    order_digest: str
    answers: tuple[FindingAnswer, ...]
    to_tell_count: int | None
    unwilling_count: int | None
    not_found_count: int | None
