"""Forms too heavy to be read: refused before a byte of them is on the disk."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.sites import Signers

ADDRESSES = ["/accounts/sign-in/", "/optouts/declare/", "/enclaves/FR-2026-0001/submit/"]


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python and Django put files that a form sends; its size is kept after removal."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_visitor_cannot_fill_the_disk(signers: Signers, client: Client, disk: Path) -> None:
    heavy = SimpleUploadedFile("heavy.bin", bytes(26 * 1024 * 1024))
    before = disk.stat().st_mtime_ns

    answer = client.post("/accounts/sign-in/", {"email": "a@b.example", "file": heavy})

    assert answer.status_code == 422
    assert "20 Mo" in answer.content.decode()
    assert disk.stat().st_mtime_ns == before


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_form_refuses_a_body_that_is_too_heavy(
    signers: Signers, client: Client, address: str
) -> None:
    answer = client.post(address, bytes(26 * 1024 * 1024), content_type="application/x-any")

    assert answer.status_code == 422


def test_a_light_form_is_read(signers: Signers, client: Client) -> None:
    answer = client.post("/accounts/sign-in/", {"email": "a@b.example", "password": "wrong"})

    assert "n’est pas le bon" in answer.content.decode()
