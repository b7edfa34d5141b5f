"""Public holidays as data: each country's table, its regions as options, each with its source.

Reg. 1182/71 art. 2(1): public holidays are the days so designated in the Member State, or the Union
institution, where the action is to be taken. A region's days apply where the body that acts sits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ecluse.domain.errors import NotFound

OPEN_ENDED = 9999


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same date every year. `sunday_shift` days are added where it falls on a Sunday."""

    month: int
    day: int
    sunday_shift: int = 0

    def on(self, year: int) -> date:
        """The date in that year."""
        found = date(year, self.month, self.day)
        return found + timedelta(days=self.sunday_shift if found.isoweekday() == 7 else 0)  # noqa: PLR2004 - ISO: Sunday is 7


@dataclass(frozen=True, slots=True)
class Easter:
    """So many days after Easter Sunday; negative before it."""

    days: int

    def on(self, year: int) -> date:
        """The date in that year."""
        return easter(year) + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Weekday:
    """The first such weekday (Monday is 0) on or after a date."""

    weekday: int
    month: int
    day: int

    def on(self, year: int) -> date:
        """The date in that year."""
        first = date(year, self.month, self.day)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday, from `first_year` to `last_year`, everywhere or in `regions` alone."""

    name: str
    falls: Fixed | Easter | Weekday
    regions: frozenset[str] = frozenset()
    first_year: int = 0
    last_year: int = OPEN_ENDED

    def applies(self, year: int, region: str | None) -> bool:
        """Whether it is a holiday of that year, in that region or in the whole country."""
        is_here = not self.regions or region in self.regions
        return is_here and self.first_year <= year <= self.last_year


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """The public holidays of a country, or of the Union institutions (`EU`), and their source."""

    country: str
    source: str
    holidays: tuple[Holiday, ...]

    @property
    def regions(self) -> frozenset[str]:
        """The regions that have days of their own."""
        return frozenset(region for holiday in self.holidays for region in holiday.regions)

    def days(self, year: int, region: str | None = None) -> frozenset[date]:
        """The public holidays of the year. Raises NotFound for a region without a line here."""
        if region is not None and region not in self.regions:
            known = ", ".join(sorted(self.regions)) or "none"
            raise NotFound(f"{self.country} has no region {region!r} of its own: use {known}.")
        return frozenset(h.falls.on(year) for h in self.holidays if h.applies(year, region))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus' algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def _in(regions: str) -> frozenset[str]:
    return frozenset(regions.split())


NEW_YEAR = Holiday("New Year", Fixed(1, 1))
EPIPHANY = Holiday("Epiphany", Fixed(1, 6))
GOOD_FRIDAY = Holiday("Good Friday", Easter(-2))
EASTER_MONDAY = Holiday("Easter Monday", Easter(1))
LABOUR_DAY = Holiday("Labour Day", Fixed(5, 1))
ASCENSION = Holiday("Ascension", Easter(39))
WHIT_MONDAY = Holiday("Whit Monday", Easter(50))
ASSUMPTION = Holiday("Assumption", Fixed(8, 15))
ALL_SAINTS = Holiday("All Saints", Fixed(11, 1))
ARMISTICE = Holiday("Armistice 1918", Fixed(11, 11))
IMMACULATE = Holiday("Immaculate Conception", Fixed(12, 8))
CHRISTMAS = Holiday("Christmas", Fixed(12, 25))
SECOND_CHRISTMAS = Holiday("Second day of Christmas", Fixed(12, 26))
_WESTERN = (NEW_YEAR, EASTER_MONDAY, LABOUR_DAY, ASCENSION, WHIT_MONDAY, CHRISTMAS)


def _france() -> Iterator[Holiday]:
    yield from (*_WESTERN, ASSUMPTION, ALL_SAINTS, ARMISTICE)
    yield Holiday("Victory 1945", Fixed(5, 8), first_year=1982)
    yield Holiday("National Day", Fixed(7, 14))
    for holiday in (GOOD_FRIDAY, SECOND_CHRISTMAS):
        yield Holiday(holiday.name, holiday.falls, _in("alsace-moselle"))
    abolition = {
        "mayotte": (4, 27),
        "martinique": (5, 22),
        "guadeloupe": (5, 27),
        "saint-martin": (5, 28),
        "guyane": (6, 10),
        "saint-barthelemy": (10, 9),
        "la-reunion": (12, 20),
    }
    for region, (month, day) in abolition.items():
        yield Holiday("Abolition of slavery", Fixed(month, day), _in(region))


def _germany() -> Iterator[Holiday]:
    yield from (*_WESTERN, GOOD_FRIDAY, SECOND_CHRISTMAS)
    yield Holiday("Unity Day", Fixed(10, 3), first_year=1990)
    yield Holiday("Epiphany", Fixed(1, 6), _in("BW BY ST"))
    yield Holiday("Women's Day", Fixed(3, 8), _in("BE"), first_year=2019)
    yield Holiday("Women's Day", Fixed(3, 8), _in("MV"), first_year=2023)
    yield Holiday("Liberation, 80 years", Fixed(5, 8), _in("BE"), 2025, 2025)
    yield Holiday("Uprising of 1953, 75 years", Fixed(6, 17), _in("BE"), 2028, 2028)
    yield Holiday("Corpus Christi", Easter(60), _in("BW BY HE NW RP SL"))
    yield Holiday("Assumption", Fixed(8, 15), _in("SL"))
    yield Holiday("Children's Day", Fixed(9, 20), _in("TH"), first_year=2019)
    yield Holiday("Reformation Day", Fixed(10, 31), _in("BB MV SN ST TH"))
    yield Holiday("Reformation Day", Fixed(10, 31), _in("HB HH NI SH"), first_year=2018)
    yield Holiday("All Saints", Fixed(11, 1), _in("BW BY NW RP SL"))
    yield Holiday("Repentance Day", Weekday(2, 11, 16), _in("SN"))  # Wednesday, 16-22 November


def _institutions() -> Iterator[Holiday]:
    yield from (*_WESTERN, GOOD_FRIDAY, ASSUMPTION, ALL_SAINTS)
    yield Holiday("Day after New Year", Fixed(1, 2))
    yield Holiday("Maundy Thursday", Easter(-3))
    yield Holiday("Schuman Declaration", Fixed(5, 9))
    yield Holiday("Day after Ascension", Easter(40))
    yield Holiday("Belgian National Day", Fixed(7, 21))
    yield Holiday("All Souls", Fixed(11, 2))
    for day in (24, 26, 27, 28, 29, 30, 31):
        yield Holiday("End of the year", Fixed(12, day))


TABLES: dict[str, HolidayTable] = {
    table.country: table
    for table in (
        HolidayTable(
            "FR",
            "Code du travail art. L3133-1, L3134-13 (Alsace-Moselle), L3422-2 (overseas)",
            tuple(_france()),
        ),
        HolidayTable(
            "EU",
            "Recurring days of the Commission's yearly list (Reg. 1182/71 art. 2(1)); it prevails",
            tuple(_institutions()),
        ),
        HolidayTable(
            "BE",
            "Arrêté royal du 18 avril 1974, art. 1",
            (
                *(*_WESTERN, ASSUMPTION, ALL_SAINTS, ARMISTICE),
                Holiday("National Day", Fixed(7, 21)),
            ),
        ),
        HolidayTable(
            "DE",
            "Einigungsvertrag art. 2(2) and the Feiertagsgesetze of the Länder; the Assumption in"
            " some communes of Bavaria is left out",
            tuple(_germany()),
        ),
        HolidayTable(
            "ES",
            "Real Decreto 2001/1983 art. 45, national days; communities add theirs every year",
            (
                *(NEW_YEAR, EPIPHANY, GOOD_FRIDAY, LABOUR_DAY, ASSUMPTION),
                *(ALL_SAINTS, IMMACULATE, CHRISTMAS),
                Holiday("National Day", Fixed(10, 12)),
                Holiday("Constitution Day", Fixed(12, 6)),
            ),
        ),
        HolidayTable(
            "IT",
            "Legge 260/1949 art. 2, DPR 792/1985, legge 336/2000, legge 151/2025",
            (
                *(NEW_YEAR, EPIPHANY, EASTER_MONDAY, LABOUR_DAY, ASSUMPTION),
                *(ALL_SAINTS, IMMACULATE, CHRISTMAS, SECOND_CHRISTMAS),
                Holiday("Liberation Day", Fixed(4, 25)),
                Holiday("Republic Day", Fixed(6, 2), first_year=2001),
                Holiday("Saint Francis", Fixed(10, 4), first_year=2026),
            ),
        ),
        HolidayTable(
            "LU",
            "Code du travail art. L.232-2",
            (
                *(*_WESTERN, ASSUMPTION, ALL_SAINTS, SECOND_CHRISTMAS),
                Holiday("Europe Day", Fixed(5, 9), first_year=2019),
                Holiday("National Day", Fixed(6, 23)),
            ),
        ),
        HolidayTable(
            "NL",
            "Algemene termijnenwet art. 3: Good Friday is equated, 5 May counts every year",
            (
                *(NEW_YEAR, GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
                *(CHRISTMAS, SECOND_CHRISTMAS),
                Holiday("King's Day", Fixed(4, 27, sunday_shift=-1), first_year=2014),
                Holiday("Liberation Day", Fixed(5, 5)),
            ),
        ),
        HolidayTable(
            "FI",
            "Laki säädettyjen määräaikain laskemisesta 150/1930 § 5: the eves of Midsummer and"
            " Christmas count",
            (
                *(NEW_YEAR, EPIPHANY, GOOD_FRIDAY, EASTER_MONDAY, LABOUR_DAY, ASCENSION),
                *(CHRISTMAS, SECOND_CHRISTMAS),
                Holiday("Midsummer Eve", Weekday(4, 6, 19)),
                Holiday("Midsummer Day", Weekday(5, 6, 20)),
                Holiday("All Saints", Weekday(5, 10, 31)),
                Holiday("Independence Day", Fixed(12, 6)),
                Holiday("Christmas Eve", Fixed(12, 24)),
            ),
        ),
    )
}


def table(country: str) -> HolidayTable:
    """The holidays of a country by its code, or of the institutions (`EU`). Raises NotFound."""
    if country not in TABLES:
        raise NotFound(f"No holidays for {country!r}: known are {', '.join(sorted(TABLES))}.")
    return TABLES[country]
