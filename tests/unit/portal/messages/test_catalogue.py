"""Every message has its words in both languages, and no place for anything personal."""

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.france import FRANCE
from ecluse.domain.clocks.gdpr import GDPR
from ecluse.domain.errors import Malformed
from ecluse.domain.machines.letters import DUE_SOON, LETTERS, MESSAGES, OVERDUE, REMINDERS
from ecluse.portal.messages import catalogue
from ecluse.portal.messages.catalogue import Fields

PAIRS = [(name, actor) for name, message in MESSAGES.items() for actor in message.to]
OWNERS = {(EHDS.rules | FRANCE.rules | GDPR.rules)[rule].owner for rule in REMINDERS}  # type: ignore[operator]
FIELDS = Fields("2026-00001", "https://hub.example/messages/7/", "7 avril 2026")


@pytest.mark.parametrize(("name", "actor"), PAIRS, ids=[f"{n} {a}" for n, a in PAIRS])
def test_every_message_of_the_machines_has_words_for_each_recipient(
    name: str, actor: Actor
) -> None:
    assert catalogue.is_written(name, actor)


@pytest.mark.parametrize("name", [DUE_SOON, OVERDUE])
@pytest.mark.parametrize("owner", sorted(OWNERS))
def test_every_reminder_has_words_for_whoever_must_act(name: str, owner: Actor) -> None:
    assert catalogue.is_written(name, owner)


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_every_letter_is_announced_in_the_same_words(name: str) -> None:
    assert "courrier" in catalogue.subject(name, Actor.DATA_USER, FIELDS, "fr") or name in MESSAGES


def test_french_and_english_are_not_the_same_text() -> None:
    french = [catalogue.words(name, actor, "fr") for name, actor in PAIRS]
    english = [catalogue.words(name, actor, "en") for name, actor in PAIRS]

    assert set(french).isdisjoint(english)


def test_a_mail_says_the_number_the_day_and_the_link_and_nothing_else() -> None:
    text = catalogue.body("information-asked", Actor.DATA_USER, FIELDS, "fr")

    assert text.split("\n\n") == [
        "Le dossier 2026-00001 attend de vous un complément.",
        "À faire au plus tard le 7 avril 2026.",
        "Lire et répondre : https://hub.example/messages/7/",
        "Ce message est envoyé par un automate et ne dit rien du dossier : le reste se lit une fois"
        " connecté.\n",
    ]


def test_without_a_due_day_none_is_invented() -> None:
    fields = Fields("2026-00001", "https://hub.example/messages/7/", None)

    assert "au plus tard" not in catalogue.body("decided", Actor.DATA_USER, fields, "fr")


def test_an_event_without_words_is_told_in_those_of_any() -> None:
    told = catalogue.sentence("no-such-event", Actor.DATA_USER, FIELDS, "en")

    assert told == "File 2026-00001 has moved on."


@pytest.mark.parametrize("place", ["title", "name", "reason", "number.__class__", "due_on", ""])
def test_words_with_a_place_for_anything_else_cannot_be_read(place: str) -> None:
    text = f"""
[decided.data-user]
fr = ["Décidé", "Bonjour {{{place}}}."]
en = ["Decided", "Hello."]
"""
    with pytest.raises(Malformed, match=r"decided\.data-user"):
        catalogue.read(text)


def test_words_in_one_language_alone_cannot_be_read() -> None:
    with pytest.raises(Malformed, match="fr, en"):
        catalogue.read('[decided.data-user]\nfr = ["Décidé", "Le dossier {number}."]\n')
