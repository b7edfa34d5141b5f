"""What a file is, told by its bytes: its name and what a browser says of it prove nothing."""

import io
import re
import unicodedata
import zipfile

from ecluse.domain.forms import FileType

MOST_MEMBERS = 4000
LARGEST_UNPACKED = 200 * 1024 * 1024
LONGEST_NAME = 100
MACROS = "vbaproject.bin"
MARKS = {
    "word/document.xml": FileType.DOCX,
    "xl/workbook.xml": FileType.XLSX,
}
ODT = b"application/vnd.oasis.opendocument.text"


def type_of(content: bytes) -> FileType | None:
    """Return what these bytes are, or None for what nobody may attach.

    A document with macros is nothing here; nor is an archive that unpacks to an absurd size.
    """
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return FileType.PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content.rstrip(b"\0").endswith(
        b"IEND\xaeB`\x82"
    ):
        return FileType.PNG
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-32:]:
        return FileType.JPEG
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    return FileType.CSV if _is_text(content) else None


def _packed(content: bytes) -> FileType | None:
    """Read the list of an archive, never its members: nothing is unpacked here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                return None
            if sum(member.file_size for member in members) > LARGEST_UNPACKED:
                return None
            return _kind_of({member.filename for member in members}, content)
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return None


def _kind_of(names: set[str], content: bytes) -> FileType | None:
    if any(name.lower().endswith(MACROS) for name in names):
        return None
    if "[Content_Types].xml" in names:
        return next((kind for mark, kind in MARKS.items() if mark in names), None)
    if ODT in content[:200]:
        return FileType.ODT
    return FileType.ZIP


def _is_text(content: bytes) -> bool:
    """Whether it is text that a table could be: no markup, no script, no control character."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    has_controls = any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in text)
    first = text.lstrip()[:1]
    return bool(text.strip()) and not has_controls and first not in {"<", "%", "#", "{"}


def neutral_name(name: str, kind: FileType) -> str:
    """Return a name that no system reads as a path, a command or another type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    kept = re.sub(r"[^\w ()\-]+", "_", stem).strip(" _-.")[:LONGEST_NAME]
    return f"{kept or 'document'}.{kind.value}"
