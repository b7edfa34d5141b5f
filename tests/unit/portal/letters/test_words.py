"""The words of every letter, in both languages; what a letter holds of the file."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from ecluse.domain.machines.letters import LETTERS
from ecluse.portal.audit import identity
from ecluse.portal.cases.letters import BlockKind, LetterText, letter_text, letter_title
from ecluse.portal.letters import actions
from ecluse.portal.permits.actions import decide
from tests.unit.portal.applications.road import NOW, Road, terms
from tests.unit.portal.cases.desk import Desk, desk

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("at_now", "seal")

LANGUAGES = ("fr", "en")
COURT = {"fr": "tribunal administratif", "en": "administrative court"}


def lines(text: LetterText) -> list[str]:
    """Every line of a letter."""
    return [line for block in text.blocks for line in (*block.lines, *block.values)]


def words(road_letter: object) -> LetterText:
    """The words of a letter in French."""
    with translation.override("fr"):
        return actions.words_of(road_letter)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_every_letter_has_its_words_and_no_place_is_left_open(
    desk: Desk, name: str, language: str
) -> None:
    with translation.override(language):
        text = letter_text(name, desk.case, reason="Parce que.", due_on=date(2026, 3, 1))

    said = " ".join(lines(text))
    assert "2026-00001" in said
    assert "{" not in said
    assert "…" not in said
    assert text.source == LETTERS[name].source


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_a_letter_states_remedies_if_its_table_says_so_and_not_otherwise(
    desk: Desk, name: str, language: str
) -> None:
    with translation.override(language):
        text = letter_text(name, desk.case, reason="Parce que.", due_on=None)

    assert (COURT[language] in " ".join(lines(text))) is LETTERS[name].states_remedies


def test_the_remedies_name_both_appeals_their_periods_and_the_distance(desk: Desk) -> None:
    with translation.override("fr"):
        text = letter_text("refusal", desk.case, reason="Non.", due_on=None)

    remedies = text.blocks[
        [block.lines[0] for block in text.blocks].index("Voies et délais de recours") :
    ]
    said = " ".join(line for block in remedies for line in block.lines)
    assert "recours gracieux" in said
    assert "tribunal administratif de Paris, 7, rue de Jouy" in said
    assert "dans les deux mois de sa notification" in said
    assert "un mois si vous demeurez outre-mer et de deux mois à l’étranger" in said
    assert "quinze jours" in said


def test_a_file_without_a_title_is_called_by_its_kind(desk: Desk) -> None:
    with translation.override("fr"):
        text = letter_text("acknowledgement", desk.case, reason="", due_on=None)

    assert lines(text)[0] == "Votre dossier 2026-00001, « Demande d’accès », est reçu."


def test_a_file_that_is_no_application_has_its_letters_too(desk: Desk) -> None:
    desk.deciding()
    desk.do("refuse", desk.decider, on="unit-1", reason="Non.")

    letter = actions.issue(desk.case.dispatches.get(name="refusal"), now=NOW)

    assert (letter.number, letter.states_remedies) == ("2026-00001-L2", True)


def test_titles_are_in_the_language_of_the_reader() -> None:
    with translation.override("fr"):
        french = letter_title("refusal")
    with translation.override("en"):
        english = letter_title("refusal")

    assert (french, english) == ("Refus motivé", "Reasoned refusal")


def test_the_first_of_a_month_is_said_as_the_french_do(desk: Desk) -> None:
    with translation.override("fr"):
        text = letter_text("incomplete-file", desk.case, reason="x", due_on=date(2026, 3, 1))

    assert "jusqu’au 1er mars 2026" in " ".join(lines(text))


def test_a_hub_puts_its_own_name_and_court(desk: Desk) -> None:
    own = identity.room() / "letterhead.toml"
    own.write_text(
        'city = "Lyon"\naddress = ["2, quai Neuf"]\ncontact = "x@y.example"\n'
        'court_address = "184, rue Duguesclin"\n'
        '[authority]\nfr = "Hub de Lyon"\nen = "Lyon hub"\n'
        '[court]\nfr = "tribunal administratif de Lyon"\nen = "Lyon court"\n',
        encoding="utf-8",
    )
    with translation.override("fr"):
        text = letter_text("refusal", desk.case, reason="Non.", due_on=None)

    said = " ".join(lines(text))
    assert "Hub de Lyon, 2, quai Neuf" in said
    assert "tribunal administratif de Lyon, 184, rue Duguesclin" in said


def test_a_refusal_says_each_condition_that_is_not_met_with_its_reason(road: Road) -> None:
    text = words(road.refused().case.dispatches.get(name="refusal"))

    points = next(block for block in text.blocks if block.kind is BlockKind.POINTS)
    assert points.lines == (
        "b) Les données demandées sont nécessaires, adéquates et proportionnées :"
        " Trop de colonnes.",
    )


def test_a_permit_numbers_its_conditions_and_says_its_whole_content(road: Road) -> None:
    text = words(road.permit().application.case.dispatches.get(name="permit"))

    numbered = next(block for block in text.blocks if block.kind is BlockKind.NUMBERED)
    said = " ".join(lines(text))
    assert numbered.lines == ("Publier.", "Ne pas réidentifier.")
    assert "Autorisation FR-2026-0001" in said
    assert "du 5 janvier 2026 au 4 janvier 2028" in said
    assert "Camille Moreau, investigateur principal" in said
    assert "PHA_PRS_C13, PHA_ACT_QSN" in said
    assert "1500,50 €" in said
    assert (text.title, COURT["fr"] in said) == ("Autorisation de traitement", False)


def test_a_permit_that_gives_less_than_was_asked_is_partial_and_can_be_contested(
    road: Road,
) -> None:
    application = road.assessed()
    asked = terms(application)
    given = asked.datasets[0]
    drugs, persons = given.tables
    fewer = (replace(drugs, columns=("PHA_PRS_C13",)), persons)
    narrower = replace(given, tables=fewer, care_from=date(2022, 1, 1))
    granted = decide(application, replace(asked, datasets=(narrower,)), by=road.decider, now=NOW)

    dispatch = granted.application.case.dispatches.get(name="permit")
    text, letter = words(dispatch), actions.issue(dispatch, now=NOW)
    said = " ".join(lines(text))
    assert text.title == "Autorisation partielle de traitement"
    assert "dans la table ER_PHA_F : PHA_ACT_QSN" in said
    assert "du 1er janvier 2021 au 31 décembre 2023" in said
    assert "tribunal administratif" in said
    assert letter.states_remedies


def test_the_letter_says_the_day_that_it_was_sent_with_not_todays(road: Road) -> None:
    dispatch = road.awaiting().case.dispatches.get(name="incomplete-file")

    assert "jusqu’au 2 février 2026" in " ".join(lines(words(dispatch)))


def test_the_letter_of_an_officer_bears_their_name_and_that_of_the_software_says_so(
    road: Road,
) -> None:
    case = road.refused().case
    refusal = actions.issue(case.dispatches.get(name="refusal"), now=NOW).file("fr").words
    receipt = actions.issue(case.dispatches.get(name="acknowledgement"), now=NOW).file("fr").words

    assert (refusal["author"], refusal["office"]) == (
        road.decider.full_name,
        "agent habilité à décider",
    )
    assert receipt["author"] == ""
    assert refusal["addressee"] == [road.camille.full_name, road.camille.organisation]
