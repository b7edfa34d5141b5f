"""`ecluse catalogue evidence`: a file that the portal believes, because the zone signed it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ecluse.cli.quality_evidence import evidence
from ecluse.data.agent import Zone
from ecluse.data.engines import connect
from ecluse.data.quality import store
from ecluse.domain.documents import QualityEvidence, Signer
from ecluse.trust import documents, keys
from tests.unit.data.lakes import publish
from tests.unit.data.quality.examined import ON, PERSONS, registered

app = typer.Typer()
app.command()(evidence)


def test_the_scores_are_signed_by_the_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    signer = keys.create_key(
        Zone(tmp_path / "zone").keys, Signer.AGENT, now=datetime.now(UTC) - timedelta(days=1)
    )
    snapshot = publish(tmp_path / "lake", "data", {"IR_BEN_R": [registered(1)]}, PERSONS)
    with connect(readable=[snapshot.folder]) as connection:
        store(snapshot, connection=connection, on=ON)
    out = tmp_path / "evidence.json"

    ran = CliRunner().invoke(
        app, ["data", "--lake", str(tmp_path / "lake"), "--out", str(out)], catch_exceptions=False
    )

    assert ran.exit_code == 0
    ring = keys.Keyring([signer.public()])
    body = documents.verify(out.read_bytes(), ring, now=datetime.now(UTC)).document.body
    assert isinstance(body, QualityEvidence)
    assert (body.dataset, body.snapshot) == ("data", snapshot.snapshot_id)
