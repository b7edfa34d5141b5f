"""Attached files: judged by their bytes, searched for viruses, given back as files alone."""

import io
import stat
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from ecluse.domain.errors import NotFound
from ecluse.domain.forms import FileType
from ecluse.portal.applications import actions, versions
from ecluse.portal.applications.models import Application
from ecluse.portal.drafts import actions as around
from ecluse.portal.drafts import sniffing
from ecluse.portal.drafts.models import Attachment, Scan
from ecluse.portal.mailbox import blobs
from ecluse.trust import canonical
from tests.unit.portal.applications.road import NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

NUMBER = "2026-00001"
STEP = f"/drafts/{NUMBER}/step/notes/"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
VIRUS = b"%PDF-1.7\nVIRUS-FOR-TESTS\n%%EOF\n"


def packed(**members: str) -> bytes:
    """A ZIP archive of these members; `__` in a name stands for `/`, `_dot_` for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return buffer.getvalue()


def office(main: str, **others: str) -> bytes:
    """An office document: the list of types, and its main part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<x/>")
        for name, text in others.items():
            archive.writestr(name.replace("_dot_", ".").replace("__", "/"), text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileType.PDF),
        (office("word/document.xml"), FileType.DOCX),
        (office("xl/workbook.xml"), FileType.XLSX),
        (b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82", FileType.PNG),
        (b"\xff\xd8\xff\xe0....\xff\xd9", FileType.JPEG),
        ("nom;âge\nA;3\n".encode(), FileType.CSV),
        (packed(a_dot_txt="text"), FileType.ZIP),
        (office("word/document.xml", word__vbaProject_dot_bin="x"), None),
        (b"MZ\x90\x00", None),
        (b"<html><script>alert(1)</script></html>", None),
        (b"#!/bin/sh\nrm -rf /\n", None),
        (b"\x7fELF\x02", None),
        (b"PK\x03\x04 broken", None),
        (b"<html></html>\n%PDF-1.7\n%%EOF", None),
        (b"", None),
        (b"   \n", None),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: FileType | None) -> None:
    assert sniffing.type_of(content) is kind


def test_an_archive_that_unpacks_to_an_absurd_size_is_nothing() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", bytes(201 * 1024 * 1024))

    assert sniffing.type_of(buffer.getvalue()) is None


