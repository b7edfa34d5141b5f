"""The text of a file that somebody sent."""

import codecs
from typing import Final

from ecluse.domain.errors import InvalidInput

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What begins a file that says its encoding itself."""


def stem_and_ending(name: str) -> tuple[str, str]:
    """Return the name of a file without its folders and its ending, and that ending: `.csv`."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, _, ending = last.rpartition(".")
    return (stem, f".{ending.lower()}") if stem else (last, "")


def text_of(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or else Windows-1252.

    Raises:
        InvalidInput: the file is no text.
    """
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    for attempt in dict.fromkeys((encoding, "cp1252")):
        try:
            text = content.decode(attempt)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise InvalidInput("The file is not text: give it as UTF-8 text.")
