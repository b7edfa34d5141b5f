"""Two pictures of coverage: the years of datasets on one axis, and the regions as tiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ecluse.portal.search.models import Entry

WIDTH: Final = 100.0
LONGEST_AXIS: Final = 60
"""Years before the last that an axis shows: older data begin at its edge."""
TILES: Final[Mapping[str, tuple[int, int]]] = {
    "FRE": (2, 0),
    "FRD": (1, 1),
    "FR1": (2, 1),
    "FRF": (3, 1),
    "FRH": (0, 1),
    "FRG": (0, 2),
    "FRB": (1, 2),
    "FRC": (2, 2),
    "FRI": (1, 3),
    "FRK": (2, 3),
    "FRJ": (1, 4),
    "FRL": (2, 4),
    "FRM": (3, 4),
    "FRY1": (5, 0),
    "FRY2": (5, 1),
    "FRY3": (5, 2),
    "FRY4": (5, 3),
    "FRY5": (5, 4),
}
"""Column and line of each region (NUTS 2024 code, level 1 in Europe, level 2 overseas)."""
NAMES: Final[Mapping[str, str]] = {
    "FR1": "Île-de-France",
    "FRB": "Centre-Val de Loire",
    "FRC": "Bourgogne-Franche-Comté",
    "FRD": "Normandie",
    "FRE": "Hauts-de-France",
    "FRF": "Grand Est",
    "FRG": "Pays de la Loire",
    "FRH": "Bretagne",
    "FRI": "Nouvelle-Aquitaine",
    "FRJ": "Occitanie",
    "FRK": "Auvergne-Rhône-Alpes",
    "FRL": "Provence-Alpes-Côte d’Azur",
    "FRM": "Corse",
    "FRY1": "Guadeloupe",
    "FRY2": "Martinique",
    "FRY3": "Guyane",
    "FRY4": "La Réunion",
    "FRY5": "Mayotte",
}
WHOLE: Final = frozenset({"FRA", "FR"})


@dataclass(frozen=True, slots=True)
class Bar:
    """The years of one dataset on an axis of `WIDTH`; `is_open` where data still come."""

    title: str
    x: float
    width: float
    from_year: int
    to_year: int | None

    @property
    def is_open(self) -> bool:
        """Whether the data go on."""
        return self.to_year is None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars over the years `first` to `last`."""

    first: int
    last: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A region as a square, and how many datasets cover it."""

    code: str
    name: str
    column: int
    line: int
    count: int


def timeline(entries: Sequence[tuple[str, Entry]], *, this_year: int) -> Timeline | None:
    """Return the years of these datasets, titles given; None where none says its years."""
    dated = [(title, entry) for title, entry in entries if entry.from_year]
    if not dated:
        return None
    last = max(this_year, *(entry.to_year or this_year for _, entry in dated))
    first = max(min(entry.from_year or last for _, entry in dated), last - LONGEST_AXIS)
    year = WIDTH / (last - first + 1)
    bars = []
    for title, entry in dated:
        begins, ends = max(entry.from_year or first, first), max(entry.to_year or last, first)
        x, width = (begins - first) * year, (ends - begins + 1) * year
        shown = round(x, 2), round(max(width, year), 2)
        bars.append(Bar(title, *shown, entry.from_year or first, entry.to_year))
    return Timeline(first, last, tuple(bars))


def tiles(places: Iterable[Iterable[str]]) -> tuple[Tile, ...]:
    """Return how many datasets cover each region, given the codes of the places of each."""
    counts = dict.fromkeys(TILES, 0)
    for codes in places:
        held = set(codes)
        for code in counts:
            counts[code] += bool(held & WHOLE or code in held)
    return tuple(
        Tile(code, NAMES[code], *TILES[code], count=count) for code, count in counts.items()
    )
