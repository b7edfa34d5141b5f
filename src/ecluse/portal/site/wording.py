"""Dates, numbers and spaces as a French or an English reader writes them."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone, translation
from django.utils.dates import MONTHS
from django.utils.functional import Promise

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NO_VALUE = "\N{EM DASH}"

_BEFORE_HIGH_MARK = re.compile(r"(?<=\S) (?=[;!?»])")
_BEFORE_COLON = re.compile(r"(?<=\S) (?=:(?:\s|<|$))")
_AFTER_QUOTE = re.compile(r"(?<=«) ")


def is_french() -> bool:
    """Whether the page is written in French, the language of every message identifier."""
    return (translation.get_language() or "fr").startswith("fr")


def keep_french_spaces(text: str) -> str:
    """Return French text whose spaces before ; : ! ? and inside « » never break a line."""
    text = _BEFORE_HIGH_MARK.sub(NARROW_SPACE, text)
    text = _AFTER_QUOTE.sub(NARROW_SPACE, text)
    return _BEFORE_COLON.sub(NO_BREAK_SPACE, text)


def translate(message: str) -> str:
    """Return the message in the language of the page, with its spaces."""
    translated = translation.gettext(message)
    return keep_french_spaces(translated) if is_french() else translated


def translate_in_context(context: str, message: str) -> str:
    """Return the message in the language of the page, told apart by its context."""
    translated = translation.pgettext(context, message)
    return keep_french_spaces(translated) if is_french() else translated


def translate_plural(singular: str, plural: str, number: int) -> str:
    """Return the form that the number asks for: French writes 0 and 1 in the singular."""
    if is_french():
        return keep_french_spaces(singular if abs(number) < 2 else plural)  # noqa: PLR2004
    return translation.ngettext(singular, plural, number)


def finish(value: object) -> object:
    """Return what a page prints: a text translated late gets its spaces; all else is untouched."""
    if not isinstance(value, Promise):
        return value
    text = str(value)
    return text if hasattr(text, "__html__") or not is_french() else keep_french_spaces(text)


def write_date(day: date | None) -> str:
    """Return the day in words: 25 décembre 2026, 1er janvier 2027, 25 December 2026."""
    if day is None:
        return NO_VALUE
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    number = "1er" if day.day == 1 and is_french() else str(day.day)
    return f"{number}{NO_BREAK_SPACE}{MONTHS[day.month]} {day.year}"


def write_datetime(instant: datetime | None) -> str:
    """Return the day and minute on the site's clock: 25 décembre 2026 à 14 h 05."""
    if instant is None:
        return NO_VALUE
    local = timezone.localtime(instant)
    day = write_date(local)
    if is_french():
        return f"{day} à {local:%H}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{local:%M}"
    return f"{day}, {local:%H:%M}"


def write(value: object) -> object:
    """Return a value as a cell of a table shows it: dates, numbers and nothing in words."""
    if value is None:
        return NO_VALUE
    if isinstance(value, bool):
        return translate("Oui") if value else translate("Non")
    if isinstance(value, datetime):
        return write_datetime(value)
    if isinstance(value, date):
        return write_date(value)
    return write_number(value) if isinstance(value, int | float | Decimal) else value


def write_number(number: float | Decimal | None, decimals: int | None = None) -> str:
    """Return the number as read: 12 345,6 in French, 12,345.6 in English."""
    if number is None:
        return NO_VALUE
    written = f"{number:,}" if decimals is None else f"{number:,.{decimals}f}"
    if not is_french():
        return written
    return written.replace(",", NARROW_SPACE).replace(".", ",")


def write_size(octets: int | None) -> str:
    """Return a number of octets as a person says it: 12,3 Mo, 12.3 MB."""
    if octets is None:
        return NO_VALUE
    units = ("o", "ko", "Mo", "Go", "To") if is_french() else ("B", "kB", "MB", "GB", "TB")
    size, unit = float(octets), units[0]
    for unit in units:
        if size < 1000 or unit == units[-1]:  # noqa: PLR2004
            break
        size /= 1000
    decimals = 0 if unit == units[0] else 1
    return f"{write_number(size, decimals)}{NO_BREAK_SPACE}{unit}"
