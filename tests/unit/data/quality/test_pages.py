import re
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.quality import QualityReport, page
from ecluse.data.quality.pages.markup import Markup, tag
from ecluse.data.quality.pages.words import WORDS, words
from ecluse.domain.errors import InvalidInput
from tests.unit.data.quality.examined import act, measured, registered


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> QualityReport:
    acts = [
        act(1, date(2022, 5, 10), 1, FLX_DIS_DTD=date(2022, 6, 1)),
        act(2, date(2022, 6, 10), 2, FLX_DIS_DTD=date(2022, 7, 1)),
    ]
    tables = {"ER_PRS_F": acts, "IR_BEN_R": [registered(1), registered(2, BEN_SEX_COD=1)]}
    return measured(tmp_path_factory.mktemp("lake"), tables)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_fetches_nothing_and_runs_nothing(made: QualityReport, language: str) -> None:
    written = page(made, language=language)

    assert "<script" not in written
    assert re.findall(r"(?:src|href)=|url\(|@import", written) == []
    assert "default-src 'none'" in written
    assert f'<html lang="{language}">' in written


def test_every_drawing_has_a_title_or_is_for_the_eye_alone(made: QualityReport) -> None:
    written = page(made, language="fr")

    drawings = re.findall(r"<svg[^>]*>", written)
    assert len(drawings) >= 4
    named = [one for one in drawings if 'role="img"' in one and "aria-labelledby" in one]
    hidden = [one for one in drawings if 'aria-hidden="true"' in one]
    assert len(named) + len(hidden) == len(drawings)


def test_no_two_elements_of_the_page_have_the_same_id(made: QualityReport) -> None:
    ids = re.findall(r' id="([^"]+)"', page(made, language="fr"))

    assert len(ids) == len(set(ids))


def test_each_language_has_its_own_numbers() -> None:
    assert words("fr").number(12345) == "12\u202f345"
    assert words("en").number(12345) == "12,345"
    assert words("fr").percent("97.66") == "97,66\u202f%"
    assert words("en").day(date(2026, 1, 4)) == "2026-01-04"
    assert words("fr").number(None) == "masqué"


def test_another_language_is_refused(made: QualityReport) -> None:
    with pytest.raises(InvalidInput, match="use fr or en"):
        page(made, language="de")


def test_every_text_is_escaped() -> None:
    assert tag("p", "<b>", title='"') == '<p title="&quot;">&lt;b&gt;</p>'
    assert tag("p", Markup("<b>")) == "<p><b></p>"


def test_every_word_has_the_same_values_in_both_languages() -> None:
    places = re.compile(r"{(\w+)}")

    assert {
        name
        for name, (french, english) in WORDS.items()
        if set(places.findall(french)) != set(places.findall(english))
    } == set()


def test_the_page_says_when_it_shows_small_counts(made: QualityReport) -> None:
    assert "ne sort pas de la zone sécurisée" in page(made, language="fr")


def test_the_page_of_a_dataset_without_rows_can_be_drawn(tmp_path: Path) -> None:
    empty = measured(tmp_path, {"ER_PRS_F": [], "IR_BEN_R": []}, persons=())

    assert "ER_PRS_F" in page(empty, language="en")
