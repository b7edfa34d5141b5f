"""What other registers say of a system fills the fields that ask the same here."""

import csv
from pathlib import Path

import pytest

from ecluse.domain.aisystems.systems import Status
from ecluse.portal.aisystems.incoming import read
from ecluse.portal.aisystems.rulebook import fields

FOLDER = Path(__file__).parents[3].parent / "shared" / "ai" / "registers"
here = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published cards are not here")
ATRS = """attribute,value
name,Trieur d’appels
organisation,Ministère d’Exemple
external_supplier*,Exemple Ltd
description,"Ordonner les appels, avant la réponse."
human_decisions,Un régulateur décide.
phase,Production
"""


@here
def test_the_first_public_card_fills_what_it_says() -> None:
    source, (content,) = read((FOLDER / "chai-example-Aidoc_ICH-02-RT.xml").read_bytes(), fields())

    assert source == "chai"
    assert content.texts["trade_name"] == (
        "BriefCase-Triage for Intracranial Hemorrhage (ICH) – ICH-02-RT"
    )
    assert content.texts["provider"] == "Aidoc"
    assert content.texts["intended_purpose"].startswith("The device is intended to assist hospital")
    assert content.texts["member_states"].startswith("US, EU (CE Marked)")
    assert len(content.texts) == 17
    # A class that is only typed in a card is not taken: it is computed from answers.
    assert "mdr_class" not in content.texts


@here
def test_the_second_public_card_loses_its_invisible_characters() -> None:
    _, (content,) = read((FOLDER / "chai-example-Penguin-Ai_PA-SLM.xml").read_bytes(), fields())

    assert content.texts["trade_name"] == "Prior Authorization – V1"
    assert content.texts["intended_purpose"].startswith("- The solution is intended to augment")


@here
def test_the_fields_are_those_of_the_published_crosswalk() -> None:
    with (FOLDER / "registry-fields.csv").open(encoding="utf-8") as file:
        published = [row["field"] for row in csv.DictReader(file)]

    assert [one.key for one in fields()] == published
    assert len(published) == 38


@here
def test_every_item_of_the_uk_standard_that_a_field_names_exists() -> None:
    with (FOLDER / "uk-atrs-v1.1-fields.csv").open(encoding="utf-8") as file:
        known = {row["attribute"].rstrip("*") for row in csv.DictReader(file)}

    assert {name for one in fields() for name in one.atrs} - known == {"0.1"}


def test_a_record_of_the_uk_standard_is_read_attribute_by_attribute() -> None:
    source, (content,) = read(ATRS.encode(), fields())

    assert source == "atrs"
    assert content.texts == {
        "trade_name": "Trieur d’appels",
        "provider": "Exemple Ltd",
        "intended_purpose": "Ordonner les appels, avant la réponse.",
        "human_oversight": "Un régulateur décide.",
    }
    assert (content.status, content.facts["public_deployer"]) == (Status.IN_SERVICE, True)


def test_a_list_of_devices_gives_one_record_a_line() -> None:
    table = "Date of Final Decision,Submission Number,Device,Company,Panel (lead)\n"
    table += "05/30/2025,K1,Voyant,Exemple Inc,Radiology\n06/02/2025,K2,Lecteur,Autre Inc,\n"

    source, (first, second) = read(table.encode("utf-8-sig"), fields())

    assert source == "devices"
    assert first.texts == {
        "trade_name": "Voyant",
        "provider": "Exemple Inc",
        "licence_and_source": (
            "submission number : K1\ndate of final decision : 05/30/2025\npanel (lead) : Radiology"
        ),
    }
    assert second.texts["trade_name"] == "Lecteur"


def test_every_item_of_annex_viii_section_a_has_its_field() -> None:
    asked = {item for one in fields() for item in one.annex_viii}

    assert {f"A{rank}" for rank in range(1, 13)} <= asked
    assert {f"B{rank}" for rank in range(1, 10)} <= asked
