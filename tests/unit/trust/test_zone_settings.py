"""What an operator sets for a zone, and where a PIN may come from."""

from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.trust.custody.pins import Pin
from ecluse.trust.zone.settings import DATA_BYTES, ZoneSettings

TOKEN = '[tokens.first]\nlibrary = "/m.so"\ntoken = "one"\npin = "credential:first-pin"\n'


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
