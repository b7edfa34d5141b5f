"""The health categories of EHDS art. 51(1): their letter in the article, their code in the list.

Source: healthcategories list of HealthDCAT-AP release 8.
"""

from collections.abc import Iterable
from typing import Final

HEALTH_CATEGORIES: Final = (
    "https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/"
)
LETTERS: Final = "abcdefghijklmnopq"
CODES: Final = dict(
    zip(
        LETTERS,
        (
            *("EHRS", "DIOH", "NRPE", "RPDG", "HRAD", "HGPD", "HPML", "PGEH", "WELA", "IDHP"),
            *("PHDR", "MRMR", "EHCT", "EMRD", "RMMD", "RQSH", "EINS"),
        ),
        strict=True,
    )
)
"""The code of each letter."""


def letter_of(codes: Iterable[str]) -> str:
    """Return the letter of the first code that is known; empty if none is."""
    letters = {code: letter for letter, code in CODES.items()}
    return next((letters[code] for code in codes if code in letters), "")