@pytest.mark.parametrize(
    ("name", "neutral"),
    [
        ("protocole.pdf", "protocole.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\plan.docx", "plan.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "a_Set-Cookie_ b.pdf"),
        ("évaluation éthique (2).exe", "évaluation éthique (2).pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "document.pdf"),
        ("x" * 300, "x" * 100 + ".pdf"),
    ],
)
def test_a_name_is_neutral(name: str, neutral: str) -> None:
    assert sniffing.neutral_name(name, FileType.PDF) == neutral


@pytest.fixture
def scanner(tmp_path: Path, settings: Settings) -> Path:
    """A search for viruses as a site sets one: a command that ends with 0, 1 or 2."""
    script = tmp_path / "scanner"
    script.write_text('#!/bin/sh\nif grep -q VIRUS-FOR-TESTS "$1"; then exit 1; fi\nexit 0\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    settings.ECLUSE_SCAN = str(script)
    return script


@pytest.fixture
def camille(road: Road, client: Client) -> Client:
    """Camille's browser, a draft of the form that takes files."""
    actions.start(road.dataset, by=road.camille, now=NOW)
    Application.objects.filter(number=NUMBER).update(form_version=2)
    client.force_login(road.camille)
    return client


def send(client: Client, content: bytes = PDF, name: str = "notes.pdf") -> int:
    upload = SimpleUploadedFile(name, content, content_type="application/pdf")
    return client.post(STEP, {"notes_files": upload, "stay": "1"}).status_code


def attached() -> list[str]:
    answer = Application.objects.get(number=NUMBER).answers.get("notes_files")
    return [item["name"] for item in answer or []]


def address() -> str:
    digest = Attachment.objects.get().digest
    return f"/drafts/{NUMBER}/files/{digest.removeprefix('sha256:')}/"


def test_a_file_is_attached_and_given_back_as_a_file(camille: Client, scanner: Path) -> None:
    send(camille)

    answer = camille.get(address())

    assert attached() == ["notes.pdf"]
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="notes.pdf"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_several_files_stand_beside_one_another(camille: Client, scanner: Path) -> None:
    send(camille)
    send(camille, PDF + b"\n%%EOF\n", "second.pdf")

    assert attached() == ["notes.pdf", "second.pdf"]


def test_the_same_bytes_sent_twice_are_one_file(camille: Client, scanner: Path) -> None:
    send(camille)
    send(camille)

    assert attached() == ["notes.pdf"]


def test_an_infected_file_is_refused_and_not_kept(camille: Client, scanner: Path) -> None:
    status = send(camille, VIRUS)

    assert status == 422
    assert attached() == []
    assert not Attachment.objects.exists()
    with pytest.raises(NotFound):
        blobs.find(canonical.digest(VIRUS))


def test_a_type_that_the_question_does_not_take_is_refused(camille: Client, scanner: Path) -> None:
    assert send(camille, b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82", "image.pdf") == 422
    assert attached() == []


def test_an_archive_is_refused_where_it_is_not_asked(camille: Client, scanner: Path) -> None:
    assert send(camille, packed(a_dot_txt="text"), "notes.pdf") == 422


def test_a_file_too_heavy_is_refused(camille: Client, scanner: Path) -> None:
    heavy = PDF[:-7] + b" " * (5 * 1024 * 1024) + b"%%EOF\n"

    assert send(camille, heavy) == 422


def test_a_file_is_taken_away(camille: Client, scanner: Path) -> None:
    send(camille)
    digest = Attachment.objects.get().digest

    camille.post(STEP, {"notes_files_0": digest, "stay": "1"})

    assert attached() == []
    assert camille.get(address()).status_code == 404


def test_a_step_that_saves_itself_keeps_the_files(camille: Client, scanner: Path) -> None:
    send(camille)

    camille.post(f"{STEP}save/", {"notes": "Une remarque."})

    assert attached() == ["notes.pdf"]


def test_somebody_else_opens_nothing(camille: Client, scanner: Path, road: Road) -> None:
    send(camille)
    camille.force_login(road.stranger)
    assert camille.get(address()).status_code == 404
    camille.force_login(road.assessor)

    assert camille.get(address()).status_code == 404


def submitted_with_file(road: Road, *, scan: Scan) -> Application:
    """A submitted file whose answers name an attachment that nobody searched, or somebody did."""
    application = road.draft()
    field = versions.load("data-access-application", 2).field("notes_files")
    item = around.attach(NUMBER, field, ("notes.pdf", PDF), by=road.camille, now=NOW)
    Attachment.objects.update(scan=scan)
    Application.objects.filter(pk=application.pk).update(
        answers={**application.answers, "notes_files": [item]}
    )
    application.refresh_from_db()
    return actions.submit(application, by=road.camille, now=NOW)


def test_an_officer_opens_what_was_searched(road: Road, client: Client, scanner: Path) -> None:
    submitted_with_file(road, scan=Scan.CLEAN)
    client.force_login(road.assessor)

    assert client.get(address()).status_code == 200


def test_an_officer_waits_for_what_was_not_searched(road: Road, client: Client) -> None:
    submitted_with_file(road, scan=Scan.PENDING)
    client.force_login(road.assessor)

    assert client.get(address()).status_code == 403
    client.force_login(road.camille)
    assert client.get(address()).status_code == 200


def test_where_nothing_is_searched_officers_open_files_and_pages_say_so(
    road: Road, client: Client, settings: Settings
) -> None:
    settings.ECLUSE_SCAN = "off"
    submitted_with_file(road, scan=Scan.OFF)
    client.force_login(road.assessor)
    assert client.get(address()).status_code == 200
    actions.start(road.dataset, by=road.camille, now=NOW)
    Application.objects.filter(number="2026-00002").update(form_version=2)
    client.force_login(road.camille)

    page = client.get("/drafts/2026-00002/step/notes/").content.decode()

    assert "ne sont pas analysés par un antivirus" in page


def test_the_team_reads_what_is_attached_as_links(camille: Client, scanner: Path) -> None:
    send(camille)

    page = camille.get(f"/drafts/{NUMBER}/").content.decode()

    assert f'<a href="{address()}">notes.pdf</a>' in page


@pytest.mark.parametrize(
    ("scan", "words"),
    [("pending", "en attente de l’antivirus"), ("off", "non analysé par un antivirus")],
)
def test_a_reader_is_told_that_a_file_was_not_searched(
    camille: Client, scanner: Path, scan: str, words: str
) -> None:
    send(camille)
    Attachment.objects.update(scan=scan)

    assert words in camille.get(f"/drafts/{NUMBER}/").content.decode()


def test_files_that_waited_are_searched_later(road: Road, client: Client, scanner: Path) -> None:
    submitted_with_file(road, scan=Scan.PENDING)

    assert around.scan_pending(now=NOW) == 1
    assert around.scan_pending(now=NOW) == 0
    client.force_login(road.assessor)
    assert client.get(address()).status_code == 200


def test_a_virus_found_later_destroys_the_file_wherever_it_is_attached(
    camille: Client, settings: Settings, scanner: Path
) -> None:
    settings.ECLUSE_SCAN = ""
    send(camille, VIRUS)
    camille.post(STEP, {"notes_files_0": Attachment.objects.get().digest})
    send(camille, VIRUS)
    settings.ECLUSE_SCAN = str(scanner)

    assert around.scan_pending(now=NOW) == 2
    assert {each.scan for each in Attachment.objects.all()} == {"infected"}
    with pytest.raises(NotFound):
        blobs.find(canonical.digest(VIRUS))


def test_a_scanner_that_cannot_say_leaves_the_file_waiting(
    camille: Client, settings: Settings
) -> None:
    settings.ECLUSE_SCAN = "/nowhere/clamdscan"

    send(camille)

    assert Attachment.objects.get().scan == Scan.PENDING
