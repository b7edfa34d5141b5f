"""The label as a picture (SVG): a letter, and a scale for each section of EHDS art. 78(3).

Black and white suffice to read it: every mark is also a number. It needs no font, no style and no
script of a site, so that it may stand in any page and be printed.
"""

from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET  # only ever written here

INK, FILL, LINE, PAPER = "#161616", "#1b4f72", "#8a8a8a", "#ffffff"
WIDTH: Final = 560
BAR_LEFT, BAR_WIDTH, ROW = 350, 130, 30
TOP: Final = 92
LONGEST_TITLE: Final = 58
TICKS: Final = (25, 50, 75)


@dataclass(frozen=True, slots=True)
class Row:
    """A section: its title and its share of points, in percent."""

    title: str
    percent: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What the picture says; `mark` is the letter, or a sign that none holds."""

    heading: str
    subject: str
    mark: str
    rows: tuple[Row, ...]
    foot: tuple[str, ...]
    language: str


def svg(picture: Picture) -> bytes:
    """Return the picture, with what it says in words for those who do not see it."""
    height = TOP + ROW * len(picture.rows) + 22 * len(picture.foot) + 24
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": str(WIDTH),
            "height": str(height),
            "role": "img",
            "aria-labelledby": "t d",
            "lang": picture.language,
            "font-family": "sans-serif",
            "fill": INK,
        },
    )
    _told(root, "title", "t", f"{picture.heading} – {picture.subject} – {picture.mark}")
    said = [f"{row.title} : {row.percent} %" for row in picture.rows]
    _told(root, "desc", "d", ". ".join([*said, *picture.foot]))
    _box(root, 1, 1, (WIDTH - 2, height - 2), fill=PAPER, stroke=INK)
    _text(root, 24, 36, picture.heading, size=20, weight="bold")
    _text(root, 24, 62, _cut(picture.subject), size=15)
    _box(root, 24, TOP, (96, 96), fill=FILL, stroke=INK)
    _text(root, 72, TOP + 70, picture.mark, size=60, weight="bold", fill=PAPER, anchor="middle")
    for rank, row in enumerate(picture.rows):
        _row(root, row, TOP + ROW * rank)
    for rank, line in enumerate(picture.foot):
        _text(root, 24, TOP + ROW * len(picture.rows) + 26 + 22 * rank, line, size=13)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _row(root: ET.Element, row: Row, top: int) -> None:
    _text(root, 140, top + 17, row.title, size=14)
    _box(root, BAR_LEFT, top + 4, (BAR_WIDTH, 16), fill=PAPER, stroke=INK)
    if row.percent:
        _box(root, BAR_LEFT, top + 4, (BAR_WIDTH * row.percent // 100, 16), fill=FILL, stroke=INK)
    for tick in TICKS:
        left = str(BAR_LEFT + BAR_WIDTH * tick // 100)
        ends = {"x1": left, "x2": left, "y1": str(top + 4), "y2": str(top + 20)}
        ET.SubElement(root, "line", {**ends, "stroke": LINE})
    _text(root, WIDTH - 24, top + 17, f"{row.percent} %", size=14, anchor="end")


def _told(root: ET.Element, tag: str, name: str, words: str) -> None:
    ET.SubElement(root, tag, {"id": name}).text = words


def _box(
    root: ET.Element, left: int, top: int, size: tuple[int, int], *, fill: str, stroke: str
) -> None:
    place = {"x": str(left), "y": str(top), "width": str(size[0]), "height": str(size[1])}
    ET.SubElement(root, "rect", {**place, "fill": fill, "stroke": stroke})


def _text(root: ET.Element, left: int, base: int, words: str, *, size: int, **more: str) -> None:
    names = {"weight": "font-weight", "anchor": "text-anchor", "fill": "fill"}
    given = {names[name]: value for name, value in more.items()}
    place = {"x": str(left), "y": str(base), "font-size": str(size)}
    ET.SubElement(root, "text", {**place, **given}).text = words


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"
