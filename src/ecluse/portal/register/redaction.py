"""Free text without the persons of its file: a reason may repeat a name, the register may not.

What is known to name somebody is taken out wherever it stands: the full names that the file knows,
in both orders, whatever their capitals and accents; every e-mail address and telephone number. A
surname alone is left, since many are common words: whoever writes a reason is told so on the page.
"""

import re
import unicodedata
from collections.abc import Collection

MASK = "[…]"
SHORTEST = 4
"""A name shorter than this would be found in other words."""
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_BLANK = r"[ .\u00a0\u202f-]?"
_PHONE = re.compile(
    rf"(?<![\w/.-])(?:\+\d{{1,3}}|0){_BLANK}(?:\(0\))?\d(?:{_BLANK}\d){{7,11}}(?![\w/-])"
)


def plain(text: str) -> str:
    """Return a text without control characters: XML and terminals cannot hold them."""
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Co"})
    return "".join(kept).strip()


def without_persons(text: str, names: Collection[str]) -> str:
    """Return a text in which no name, address or number of these persons can be read."""
    found = plain(text)
    for pattern in (_EMAIL, _PHONE):
        found = pattern.sub(MASK, found)
    spellings = {spelling for name in names for spelling in _spellings(name)}
    for spelling in sorted(spellings, key=len, reverse=True):
        found = _without(found, spelling)
    return found


def _spellings(name: str) -> set[str]:
    """A name as written, and with its first word last: Louis Bernard, Bernard Louis."""
    words = name.split()
    if len(words) < 2 and "@" not in name:  # noqa: PLR2004 - one word is no full name
        return set()
    orders = {" ".join(words), " ".join([*words[1:], words[0]]), " ".join([words[-1], *words[:-1]])}
    return {one for one in orders if len(one) >= SHORTEST}


def _without(text: str, name: str) -> str:
    """Mask a name wherever it stands, each blank of it being any run of blanks or hyphens."""
    folded, places = _folded(text)
    pattern = r"[\s\u00a0-]+".join(re.escape(word) for word in _folded(name)[0].split())
    parts, end = [], 0
    for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", folded):
        parts += [text[end : places[match.start()]], MASK]
        end = places[match.end()]
    return "".join([*parts, text[end:]])


def _folded(text: str) -> tuple[str, list[int]]:
    """A text without accents and capitals, and where each of its characters stood."""
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        for letter in unicodedata.normalize("NFD", character.casefold()):
            if not unicodedata.combining(letter):
                letters.append(letter)
                places.append(at)
    return "".join(letters), [*places, len(text)]
