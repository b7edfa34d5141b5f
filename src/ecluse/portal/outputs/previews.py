"""A file shown to a checker, rendered by us from what was parsed: nothing of it is executed."""

import csv
from dataclasses import dataclass
from pathlib import Path

MAX_ROWS = 1000
MAX_CHARACTERS = 20_000
MAX_TABLE_CHARACTERS = 2_000_000
TABLES, TEXTS, IMAGES = (".csv",), (".txt", ".md", ".json"), (".png",)


@dataclass(frozen=True)
class Preview:
    """What a page shows of a file: a table, a text, an image to fetch, or nothing.

    `left_out` says how many rows of a table are beyond what a page can show.
    """

    kind: str
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    left_out: int = 0


def preview(path: Path, name: str) -> Preview:
    """The preview of a file that passed the automatic checks."""
    suffix = Path(name).suffix.lower()
    if suffix in IMAGES:
        return Preview("image")
    if suffix not in TABLES + TEXTS:
        return Preview("none")
    text = path.read_text(encoding="utf-8", errors="replace")
    if suffix in TEXTS:
        return Preview("text", text=text[:MAX_CHARACTERS])
    text = text[:MAX_TABLE_CHARACTERS]
    headers, *rows = list(csv.reader(text.splitlines())) or [[]]
    width = len(headers)
    shown = tuple(tuple((row + [""] * width)[:width]) for row in rows[:MAX_ROWS])
    left_out = max(0, len(rows) - MAX_ROWS)
    return Preview("table", headers=tuple(headers), rows=shown, left_out=left_out)
