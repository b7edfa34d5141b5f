"""Dates, numbers and spaces, as a French or an English reader writes them."""

from datetime import UTC, date, datetime

from django.utils import translation
from django.utils.translation import gettext_lazy

from ecluse.portal.site import wording


def test_a_french_date_is_in_words_and_the_first_of_a_month_is_1er() -> None:
    with translation.override("fr"):
        written = [wording.write_date(date(2026, 12, 25)), wording.write_date(date(2027, 1, 1))]

    assert written == ["25\N{NO-BREAK SPACE}décembre 2026", "1er\N{NO-BREAK SPACE}janvier 2027"]


def test_an_english_date_puts_the_day_first_too() -> None:
    with translation.override("en"):
        written = wording.write_date(date(2027, 1, 1))

    assert written == "1\N{NO-BREAK SPACE}January 2027"


def test_an_instant_is_told_on_the_clock_of_paris() -> None:
    with translation.override("fr"):
        written = wording.write_datetime(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))

    assert written == (
        "2\N{NO-BREAK SPACE}juillet 2026 à 00\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30"
    )


def test_a_french_number_has_narrow_spaces_and_a_comma() -> None:
    with translation.override("fr"):
        written = wording.write_number(1234567.5)

    assert written == "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567,5"


def test_an_english_number_has_commas_and_a_point() -> None:
    with translation.override("en"):
        written = wording.write_number(1234567.5)

    assert written == "1,234,567.5"


def test_a_size_is_told_in_the_unit_that_reads_best() -> None:
    with translation.override("fr"):
        written = [wording.write_size(999), wording.write_size(12_345_678)]

    assert written == ["999\N{NO-BREAK SPACE}o", "12,3\N{NO-BREAK SPACE}Mo"]


def test_french_spaces_before_high_marks_never_break_a_line() -> None:
    kept = wording.keep_french_spaces(
        "Que faire ? Voir « ecluse demo » : à 12:30, http://a.example"
    )

    assert kept == (
        "Que faire\N{NARROW NO-BREAK SPACE}? "
        "Voir «\N{NARROW NO-BREAK SPACE}ecluse demo\N{NARROW NO-BREAK SPACE}»"
        "\N{NO-BREAK SPACE}: à 12:30, http://a.example"
    )


def test_zero_is_singular_in_french_and_plural_in_english() -> None:
    with translation.override("fr"):
        french = wording.translate_plural("ligne", "lignes", 0)
    with translation.override("en"):
        english = wording.translate_plural("row", "rows", 0)

    assert (french, english) == ("ligne", "rows")


def test_a_text_translated_late_gets_its_spaces_when_it_is_printed() -> None:
    with translation.override("fr"):
        printed = wording.finish(gettext_lazy("Que voulez-vous faire ?"))

    assert printed == "Que voulez-vous faire\N{NARROW NO-BREAK SPACE}?"


def test_nothing_is_written_as_a_dash_and_yes_is_a_word() -> None:
    with translation.override("en"):
        written = [wording.write(None), wording.write(value=True), wording.write(12345)]

    assert written == ["—", "Yes", "12,345"]
