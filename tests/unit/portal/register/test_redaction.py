"""Names, addresses and numbers of a file's persons never stay in what is published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.portal.register.redaction import MASK, plain, without_persons

LOUIS = {"Louis Bernard"}


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Louis Bernard n’a pas répondu.", "[…] n’a pas répondu."),
        ("Demande de BERNARD Louis.", "Demande de […]."),
        ("Avis de louis  bernard, joint.", "Avis de […], joint."),
        ("Avis de Louis\u00a0Bernard.", "Avis de […]."),
        ("Louis-Bernard et Louis\nBernard", "[…] et […]"),
        ("Lycée Louis Bernardin", "Lycée Louis Bernardin"),
        ("Le projet de Bernard", "Le projet de Bernard"),
    ],
)
def test_a_full_name_is_masked_however_it_is_written(text: str, published: str) -> None:
    assert without_persons(text, LOUIS) == published


def test_accents_and_ligatures_do_not_hide_a_name() -> None:
    assert without_persons("Vu avec HELENE Çelik-Straße.", {"Hélène Çelik-Strasse"}) == (
        "Vu avec […]."
    )


def test_a_name_of_three_words_is_masked_with_its_surname_first_too() -> None:
    names = {"Anne Marie Dupont"}

    assert without_persons("Dupont Anne Marie ; Anne Marie Dupont", names) == "[…] ; […]"


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Écrire à zoé.martin+x@univ-a.example.fr.", "Écrire à […]."),
        ("Appeler le 06 12 34 56 78.", "Appeler le […]."),
        ("Appeler le +33 (0)6.12.34.56.78 demain", "Appeler le […] demain"),
        ("Dossier 2026-00001, 20 000 personnes", "Dossier 2026-00001, 20 000 personnes"),
        ("Codes 3400930000001 et N02BE01", "Codes 3400930000001 et N02BE01"),
    ],
)
def test_addresses_and_telephones_are_masked_and_other_numbers_stay(
    text: str, published: str
) -> None:
    assert without_persons(text, set()) == published


def test_a_single_word_is_no_full_name() -> None:
    assert without_persons("Le petit groupe", {"Petit"}) == "Le petit groupe"


def test_control_characters_go_since_a_feed_cannot_hold_them() -> None:
    assert plain("a\x00b\x0bc\x1b[31m\nd") == "abc[31m\nd"


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéèçÀÔŒß", min_size=2, max_size=8)


@given(first=WORDS, last=WORDS, before=st.text(max_size=20), after=st.text(max_size=20))
def test_whatever_the_name_and_the_text_around_it_the_name_is_gone(
    first: str, last: str, before: str, after: str
) -> None:
    name = f"{first} {last}"

    published = without_persons(f"{before} {name} {after}", {name})

    assert name.casefold() not in published.replace(MASK, " ").casefold() or name in before + after
