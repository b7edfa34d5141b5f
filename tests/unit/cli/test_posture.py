"""`ecluse posture`: a run is signed and kept, told again, given as OSCAL."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import app
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, NotFound
from ecluse.domain.posture import Outcome, expiries, tally
from ecluse.hosting.posture import frameworks, oscal, probes
from ecluse.trust import keys
from tests.sites import KEYS_SINCE
from tests.unit.hosting.posture.sights import AT, BROKEN, SOUND

ENDED = """
[policy]
copies = 1
proved_within_days = 30
countries = ["FR"]
qualifications = []
[hosts.one]
address = "file:///srv/one"
country = "FR"
operator = "Example SAS"
operator_country = "FR"
[[hosts.one.qualifications]]
name = "SecNumCloud"
number = "2020-001"
expires_on = 2020-01-31
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    keys.create_key(tmp_path / "portal" / "keys", Signer.PORTAL, now=KEYS_SINCE)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["posture", *words])


def test_a_run_is_kept_signed_and_told_again(home: Path) -> None:
    first, again = run("probe", "--json"), run("report", "--json")

    found = {one["probe"]: one["outcome"] for one in json.loads(first.stdout)["observations"]}
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert found["secret-files"] == "held"
    assert found["tls-version"] == "unseen"


def test_a_key_that_others_read_breaks_its_probe_and_the_command_says_so(home: Path) -> None:
    (home / "portal" / "keys" / "other.key").touch()
    (home / "portal" / "keys" / "other.key").chmod(0o644)

    ended = run("probe", "--json")

    found = {one["probe"]: one for one in json.loads(ended.stdout)["observations"]}
    assert found["secret-files"]["said"] == "portal/keys/other.key is 0644."
    assert ended.exit_code == 3


def test_a_qualification_that_ended_is_told(home: Path) -> None:
    (home / "hosting").mkdir()
    (home / "hosting" / "hosts.toml").write_text(ENDED)

    ended = run("probe", "--json")

    assert json.loads(ended.stdout)["expiries"][0]["number"] == "2020-001"
    assert ended.exit_code == 3


def test_an_altered_report_is_not_told(home: Path) -> None:
    run("probe")
    kept = home / "portal" / "posture.json"
    kept.write_bytes(kept.read_bytes().replace(b'"unseen"', b'"broken"', 1))

    assert isinstance(run("report").exception, BadSignature)


def test_without_a_key_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))

    assert isinstance(run("probe").exception, NotFound)


def test_a_report_is_written_as_oscal(home: Path, tmp_path: Path) -> None:
    run("probe")
    run("export", str(tmp_path / "out"), "--oscal")

    results = json.loads((tmp_path / "out" / "assessment-results.json").read_text())
    catalogue = json.loads((tmp_path / "out" / "snds-catalog.json").read_text())["catalog"]
    listed = [control["id"] for group in catalogue["groups"] for control in group["controls"]]
    assert len(listed) == 28
    assert results["assessment-results"]["metadata"]["oscal-version"] == "1.1.2"


def test_a_broken_probe_makes_its_controls_not_satisfied_in_oscal() -> None:
    loaded = (frameworks.load("snds"),)
    report = probes.report(BROKEN["journal"], loaded, version="1")

    result = oscal.assessment_results(loaded, report)["assessment-results"]["results"][0]
    states = {f["target"]["target-id"]: f["target"]["status"]["state"] for f in result["findings"]}
    assert states["snds-7.2_smt"] == "not-satisfied"
    assert states["snds-5.3_smt"] == "satisfied"
    assert "snds-8.2_smt" not in states


def test_what_is_counted_as_probed_was_seen() -> None:
    framework = frameworks.load("snds")
    none = tally(framework, {})
    some = tally(framework, {"journal": Outcome.HELD, "second-factor": Outcome.UNSEEN})

    assert (none.controls, none.probed) == (28, 0)
    assert (some.probed, some.broken) == (1, 0)


def test_a_qualification_is_told_sixty_days_before_its_end() -> None:
    ends = [("one", "HDS", "1", date(2026, 3, 2)), ("two", "HDS", "2", date(2026, 3, 3))]

    told = expiries(ends, today=date(2026, 1, 1))

    assert [(one.host, one.days_left) for one in told] == [("one", 60)]


def test_the_same_run_gives_the_same_bytes() -> None:
    loaded = frameworks.load_all()
    report = probes.report(SOUND, loaded, version="1")

    assert report.at == AT
    assert oscal.documents(loaded, report) == oscal.documents(loaded, report)
