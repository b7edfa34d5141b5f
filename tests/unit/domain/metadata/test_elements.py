"""The 27 elements of Implementing Regulation (EU) 2026/2098, said of a description."""

from dataclasses import replace

from ecluse.domain.metadata import Concept, DatasetDescription, Text, words_in
from ecluse.domain.metadata.elements import ACCESS_RIGHT, ELEMENTS, Presence, report

NOTHING = DatasetDescription()
PUBLIC = DatasetDescription(access_rights=(Concept(address=f"{ACCESS_RIGHT}PUBLIC"),))
CLOSED = DatasetDescription(access_rights=(Concept(address=f"{ACCESS_RIGHT}NON_PUBLIC"),))


def test_there_are_27_elements_each_a_member_of_a_description() -> None:
    assert len({element.name for element in ELEMENTS}) == 27
    assert all(hasattr(NOTHING, element.field) for element in ELEMENTS)


def test_an_element_is_given_or_missing() -> None:
    found = report(replace(NOTHING, titles=(Text("x"),)))

    assert (found["title"], found["description"]) == (Presence.GIVEN, Presence.MISSING)


def test_no_is_an_answer_to_whether_data_are_structured() -> None:
    found = report(replace(NOTHING, is_structured=False))

    assert (found["is structured data"], found["variables"]) == (
        Presence.GIVEN,
        Presence.NOT_DUE,
    )


def test_structured_data_lack_their_variables() -> None:
    assert report(replace(NOTHING, is_structured=True))["variables"] == Presence.MISSING


def test_the_access_body_is_due_unless_data_are_public() -> None:
    name = "health data access body"

    assert report(NOTHING)[name] == Presence.UNKNOWN
    assert report(PUBLIC)[name] == Presence.NOT_DUE
    assert report(CLOSED)[name] == Presence.MISSING


def test_a_coding_system_makes_code_values_due() -> None:
    coded = replace(NOTHING, coding_systems=(Concept(address="https://x.example/ICD-10"),))

    assert report(NOTHING)["code values"] == Presence.UNKNOWN
    assert report(coded)["code values"] == Presence.MISSING


def test_what_is_due_where_applicable_is_not_said_to_be_missing() -> None:
    assert report(NOTHING)["temporal coverage"] == Presence.UNKNOWN


def test_words_are_those_of_the_language_else_english_else_any() -> None:
    texts = (Text("Register", "de"), Text("Registry", "en-GB"), Text("Registre", "fr"))

    assert words_in(texts, "fr") == "Registre"
    assert words_in(texts, "nl") == "Registry"
    assert words_in(texts[:1], "fr") == "Register"
    assert words_in((), "fr") == ""


def test_terms_of_use_are_the_terms_of_duo_among_the_rights() -> None:
    rights = (
        Concept(address="http://purl.obolibrary.org/obo/DUO_0000042"),
        Concept(address="https://licence.example/"),
    )

    assert replace(NOTHING, rights=rights).use_terms == ("DUO:0000042",)
