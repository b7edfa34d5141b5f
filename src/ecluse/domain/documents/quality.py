"""What the secure zone attests of the quality of a snapshot: how many checks passed."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class QualityScore:
    """Of one dimension of a quality report, how many checks there are and how many passed."""

    dimension: str
    checks: int
    passed: int


@dataclass(frozen=True)
class QualityEvidence:
    """The scores of a quality report, for the label of a dataset (EHDS art. 60(4), 78).

    `report_digest` is that of the report kept in the zone: whoever verifies asks to see that very
    report. It counts checks, never rows or persons.
    """

    dataset: str
    snapshot: str
    model: str
    published_at: datetime
    measured_on: date
    report_digest: str
    scores: tuple[QualityScore, ...]
