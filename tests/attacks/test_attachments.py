"""Files sent to hurt: pages that run, paths, archives that unpack for ever, another’s file."""

import io
import struct
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.drafts import sniffing
from ecluse.portal.drafts.models import Attachment
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]

pytestmark = pytest.mark.usefixtures("at_now")

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
STEP = "/drafts/2026-00001/step/notes/"


@pytest.fixture
def camille(road: Road, client: Client, settings: Settings) -> Client:
    """Camille's browser; two drafts of a form that takes files: hers, and a stranger's."""
    settings.ECLUSE_SCAN = "off"
    actions.start(road.dataset, by=road.camille, now=NOW)
    actions.start(road.dataset, by=road.stranger, now=NOW)
    Application.objects.update(form_version=2)
    client.force_login(road.camille)
    return client


def send(client: Client, content: bytes, name: str = "notes.pdf", step: str = STEP) -> int:
    upload = SimpleUploadedFile(name, content, content_type="application/pdf")
    return client.post(step, {"notes_files": upload, "stay": "1"}).status_code


def bomb() -> bytes:
    """An archive of a hundred members that each announce four gigabytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
        archive.writestr("big", "x")
    data = bytearray(buffer.getvalue())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 0xFFFFFFFE)
    return bytes(data)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>fetch('/drafts/')</script>",
        b"\n\n  <html>%PDF-1.7 %%EOF",
        b"GIF89a<script>",
        b"\x00\x00\x00\x18ftypmp42",
        bomb(),
        b"PK\x03\x04" + b"\xff" * 4000,
        b"PK\x05\x06" + bytes(18),
    ],
)
def test_what_is_no_document_is_refused_whatever_its_name(camille: Client, content: bytes) -> None:
    assert send(camille, content) == 422
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/cron.d/x.pdf",
        "..\\..\\windows\\x.pdf",
        'x.pdf"; filename="evil.html',
        "x\r\nContent-Type: text/html\r\n\r\n<script>.pdf",
        "\u202efdp.exe",
        "con.pdf",
        "-rf.pdf",
        "x" * 5000 + ".pdf",
    ],
)
def test_no_name_travels_as_it_came(name: str) -> None:
    neutral = sniffing.neutral_name(name, sniffing.FileType.PDF)

    assert neutral.endswith(".pdf")
    assert len(neutral) <= 104
    assert not set(neutral) & set('/\\"\r\n<>\u202e;:')
    assert not neutral.startswith(("-", "."))


def test_a_file_is_never_opened_by_the_browser(camille: Client) -> None:
    send(camille, PDF)
    digits = Attachment.objects.get().digest.removeprefix("sha256:")

    answer = camille.get(f"/drafts/2026-00001/files/{digits}/")

    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_digest_opens_nothing_through_another_file(camille: Client, road: Road) -> None:
    send(camille, PDF)
    digits = Attachment.objects.get().digest.removeprefix("sha256:")
    camille.force_login(road.stranger)

    assert camille.get(f"/drafts/2026-00002/files/{digits}/").status_code == 404
    assert camille.get(f"/drafts/2026-00001/files/{digits}/").status_code == 404


def test_an_answer_cannot_name_a_file_that_was_not_sent(camille: Client) -> None:
    forged = '[{"name": "x.pdf", "type": "pdf", "size": 1, "digest": "sha256:' + "a" * 64 + '"}]'

    camille.post(STEP, {"notes_files": forged, "notes": "x"})

    assert Application.objects.get(number="2026-00001").answers["notes_files"] == []


def test_a_file_is_not_sent_to_somebody_elses_draft(camille: Client) -> None:
    assert send(camille, PDF, step="/drafts/2026-00002/step/notes/") == 404
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("digits", ["..", "%2e%2e", "a" * 63, "A" * 64, "0" * 64])
def test_a_digest_that_is_none_is_not_found(camille: Client, digits: str) -> None:
    assert camille.get(f"/drafts/2026-00001/files/{digits}/").status_code == 404


def test_there_is_an_end_to_what_a_question_takes(camille: Client) -> None:
    sent = [send(camille, PDF + b"%%EOF\n" * number) for number in range(1, 7)]

    assert sent == [302, 302, 302, 302, 302, 422]
