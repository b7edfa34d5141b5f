"""The commands `ecluse enclave` and `ecluse output`."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli import app

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)


@needs_bubblewrap
def test_the_isolation_of_this_machine_is_proved_in_one_command() -> None:
    done = CliRunner().invoke(app, ["enclave", "check", "--json"])

    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert report["ok"] is True
    assert {"name": "network-ipv4", "ok": True, "detail": "refused"} in report["controls"]


def test_a_machine_without_sandbox_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    done = CliRunner().invoke(app, ["enclave", "check"])

    assert done.exit_code == 51
    assert "bubblewrap is missing" in " ".join(done.stdout.split())


@needs_bubblewrap
def test_an_analysis_is_tried_at_home_with_the_checks_of_the_enclave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "analysis.py").write_text(
        "open('/outputs/a.csv', 'w').write('age,persons\\n0-19,7\\n')"
    )
    command = ["enclave", "run", str(tmp_path / "code"), "--data", str(tmp_path / "data"), "--json"]

    done = CliRunner().invoke(app, command)

    trial = json.loads(done.stdout)
    assert done.exit_code == 1
    assert trial["status"] == "succeeded"
    assert trial["files"][0]["verdict"] == "blocked"


def test_a_file_is_checked_before_it_is_asked_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age,persons\n0-19,50\n")
    (tmp_path / "outputs.toml").write_text('[file."a.csv"]\ncounts = ["persons"]\n')
    declaration = ["--declaration", str(tmp_path / "outputs.toml")]

    done = CliRunner().invoke(app, ["output", "check", str(tmp_path / "a.csv"), *declaration])

    assert done.exit_code == 0
    assert "rien trouvé" in done.stdout
    assert "deux vérificateurs" in done.stdout


def test_a_study_is_told_to_a_cluster_action_by_action(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        '[study]\ntitle = "T"\n[actions.counts]\npython = "counts.py"\n'
    )
    image = "registry.example/ecluse@sha256:" + "a" * 64
    options = ["--project", "FR-2026-0001", "--job", "j1", "--image", image, "--volume", "projects"]

    done = CliRunner().invoke(app, ["enclave", "manifests", str(tmp_path), *options])

    manifests = json.loads(done.stdout)["items"]
    assert [one["kind"] for one in manifests] == [
        *("Namespace", "NetworkPolicy", "ResourceQuota", "ServiceAccount", "Job")
    ]
    assert manifests[-1]["metadata"] == {"name": "j1-counts", "namespace": "ecluse-fr-2026-0001"}
