"""Records written elsewhere: a CHAI card (XML), an ATRS record or a list of devices (CSV).

What is read fills a draft that its provider completes. A file is never asked to fetch anything:
a document type, an entity or an instruction in XML is refused.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat

from ecluse.domain.aisystems.fields import Field
from ecluse.domain.aisystems.systems import Status
from ecluse.domain.errors import InvalidInput
from ecluse.portal.aisystems.actions import Content

LARGEST: Final = 2 * 1024 * 1024
MOST_ROWS: Final = 5_000
DEEPEST: Final = 30
NAMESPACE: Final = "https://mc.chai.org/"
ROOT: Final = "AppliedModelCard"
DEVICE_COLUMNS: Final[Mapping[str, str]] = {
    "device": "trade_name",
    "device name": "trade_name",
    "company": "provider",
    "applicant": "provider",
}
"""Columns of lists of authorised devices, such as that of the FDA, and the fields they fill."""
NOTED: Final = (
    *("submission number", "date of final decision", "final decision date"),
    *("panel (lead)", "panel", "primary product code", "product code"),
)


def read(data: bytes, fields: tuple[Field, ...]) -> tuple[str, tuple[Content, ...]]:
    """The source of a file (`chai`, `atrs`, `devices`) and the records it holds.

    Raises InvalidInput: too large, of none of these shapes, or XML that declares a document type.
    """
    if len(data) > LARGEST:
        raise InvalidInput("The file is larger than 2 MiB: divide it.")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "chai", (_card(data, fields),)
    return _table(data, fields)


def _card(data: bytes, fields: tuple[Field, ...]) -> Content:
    told = _leaves(data)
    texts = {}
    for field in fields:
        parts = [told[path] for path in field.chai if told.get(path)]
        if parts and field.origin == "declared":
            texts[field.key] = "\n\n".join(parts)
    version = told.get("ReleaseInfo/ReleaseVersion")
    if version and "trade_name" in texts:
        texts["trade_name"] = f"{texts['trade_name']} – {version}"
    return Content(texts, {"ai": True}, Status.ON_MARKET)


def _leaves(data: bytes) -> dict[str, str]:
    """The text of each element below the root of a card, by its path. Raises InvalidInput."""
    found: dict[str, list[str]] = {}
    path: list[str] = []

    def begin(name: str, _attributes: object) -> None:
        space, _, local = name.rpartition(" ")
        if not path and (local != ROOT or not space.startswith(NAMESPACE)):
            raise InvalidInput("This XML is no CHAI Applied Model Card: check which file it is.")
        path.append(local)
        if len(path) > DEEPEST:
            raise InvalidInput("This XML is nested deeper than a card is.")

    def text(words: str) -> None:
        found.setdefault("/".join(path[1:]), []).append(words)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _name: path.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own signature: this is the last part
    except expat.ExpatError as error:
        raise InvalidInput(
            f"The XML is not well formed, line {error.lineno}: correct it."
        ) from None
    return {name: cleaned for name, parts in found.items() if (cleaned := _clean("".join(parts)))}


def _refuse(*_said: object) -> int:
    raise InvalidInput("A card declares no document type, entity or instruction: remove it.")


def _clean(text: str) -> str:
    """The words of an element, without the invisible characters that editors leave."""
    return text.replace("\u200b", "").replace("\0", "").strip()


def _table(data: bytes, fields: tuple[Field, ...]) -> tuple[str, tuple[Content, ...]]:
    try:
        text = data.decode("utf-8-sig")
        rows = [row for _, row in zip(range(MOST_ROWS + 1), _rows(text), strict=False)]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput("The file is neither XML nor CSV in UTF-8: save it again.") from None
    if not rows or len(rows) > MOST_ROWS:
        raise InvalidInput(f"A table has between 1 and {MOST_ROWS} rows under its header.")
    columns = set(rows[0])
    if {"attribute", "value"} <= columns:
        return "atrs", (_atrs({row["attribute"]: row["value"] for row in rows}, fields),)
    if "name" in columns and columns & {"description", "organisation", "scope"}:
        return "atrs", tuple(_atrs(row, fields) for row in rows)
    if columns & {"device", "device name"}:
        return "devices", tuple(_device(row) for row in rows)
    raise InvalidInput(
        "The columns are those of no register known here: ATRS (attribute, value; or one column an "
        "attribute), or a list of devices (Device, Company, Submission Number)."
    )


def _rows(text: str) -> Iterator[dict[str, str]]:
    separator = (
        ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    )
    for row in csv.DictReader(io.StringIO(text), delimiter=separator):
        yield {
            str(name).strip().rstrip("*").casefold(): (value or "").strip()
            for name, value in row.items()
            if name is not None and not isinstance(value, list)
        }


def _atrs(told: Mapping[str, str], fields: tuple[Field, ...]) -> Content:
    """One record of the UK standard: its attributes, without the asterisk of repeated ones."""
    said = {name.rstrip("*"): _clean(value) for name, value in told.items()}
    texts = {}
    for field in fields:
        parts = [said[name] for name in field.atrs if said.get(name)]
        if parts and field.origin == "declared":
            texts[field.key] = "\n\n".join(parts)
    texts.setdefault("provider", said.get("organisation", ""))
    phases = {"production": Status.IN_SERVICE, "retired": Status.RETIRED}
    phase = said.get("phase", "").casefold()
    return Content(
        texts, {"ai": True, "public_deployer": True}, phases.get(phase, Status.DEVELOPMENT)
    )


def _device(row: Mapping[str, str]) -> Content:
    texts = {field: _clean(row[name]) for name, field in DEVICE_COLUMNS.items() if row.get(name)}
    noted = [f"{name} : {row[name]}" for name in NOTED if row.get(name)]
    texts["licence_and_source"] = _clean("\n".join(noted))
    return Content(texts, {"ai": True, "medical_purpose": True}, Status.ON_MARKET)
