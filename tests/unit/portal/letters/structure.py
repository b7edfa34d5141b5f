"""What a tagged PDF says of itself to a screen reader, read with another library than its maker."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

HEADINGS = ("/H1", "/H2", "/H3", "/H4", "/H5", "/H6")


@dataclass(frozen=True)
class Element:
    """An element of the structure tree, with its alternative text if any."""

    tag: str
    alternative: str | None
    children: tuple["Element", ...]

    def walk(self) -> tuple["Element", ...]:
        """The element and all below it, in reading order."""
        return (self, *(below for child in self.children for below in child.walk()))


@dataclass(frozen=True)
class Structure:
    """The catalogue, the tree and the metadata of a file."""

    language: str
    title: str
    shows_title: bool
    is_marked: bool
    metadata: str
    elements: tuple[Element, ...]
    fonts: tuple[tuple[str, bool], ...]
    annotations: tuple[Any, ...]

    def tags(self) -> list[str]:
        """The tags in reading order."""
        return [element.tag for element in self.elements]

    def headings(self) -> list[int]:
        """The levels of the headings in reading order."""
        return [HEADINGS.index(tag) + 1 for tag in self.tags() if tag in HEADINGS]


def read(pdf: bytes) -> Structure:
    """What the file says of itself."""
    reader = PdfFileReader(BytesIO(pdf))
    root = reader.root
    top = _element(root["/StructTreeRoot"]["/K"][0])
    pages = [page.get_object() for page in root["/Pages"]["/Kids"]]
    return Structure(
        language=str(root["/Lang"]),
        title=str(reader.trailer["/Info"]["/Title"]),
        shows_title=bool(root["/ViewerPreferences"]["/DisplayDocTitle"]),
        is_marked=bool(root["/MarkInfo"]["/Marked"]),
        metadata=root["/Metadata"].data.decode(),
        elements=top.walk(),
        fonts=tuple(font for page in pages for font in _fonts(page)),
        annotations=tuple(note.get_object() for page in pages for note in page.get("/Annots", ())),
    )


def _element(node: Any) -> Element:
    node = node.get_object()
    kids = [kid.get_object() for kid in node.get("/K", ())]
    children = [kid for kid in kids if isinstance(kid, dict) and "/S" in kid]
    alternative = node.get("/Alt")
    return Element(
        str(node["/S"]),
        None if alternative is None else str(alternative),
        tuple(_element(kid) for kid in children),
    )


def _fonts(page: Any) -> list[tuple[str, bool]]:
    found = []
    fonts = page["/Resources"]["/Font"]
    for name in fonts:
        font = fonts[name]
        described = font["/DescendantFonts"][0]["/FontDescriptor"]
        found.append((str(font["/BaseFont"]), "/FontFile2" in described))
    return found
