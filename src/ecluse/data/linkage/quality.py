"""How good a linkage is, against who is known to be who."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ecluse.data.linkage.records import Matches

SUCCESS: Final = 0.90
"""Share of records linked from which an indirect matching succeeds (causes of death: 93.9 %)."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What a matching did.

    `records` of the first source, `linkable`: those who are in the second. `right` pairs are true.
    Without truth, `linkable` and `right` are None.
    """

    records: int
    linked: int
    ambiguous: int
    linkable: int | None = None
    right: int | None = None

    @property
    def share(self) -> float:
        """Share of records that were linked."""
        return self.linked / self.records if self.records else 0.0

    @property
    def is_success(self) -> bool:
        """Whether at least 90 % of records were linked."""
        return self.share >= SUCCESS

    @property
    def precision(self) -> float | None:
        """Share of pairs that are true."""
        return None if self.right is None or not self.linked else self.right / self.linked

    @property
    def recall(self) -> float | None:
        """Share of true pairs that were found."""
        return None if self.right is None or not self.linkable else self.right / self.linkable


def measure(matches: Matches, *, records: int, truth: Mapping[str, str] | None = None) -> Quality:
    """Return the quality of a matching of `records` records; `truth` has every true pair."""
    linked, ambiguous = len(matches.pairs), len(matches.ambiguous)
    if truth is None:
        return Quality(records, linked, ambiguous)
    right = sum(truth.get(first) == second for first, second in matches.pairs.items())
    return Quality(records, linked, ambiguous, linkable=len(truth), right=right)
