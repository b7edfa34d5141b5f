"""A file shown to a checker, rendered by us from what was parsed: nothing of it is executed."""

import csv
from dataclasses import dataclass
from pathlib import Path

MAX_ROWS = 200
MAX_CHARACTERS = 20_000
TABLES, TEXTS, IMAGES = (".csv",), (".txt", ".md", ".json"), (".png",)


@dataclass(frozen=True)
class Preview:
    """What a page shows of a file: a table, a text, an image to fetch, or nothing."""

    kind: str
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


def preview(path: Path, name: str) -> Preview:
    """The preview of a file that passed the automatic checks."""
    suffix = Path(name).suffix.lower()
    if suffix in IMAGES:
        return Preview("image")
    if suffix not in TABLES + TEXTS:
        return Preview("none")
    text = path.read_text(encoding="utf-8", errors="replace")[:MAX_CHARACTERS]
    if suffix in TEXTS:
        return Preview("text", text=text)
    headers, *rows = list(csv.reader(text.splitlines())) or [[]]
    width = len(headers)
    shown = tuple(tuple((row + [""] * width)[:width]) for row in rows[:MAX_ROWS])
    return Preview("table", headers=tuple(headers), rows=shown)
