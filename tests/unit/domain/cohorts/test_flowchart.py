"""The flowchart of a cohort: a drawing that is also text."""

import re
from xml.etree import ElementTree as ET

import pytest

from ecluse.domain.cohorts import AtLeast, Cohort, EveryEvent, Matching, Step
from ecluse.domain.cohorts.flowchart import draw

ANY = AtLeast(EveryEvent("act_nature"))
COHORT = Cohort((Step("Traités <A10> & suivis", ANY), Step("Adultes", ANY)))
SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(drawing).iter(f"{SVG}text")]  # noqa: S314 - ours


def test_each_step_is_a_box_and_says_how_many_left() -> None:
    drawing = draw(COHORT, (12_345, 200, 150))

    assert texts(drawing) == [
        "Personnes du jeu de données",
        "n = 12\u202f345",
        "Traités <A10> & suivis",
        "n = 200",
        "Exclues : 12\u202f145",
        "Adultes",
        "n = 150",
        "Exclues : 50",
    ]


def test_the_drawing_says_in_words_what_it_shows() -> None:
    drawing = ET.fromstring(draw(COHORT, (12_345, 200, 150), "en"))  # noqa: S314 - ours

    assert drawing.findtext(f"{SVG}title") == "Flowchart of the cohort"
    assert drawing.findtext(f"{SVG}desc") == (
        "Persons of the dataset: 12,345. Traités <A10> & suivis: 200. Adultes: 150."
    )
    assert drawing.get("role") == "img"


def test_a_masked_count_is_not_found_again_by_subtraction() -> None:
    drawing = draw(COHORT, (12_345, None, 150))

    assert texts(drawing)[3:] == [
        "n = effectif masqué",
        "Exclues : effectif masqué",
        "Adultes",
        "n = 150",
        "Exclues : effectif masqué",
    ]


def test_a_plan_has_no_count_and_shows_the_index_day_and_the_controls() -> None:
    plan = Cohort((Step("Traités", ANY),), ANY.events.first(), matching=Matching(ANY, 4))

    assert texts(draw(plan)) == [
        "Personnes du jeu de données",
        "Traités",
        "Personnes qui ont un jour index",
        "Jusqu’à 4 témoins par cas",
    ]


def test_a_count_is_asked_for_each_box() -> None:
    with pytest.raises(ValueError, match="3 boxes"):
        draw(COHORT, (1, 2))


def test_a_long_label_stays_inside_its_box() -> None:
    drawing = draw(Cohort((Step("mot " * 49, ANY),)), (2, 1))

    assert max(len(text) for text in texts(drawing)) <= 52


def test_the_drawing_takes_the_colours_of_the_page_and_runs_nothing() -> None:
    drawing = draw(COHORT, (3, 2, 1))

    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawing)) == {"none", "currentColor"}
    assert "script" not in drawing
