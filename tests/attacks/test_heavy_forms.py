"""Forms too heavy to be read: refused before a byte of them is on the disk."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from tests.sites import Signers
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]

ADDRESSES = ["/accounts/sign-in/", "/citizens/desk/", "/enclaves/FR-2026-0001/submit/"]


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


STEP = "/drafts/2026-00001/step/sources/"


@pytest.fixture
def camille(road: Road, client: Client) -> Client:
    """Camille's browser, a draft of a form whose parts repeat."""
    actions.start(road.dataset, by=road.camille, now=NOW)
    Application.objects.update(form_version=2)
    client.force_login(road.camille)
    return client


@pytest.mark.parametrize("count", ["999999999999", "-1", "1e9", "²", "", "٣", "31"])
def test_a_part_is_not_repeated_without_end(camille: Client, at_now: None, count: str) -> None:
    camille.post(STEP, {"sources_0": count, "stay": "add:sources"})

    kept = Application.objects.get().answers["sources"]
    assert len(kept) <= 30


@pytest.mark.parametrize(
    "stay", ["add:nothing", "remove:sources:0", "remove:sources:-1", "remove:sources:x", "add:"]
)
def test_a_button_that_does_not_exist_changes_nothing(
    camille: Client, at_now: None, stay: str
) -> None:
    one = {"sources_0": "1", "sources_1_source_dataset": "SNDS"}

    camille.post(STEP, {**one, "stay": stay})

    kept = Application.objects.get().answers["sources"]
    assert [item["source_dataset"] for item in kept] == ["SNDS"]


@pytest.mark.parametrize("seen", ["", "x", "0" * 32, "0" * 10_000])
def test_a_forged_digest_overwrites_nothing(camille: Client, at_now: None, seen: str) -> None:
    camille.post(STEP, {"sources_0": "1", "sources_1_source_dataset": "SNDS"})

    answer = camille.post(
        STEP, {"sources_0": "1", "sources_1_source_dataset": "Autre", "seen": seen}
    )

    assert answer.status_code == 409
    kept = Application.objects.get().answers["sources"]
    assert [item["source_dataset"] for item in kept] == ["SNDS"]


def test_answers_heavier_than_a_file_may_be_are_refused(camille: Client, at_now: None) -> None:
    heavy = {"sources_0": "1", "sources_1_source_dataset": "é" * 1_200_000}

    assert camille.post(STEP, heavy).status_code == 422
    line = camille.post(f"{STEP}save/", heavy).content.decode()
    assert "pas été enregistré" in line
    kept = Application.objects.get().answers["sources"]
    assert "é" * 100 not in str(kept)
