"""What of a quality report leaves the zone for the label of a dataset: counts of checks."""

from ecluse.data.lake import Snapshot
from ecluse.data.quality.reports import QualityReport
from ecluse.data.quality.storing import stored, written
from ecluse.domain.documents import QualityEvidence, QualityScore
from ecluse.domain.errors import NotFound
from ecluse.trust import canonical


def evidence(snapshot: Snapshot) -> QualityEvidence:
    """Return what the report kept for a snapshot says, with the digest of that report.

    Raises:
        NotFound: its quality was not measured, or by another version of the software.
    """
    report = stored(snapshot.folder, snapshot.snapshot_id)
    if report is None:
        raise NotFound(
            f"The quality of {snapshot.dataset} {snapshot.snapshot_id} was not measured: run "
            f"`ecluse lake quality {snapshot.dataset}`, then retry."
        )
    return QualityEvidence(
        dataset=report.dataset,
        snapshot=report.snapshot,
        model=report.model,
        published_at=report.published_at,
        measured_on=report.measured_on,
        report_digest=canonical.digest(written(report)),
        scores=_scores(report),
    )


def _scores(report: QualityReport) -> tuple[QualityScore, ...]:
    """Return the scores of the dimensions that have checks; a warning is no pass."""
    return tuple(
        QualityScore(
            score.dimension.value, score.checks, score.checks - score.warnings - score.failed
        )
        for score in report.scores
        if score.checks
    )
