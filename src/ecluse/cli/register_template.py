"""The template of a data use register (HDR UK, XLSX) read as a form of ours.

Its sheet `Guidance` lists the fields with their definition and what is expected; the lines under a
field that asks to choose are its choices. Where there are none, the sheet `Lookups` has them.
"""

import io
import re
import xml.etree.ElementTree as Xml
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ecluse.cli.question_bank import Names
from ecluse.domain.errors import Malformed
from ecluse.domain.forms import Choice, Field, FormVersion, Kind, Section, Text

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LARGEST = 50 * 1024 * 1024
GUIDANCE, LOOKUPS = "Guidance", "Lookups"
SYNONYMS = {"organisationsector": "organisationtype"}
"""Fields that the list of choices names otherwise."""

LONG = re.compile(r"summary|statement|description|benefit|how|specify", re.IGNORECASE)
Row = Mapping[str, str]
"""The cells of a line by the letters of their column."""


def read_template(content: bytes, *, name: str, title: str, source: str) -> FormVersion:
    """The form that a register template asks, as version 1. Raises Malformed."""
    try:
        sheets = _sheets(content)
        fields = list(_fields(sheets[GUIDANCE], _lookups(sheets.get(LOOKUPS, []))))
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, Xml.ParseError):
        raise Malformed("This is no register template: it has no sheet Guidance.") from None
    if not fields:
        raise Malformed("The sheet Guidance lists no field: this is no register template.")
    sections = []
    for chapter in dict.fromkeys(chapter for chapter, _field in fields):
        own = tuple(each for other, each in fields if other == chapter)
        section_id = "-".join(re.findall(r"[a-z]+", chapter.lower()))
        sections.append(Section(section_id, Text(chapter, chapter), None, own))
    return FormVersion(name, 1, Text(title, title), source, tuple(sections))


@dataclass(slots=True)
class _Asked:
    """A field of the guidance, and the choices listed under it."""

    chapter: str
    label: str
    definition: str
    expected: str
    choices: list[str] = field(default_factory=list)


def _fields(rows: list[Row], lookups: Mapping[str, list[str]]) -> Iterator[tuple[str, Field]]:
    names = Names()
    for asked in _asked(rows):
        label = asked.label.rstrip("* ")
        choices = asked.choices or lookups.get(_key(label), [])
        made = Field(
            id=names.give(label),
            kind=_kind(asked, choices),
            label=Text(label, label),
            article=f"Five Safes – {asked.chapter}",
            help=Text(asked.definition, asked.definition) if asked.definition else None,
            required=asked.label.rstrip().endswith("*"),
        )
        if made.kind is Kind.CHOICE:
            each = (Choice(choice[:200], Text(choice, choice)) for choice in dict.fromkeys(choices))
            made = replace(made, choices=tuple(each))
        yield asked.chapter, made


def _asked(rows: list[Row]) -> Iterator[_Asked]:
    """Yield each field; a line that expects nothing is a choice of the field above it."""
    start = next(i for i, row in enumerate(rows) if row.get("C") == "Field") + 1
    chapter, last = "", None
    for row in rows[start:]:
        chapter = row.get("B", "").strip() or chapter
        if "C" not in row:
            continue
        if row.get("E"):
            if last:
                yield last
            definition = " ".join(row.get("D", "").split())
            last = _Asked(chapter, " ".join(row["C"].split()), definition, row["E"])
        elif last and last.expected.startswith("Select"):
            last.choices.append(" ".join(row["C"].split()))
    if last:
        yield last


def _kind(asked: _Asked, choices: list[str]) -> Kind:
    if asked.expected.startswith("ISO 8601"):
        return Kind.DATE
    if asked.expected.startswith("Select") and choices:
        return Kind.CHOICE
    return Kind.LONG_TEXT if LONG.search(asked.label) else Kind.TEXT


def _lookups(rows: list[Row]) -> dict[str, list[str]]:
    """The choices of each column of the lookups, by the key of its heading."""
    if not rows:
        return {}
    listed = {
        _key(heading): [" ".join(row[column].split()) for row in rows[1:] if column in row]
        for column, heading in rows[0].items()
    }
    return {**listed, **{name: listed.get(other, []) for name, other in SYNONYMS.items()}}


def _key(text: str) -> str:
    return "".join(re.findall(r"[a-z0-9]+", re.sub(r"\(.*?\)", "", text.lower())))


def _sheets(content: bytes) -> dict[str, list[Row]]:
    """The lines of every sheet by its name. A part that unpacks too large is no template."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError("too large")
        texts = [
            "".join(part.text or "" for part in item.iter(f"{MAIN}t"))
            for item in _parsed(archive, "xl/sharedStrings.xml")
        ]
        places = {
            link.attrib["Id"]: link.attrib["Target"]
            for link in _parsed(archive, "xl/_rels/workbook.xml.rels")
        }
        return {
            sheet.attrib["name"]: list(
                _rows(_parsed(archive, f"xl/{places[sheet.attrib[RELATION]]}"), texts)
            )
            for sheet in _parsed(archive, "xl/workbook.xml").iter(f"{MAIN}sheet")
        }


def _parsed(archive: zipfile.ZipFile, name: str) -> Xml.Element:
    return Xml.fromstring(archive.read(name))  # noqa: S314 - the operator's own file; expat stops bombs


def _rows(sheet: Xml.Element, texts: list[str]) -> Iterator[Row]:
    for row in sheet.iter(f"{MAIN}row"):
        cells = {
            re.sub(r"\d", "", cell.attrib["r"]): _cell(cell, value.text or "", texts)
            for cell in row
            if (value := cell.find(f"{MAIN}v")) is not None
        }
        if cells:
            yield cells


def _cell(cell: Xml.Element, value: str, texts: list[str]) -> str:
    return texts[int(value)] if cell.attrib.get("t") == "s" else value
