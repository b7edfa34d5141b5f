"""The region of an establishment, from its FINESS number."""

from collections.abc import Mapping
from typing import Final

from ecluse.domain.regions import REGIONS

NUTS: Final[Mapping[str, str]] = {
    "01": "FRY1",
    "02": "FRY2",
    "03": "FRY3",
    "04": "FRY4",
    "06": "FRY5",
    "11": "FR1",
    "24": "FRB",
    "27": "FRC",
    "28": "FRD",
    "32": "FRE",
    "44": "FRF",
    "52": "FRG",
    "53": "FRH",
    "75": "FRI",
    "76": "FRJ",
    "84": "FRK",
    "93": "FRL",
    "94": "FRM",
}
"""The NUTS 2024 code of each region of INSEE (level 1 in Europe, level 2 overseas)."""
MAYOTTE: Final = "976"


def region_of(finess: str) -> str:
    """The NUTS code of the region of an establishment, empty where its number tells none.

    A number begins with its department: two characters, three overseas (`9701` is Guadeloupe),
    `98` for Mayotte.
    """
    department = finess[:2]
    if department == "97":
        department = "97" + finess[3:4] if finess[2:3] == "0" else finess[:3]
    elif department == "98":
        department = MAYOTTE
    found = (code for code, departments in REGIONS.items() if department in departments)
    return NUTS.get(next(found, ""), "")
