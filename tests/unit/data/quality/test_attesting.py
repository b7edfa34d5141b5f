"""What leaves the zone of a quality report: counts of checks, with the digest of the report."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.data.engines import connect
from ecluse.data.quality import json_path, store
from ecluse.data.quality.attesting import evidence
from ecluse.domain.documents import QualityScore
from ecluse.domain.errors import NotFound
from ecluse.trust import canonical
from tests.unit.data.lakes import publish
from tests.unit.data.quality.examined import ON, PERSONS, act, registered

MAY = datetime(2022, 5, 10, tzinfo=UTC).date()


def test_the_scores_of_a_report_are_attested_with_its_digest(tmp_path: Path) -> None:
    acts = [act(1, MAY, key) for key in range(12)]
    tables = {"ER_PRS_F": acts, "IR_BEN_R": [registered(1), registered(2)]}
    snapshot = publish(tmp_path, "data", tables, PERSONS)
    with connect(readable=[snapshot.folder]) as connection:
        report = store(snapshot, connection=connection, on=ON)

    found = evidence(snapshot)

    kept = json_path(snapshot.folder, snapshot.snapshot_id).read_bytes()
    assert found.report_digest == canonical.digest(kept)
    assert (found.dataset, found.snapshot, found.measured_on) == ("data", snapshot.snapshot_id, ON)
    assert found.scores == tuple(
        QualityScore(one.dimension.value, one.checks, one.checks - one.failed - one.warnings)
        for one in report.scores
        if one.checks
    )
    assert {score.dimension for score in found.scores} >= {"completeness", "validity"}


def test_without_a_report_nothing_is_attested(tmp_path: Path) -> None:
    snapshot = publish(tmp_path, "data", {"IR_BEN_R": [registered(1)]}, PERSONS)

    with pytest.raises(NotFound, match="was not measured"):
        evidence(snapshot)
