"""A letter on paper: the sheet that is kept, and the tagged PDF that is always the same for it.

WeasyPrint makes the PDF/UA-1 file. Its words, dates and fonts come from the sheet and from one
Debian package, and nothing else is fetched: the same sheet gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import segno
import weasyprint
from django.template.loader import render_to_string
from django.utils import timezone, translation
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from ecluse.domain import codec
from ecluse.domain.errors import SetupIncomplete
from ecluse.portal.cases.letters import LetterText

FONT_PACKAGE: Final = "fonts-liberation"
FONT_FOLDER: Final = Path("/usr/share/fonts/truetype/liberation")
FONTS: Final = {
    ("normal", "normal"): "LiberationSans-Regular.ttf",
    ("bold", "normal"): "LiberationSans-Bold.ttf",
    ("normal", "italic"): "LiberationSans-Italic.ttf",
}
STYLE: Final = Path(__file__).with_name("paper.css")
PICTURES: Final = "data:image/svg+xml"
GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that stands on a letter, in one language.

    `code` is the one by which anybody checks it at `check_address`; `author` and `office` are empty
    for an act of the software.
    """

    language: str
    number: str
    case_number: str
    authority: str
    address: tuple[str, ...]
    contact: str
    city: str
    addressee: tuple[str, ...]
    author: str
    office: str
    text: LetterText
    dated_on: date
    decided_at: datetime
    code: str
    check_address: str


def kept(words: codec.JSON) -> Sheet:
    """The sheet that the database keeps as JSON. Raises Malformed."""
    sheet: Sheet = codec.decode(words, Sheet)
    return sheet


def pdf_of(sheet: Sheet) -> bytes:
    """The letter as PDF/UA-1, not sealed. Raises SetupIncomplete: a font is missing here."""
    return printed(html_of(sheet))


def printed(page: str) -> bytes:
    """A page as PDF/UA-1 in the look of letters, not sealed. Raises as `pdf_of`."""
    fonts = FontConfiguration()
    fetcher = _OnlyOurs(_font_addresses())
    style = weasyprint.CSS(string=_style(), font_config=fonts, url_fetcher=fetcher)
    document = weasyprint.HTML(string=page, url_fetcher=fetcher)
    data: bytes = document.write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=True,
    )
    return data


def html_of(sheet: Sheet) -> str:
    """The letter as the page that the PDF is made of."""
    context = {
        "sheet": sheet,
        "code": grouped(sheet.code),
        "picture": qr_of(sheet.check_address),
        "decided_at": timezone.localtime(sheet.decided_at).isoformat(timespec="seconds"),
    }
    with translation.override(sheet.language):
        return render_to_string("letters/paper.html", context)


def grouped(code: str) -> str:
    """A code in groups of four, to be read and typed."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def qr_of(address: str) -> str:
    """The QR code of an address, as an address of its own."""
    picture: str = segno.make(address, error="m", micro=False).svg_data_uri()
    return picture


def _font_addresses() -> Mapping[str, Path]:
    paths = [FONT_FOLDER / name for name in FONTS.values()]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise SetupIncomplete(f"{missing[0]} is missing: apt-get install {FONT_PACKAGE}.")
    return {path.as_uri(): path for path in paths}


def _style() -> str:
    faces = (
        f"@font-face {{ font-family: Letter; font-weight: {weight}; font-style: {slant};"
        f" src: url({(FONT_FOLDER / name).as_uri()}); }}"
        for (weight, slant), name in FONTS.items()
    )
    return "\n".join((*faces, STYLE.read_text(encoding="utf-8")))


class _OnlyOurs(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Gives the fonts named and pictures within the page; anything else stops the letter."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False)
        self.files = files

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url.startswith(PICTURES):
            return super().fetch(url, headers)
        if url in self.files:
            return URLFetcherResponse(url, self.files[url].read_bytes())
        raise FatalURLFetchingError("A letter asked for something else than its fonts.")
