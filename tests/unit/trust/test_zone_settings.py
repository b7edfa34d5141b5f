"""What an operator sets for a zone, and where a PIN may come from."""

from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.trust.custody.pins import Pin
from ecluse.trust.zone.settings import DATA_BYTES, ClusterSettings, ZoneSettings

TOKEN = '[tokens.first]\nlibrary = "/m.so"\ntoken = "one"\npin = "credential:first-pin"\n'
CLUSTER = f"""
backend = "cluster"
[cluster]
kubectl = ["kubectl", "--context", "zone"]
image = "registry.example/ecluse@sha256:{"a" * 64}"
volume_claim = "projects"
volume = "/srv/projects"
"""


def test_without_a_file_no_key_is_in_a_token(tmp_path: Path) -> None:
    settings = ZoneSettings.load(tmp_path)

    assert (settings.tokens, settings.job_data_bytes) == ({}, DATA_BYTES)


def test_a_token_has_a_library_a_label_and_a_pin_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "zone.toml").write_text(f"job_data_bytes = 1000\n{TOKEN}")

    settings = ZoneSettings.load(tmp_path)

    token = settings.tokens["first"]
    assert (str(token.library), token.label, token.pin.source) == (
        "/m.so",
        "one",
        "credential:first-pin",
    )
    assert settings.job_data_bytes == 1000


def test_where_jobs_run_and_what_projects_may_use_are_set(tmp_path: Path) -> None:
    quotas = "[quotas.projects.FR-2026-0001]\nweekly_hours = 12\n"
    (tmp_path / "zone.toml").write_text(f'policy = "SNDS-noise-2026"\n{CLUSTER}{quotas}')

    settings = ZoneSettings.load(tmp_path)

    assert settings.cluster == ClusterSettings(
        kubectl=("kubectl", "--context", "zone"),
        image="registry.example/ecluse@sha256:" + "a" * 64,
        volume_claim="projects",
        volume=Path("/srv/projects"),
    )
    assert (settings.backend, settings.policy) == ("cluster", "SNDS-noise-2026")
    assert settings.quotas.of("FR-2026-0001").weekly_hours == 12
    assert settings.quotas.of("FR-2026-0002").weekly_hours == 168


@pytest.mark.parametrize(
    "text",
    [
        "tokens = 1",
        "other = 1",
        "job_data_bytes = 0",
        "job_data_bytes = true",
        "[tokens.third]",
        TOKEN.replace('token = "one"', "token = 1"),
        TOKEN.replace("credential:first-pin", "1234"),
        f"{TOKEN}more = 1",
        "= no TOML",
        "policy = 3",
        'backend = "docker"',
        'backend = "cluster"',
        "[cluster]",
        CLUSTER.replace('backend = "cluster"', 'backend = "gvisor"'),
        CLUSTER.replace('["kubectl", "--context", "zone"]', '"kubectl"'),
        CLUSTER.replace('"projects"', "3"),
        f"{CLUSTER}more = 1",
        f"{CLUSTER}runtime_class = 1",
        "[quotas]\nhours = 3",
    ],
)
def test_what_does_not_exist_cannot_be_set(tmp_path: Path, text: str) -> None:
    (tmp_path / "zone.toml").write_text(text)

    with pytest.raises(InvalidInput):
        ZoneSettings.load(tmp_path)


@pytest.mark.parametrize("source", ["1234", "env:PIN", "credential:../pin", "descriptor:x", ""])
def test_a_pin_comes_from_a_credential_or_a_descriptor_alone(source: str) -> None:
    with pytest.raises(InvalidInput, match="nowhere else"):
        Pin(source)


def test_a_credential_that_was_not_given_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    with pytest.raises(SetupIncomplete, match="LoadCredential=zone-pin"):
        Pin("credential:zone-pin").read()


def test_a_descriptor_that_is_not_open_is_named() -> None:
    with pytest.raises(SetupIncomplete, match="descriptor 9999"):
        Pin("descriptor:9999").read()
