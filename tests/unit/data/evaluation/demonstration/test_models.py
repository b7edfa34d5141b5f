"""The risk model of the demonstration: a file, run in the sandbox; or a table, and it is said."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ecluse.data.evaluation.demonstration import country, models, plans, running
from ecluse.data.evaluation.demonstration.cases import Trial
from ecluse.domain.documents import Signer
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.trust import canonical, keys
from tests.attacks.sandboxes import needs_bubblewrap

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
KEYS = (keys.draw_key(Signer.PORTAL, now=NOW), keys.draw_key(Signer.AGENT, now=NOW))


@pytest.fixture(scope="module")
def trial() -> Trial:
    return country.trial(persons=40_000)


def shown(folder: Path, trial: Trial) -> running.Shown:
    return running.show(folder, trial, plans.risk_protocol, keys_of=KEYS, now=NOW)


@needs_bubblewrap
def test_the_risk_model_is_run_as_a_file_that_the_lock_names(tmp_path: Path, trial: Trial) -> None:
    pytest.importorskip("onnx", reason="the extra `evaluation` is not installed")
    pytest.importorskip("onnxruntime", reason="the extra `evaluation` is not installed")

    one = shown(tmp_path / "diabetes", trial)

    assert one.taken == ""
    assert one.protocol.index_test.format is ModelFormat.ONNX
    assert one.report.run.backend.startswith("onnxruntime")
    assert one.report.digests.model == canonical.digest_file(one.folder / "model.onnx")
    assert one.verification.passed
    answered = pq.read_table(one.folder / "predictions.parquet")["prediction"].to_numpy()
    # Single precision, then four decimals: one unit of the last.
    assert np.abs(answered - trial.predictions).max() <= 1.01e-4
    assert [loss.perturbation for loss in one.report.losses] == ["missing"]


def test_without_the_extra_a_table_is_taken_and_it_is_said(
    tmp_path: Path, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "find_spec", lambda _name: None)

    one = shown(tmp_path / "diabetes", trial)

    assert "the extra `evaluation` is not installed" in one.taken
    assert one.protocol.index_test.format is ModelFormat.PREDICTIONS
    assert one.report.digests.model == canonical.digest_file(one.folder / "predictions.parquet")
    assert one.verification.passed
