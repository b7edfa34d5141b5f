"""The English of the pages: one command collects the French texts, merges, checks and compiles.

    .venv/bin/python -m ecluse.portal.site.translations

It reads every template and module of the portal, keeps the translations that exist, drops those
whose text is gone, lists what lacks English, and compiles. Needs Babel (development only).
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PORTAL = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "locale" / "en" / "LC_MESSAGES"
WRITTEN = FOLDER / "django.po"
COMPILED = FOLDER / "django.mo"

_JINJA2 = "jinja2.ext:babel_extract"
_METHODS = [
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
    ("**/jinja2/**.html", _JINJA2),
    ("**/themes/**.html", _JINJA2),
]
_OPTIONS = {
    pattern: {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false"}
    for pattern, method in _METHODS
    if method == _JINJA2
}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Written in the headers: a catalogue changes when a text changes, not when a day passes."""


def extracted() -> Catalog:
    """Return every French text of the portal, with the files where it stands."""
    catalog = _catalog()
    found = extract_from_dir(PORTAL, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("Traduction :",))
    for path, _line, text, comments, context in found:
        catalog.add(text, None, [(path, 0)], auto_comments=comments, context=context)
    return catalog


def stored() -> Catalog:
    """Return the catalogue as it was last written; empty if it never was."""
    if not WRITTEN.exists():
        return _catalog()
    with WRITTEN.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def merged(known: Catalog, texts: Catalog) -> Catalog:
    """Return the texts of today with the English already known; what is gone is dropped."""
    known.update(texts, no_fuzzy_matching=True)
    known.obsolete.clear()
    known.creation_date = known.revision_date = _DATE
    return known


def lacking(catalog: Catalog) -> list[Message]:
    """Return the texts without English, and those whose English is only a guess."""
    return [message for message in catalog if message.id and _lacks(message)]


def write(catalog: Catalog) -> None:
    """Write the catalogue for translators, and compiled for the site."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with WRITTEN.open("wb") as file:
        write_po(file, catalog, width=100, sort_by_file=True, include_lineno=False)
    COMPILED.write_bytes(compile_catalog(stored()))


def compile_catalog(catalog: Catalog) -> bytes:
    """Return the form that the site reads."""
    compiled = BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def main() -> int:
    """Collect, merge, compile; say what lacks English. Return 1 if anything does."""
    catalog = merged(stored(), extracted())
    write(catalog)
    missing = lacking(catalog)
    for message in missing:
        places = ", ".join(sorted({path for path, _ in message.locations}))
        sys.stdout.write(f"lacks English: {message.id!r} ({places})\n")
    sys.stdout.write(f"{len(catalog)} texts, {len(missing)} without English: {WRITTEN}\n")
    return 1 if missing else 0


def _catalog() -> Catalog:
    return Catalog(
        locale="en",
        domain="django",
        project="Écluse",
        fuzzy=False,
        header_comment="# The English of Écluse. French is written in the code.",
        creation_date=_DATE,
        revision_date=_DATE,
    )


def _lacks(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return message.fuzzy or not all(texts)


if __name__ == "__main__":
    raise SystemExit(main())
