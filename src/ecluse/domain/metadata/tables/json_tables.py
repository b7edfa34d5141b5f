"""Tables from JSON: Table Schema and Data Package of Frictionless, and CSV on the Web.

Sources: Frictionless Table Schema and Data Package, version 1; W3C, Metadata Vocabulary for Tabular
Data. An address that a file points to is never fetched.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata.tables.drafts import ColumnDraft, TableDraft, said
from ecluse.domain.metadata.tables.texts import stem_and_ending
from ecluse.domain.metadata.values import Text

FRICTIONLESS: Final[Mapping[str, str]] = {
    "integer": "integer",
    "number": "decimal",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "datetime": "dateTime",
    "year": "gYear",
    "yearmonth": "gYearMonth",
    "duration": "duration",
    "object": "json",
    "array": "json",
}
"""The CSVW datatype of each type of Table Schema; any other is text."""
CSVW: Final = frozenset(
    {
        *("string", "boolean", "integer", "decimal", "double", "float", "number", "date", "time"),
        *("dateTime", "dateTimeStamp", "duration", "gYear", "gYearMonth", "gMonthDay", "anyURI"),
        *("base64Binary", "hexBinary", "json", "xml", "html", "language", "long", "int", "short"),
        *("nonNegativeInteger", "positiveInteger", "token", "normalizedString", "Name", "binary"),
        *("any", "datetime", "byte", "dayTimeDuration", "yearMonthDuration", "gDay", "gMonth"),
    }
)
"""The built-in datatypes of CSV on the Web that columns of data have."""
WEB: Final = ("http", "https")

Members = Mapping[str, Any]


def drafts(name: str, content: Any) -> list[TableDraft]:
    """Return the tables that JSON content describes; `name` is that of a schema without one.

    Raises:
        InvalidInput: the content is neither Table Schema, Data Package nor CSV on the Web.
    """
    members = _object(content, "file")
    if "resources" in members:
        return [_resource(each, rank) for rank, each in enumerate(_list(members, "resources"), 1)]
    if "fields" in members:
        return [_schema(name, members, members)]
    if "tables" in members:
        return [_csvw(each, f"table {rank}") for rank, each in enumerate(_list(members, "tables"))]
    if "tableSchema" in members:
        return [_csvw(members, name)]
    raise InvalidInput(
        "The JSON file describes no table: give a Table Schema (`fields`), a data package "
        "(`resources`), metadata of CSV on the Web (`tableSchema`), or a profile made by "
        "`ecluse catalogue profile`."
    )


def _resource(content: Any, rank: int) -> TableDraft:
    members = _object(content, f"resource {rank}")
    name = _words(members, "name") or _stem(_words(members, "path")) or f"resource {rank}"
    return _schema(name, members, _object(members.get("schema"), f"the schema of resource {rank}"))


def _schema(name: str, head: Members, schema: Members) -> TableDraft:
    fields = [_object(each, "a field") for each in _list(schema, "fields")]
    return TableDraft(
        name=_words(head, "name") or name,
        titles=said(_words(head, "title")),
        columns=tuple(
            ColumnDraft(
                name=_words(field, "name"),
                datatype=_of_field(field),
                titles=said(_words(field, "title")),
                descriptions=said(_words(field, "description")),
                meaning=_iri(_words(field, "rdfType")),
            )
            for field in fields
        ),
    )


def _of_field(field: Members) -> str:
    type_, format_ = _words(field, "type"), _words(field, "format")
    if type_ in ("", "string", "any") and format_ in ("uri", "binary"):
        return {"uri": "anyURI", "binary": "base64Binary"}[format_]
    return FRICTIONLESS.get(type_, "string")


def _csvw(content: Any, name: str) -> TableDraft:
    table = _object(content, "a table")
    schema = _object(table.get("tableSchema"), "the schema of a table")
    url = _words(table, "url")
    columns = [_object(each, "a column") for each in _list(schema, "columns")]
    return TableDraft(
        name=_stem(url) or name,
        url=_iri(url),
        titles=tuple(_in_languages(table, "dc:title", "titles", "dcterms:title", "rdfs:label")),
        columns=tuple(
            _csvw_column(column) for column in columns if column.get("virtual") is not True
        ),
    )


def _csvw_column(column: Members) -> ColumnDraft:
    titles = tuple(_in_languages(column, "titles", "dc:title", "dcterms:title"))
    return ColumnDraft(
        name=_words(column, "name") or (titles[0].words if titles else ""),
        datatype=_datatype(column.get("datatype")),
        titles=titles,
        descriptions=tuple(
            _in_languages(column, "dc:description", "dcterms:description", "rdfs:comment")
        ),
        meaning=_iri(_words(column, "propertyUrl")),
    )


def _datatype(written: Any) -> str:
    base = written.get("base", "string") if isinstance(written, dict) else written
    return base if isinstance(base, str) and base in CSVW else "string"


def _in_languages(members: Members, *names: str) -> Iterator[Text]:
    """Yield the texts of the first of these members that is there: words, lists, languages."""
    found = next((members[name] for name in names if name in members), None)
    if isinstance(found, dict) and "@value" in found:
        found = {str(found.get("@language", "")): found["@value"]}
    by_language = found if isinstance(found, dict) else {"": found}
    for language, written in by_language.items():
        for words in written if isinstance(written, list) else [written]:
            if isinstance(words, str):
                yield from said(words, _tag(language))


def _tag(language: str) -> str:
    return language if language.replace("-", "").isalnum() and language != "und" else ""


def _stem(address: str) -> str:
    """Return the name of the file that an address ends with, without its extension."""
    try:
        return stem_and_ending(unquote(urlsplit(address).path))[0]
    except ValueError:
        return ""


def _iri(text: str) -> str | None:
    """Return an address of the web that is written whole, or None."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    is_whole = parts.scheme in WEB and parts.netloc and text.isprintable() and " " not in text
    return text if is_whole and not set(text) & set('<>"{}|\\^`') else None


def _object(content: Any, what: str) -> Members:
    if isinstance(content, str):
        raise InvalidInput(
            f"In the JSON file, {what} is an address: nothing is fetched, write it in the file."
        )
    if not isinstance(content, dict):
        raise InvalidInput(f"In the JSON file, {what} must be an object: mend the file.")
    return content


def _list(members: Members, name: str) -> list[Any]:
    found = members.get(name)
    if not isinstance(found, list) or not found:
        raise InvalidInput(f"In the JSON file, `{name}` must be a list that is not empty.")
    return found


def _words(members: Members, name: str) -> str:
    found = members.get(name, "")
    return found.strip() if isinstance(found, str) else ""
