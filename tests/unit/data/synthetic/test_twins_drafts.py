import numpy as np
import pytest

from ecluse.data.synthetic.twins.drafts import Chance, Draft, Label, Term, mistyped

DIABETES = Label("condition", "ICD-10", "E119")
NO_SLIP = 3
"""A seed under which these short sentences are typed without a slip."""


def draft(*, is_woman: bool = False, **values: str | Term) -> Draft:
    return Draft(Chance(np.random.default_rng(NO_SLIP)), is_woman, values)


@pytest.mark.parametrize(
    ("template", "text", "gender", "written"),
    [
        ("Suivi pour {un:x}", "FA", "f", "Suivi pour une FA"),
        ("Suivi pour {un:x}", "diabète", "m", "Suivi pour un diabète"),
        ("Pas {de:x}", "HTA", "f", "Pas d'HTA"),
        ("Pas {de:x}", "BPCO", "f", "Pas de BPCO"),
        ("Bilan {du:x}", "cancer du sein", "m", "Bilan du cancer du sein"),
        ("Bilan {du:x}", "BPCO", "f", "Bilan de la BPCO"),
        ("Bilan {du:x}", "œdème", "m", "Bilan de l'œdème"),
        ("Lié {au:x}", "hypothyroïdie", "f", "Lié à l'hypothyroïdie"),
        ("Aspect de {le:x}", "angor", "m", "Aspect de l'angor"),
        ("{x} {x:connu|connue}", "arthrose", "f", "arthrose connue"),
        ("{x} {x:connu|connue}", "DT2", "m", "DT2 connu"),
    ],
)
def test_articles_and_endings_agree_with_the_term(
    template: str, text: str, gender: str, written: str
) -> None:
    written_now = draft(x=Term(text, "f" if gender == "f" else "m"))
    written_now.phrase(template)

    assert written_now.text == written


def test_a_sentence_speaks_of_a_woman_as_of_a_woman() -> None:
    woman, man = draft(is_woman=True), draft()
    woman.sentence("{née ou né|née}, hospitalisé{|e}.")
    man.sentence("{né|née}, hospitalisé{|e}.")

    assert (woman.text, man.text) == ("Née, hospitalisée.", "Né, hospitalisé.")


def test_a_mention_covers_the_words_of_the_fact_and_nothing_else() -> None:
    letter = draft(x=Term("DT2", "m", DIABETES, lead="dit ", tail=" sous metformine"))
    letter.sentence("Ancien.")
    letter.sentence("Un {x} depuis 2012.")

    assert letter.text == "Ancien. Un dit DT2 sous metformine depuis 2012."
    assert [(m.start, m.end, m.label) for m in letter.mentions] == [(15, 18, DIABETES)]


def test_a_term_that_begins_a_sentence_takes_a_capital_inside_its_mention() -> None:
    letter = draft(x=Term("diabète", "m", DIABETES))
    letter.sentence("{x} ancien.")

    assert letter.text == "Diabète ancien."
    assert letter.text[letter.mentions[0].start : letter.mentions[0].end] == "Diabète"


def test_new_lines_leave_one_empty_line_at_most() -> None:
    letter = draft()
    letter.plain("Fin.\n")
    letter.new_line(after_blank=True)
    letter.new_line()
    letter.plain("Suite")

    assert letter.text == "Fin.\n\nSuite"


def test_a_slot_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError, match="unknown"):
        draft().phrase("Suivi pour {unknown}")


def test_a_slip_loses_the_accents_of_an_accented_word() -> None:
    chance = Chance(np.random.default_rng(1))

    assert mistyped("hépatique", chance) == "hepatique"


def test_a_slip_changes_one_letter_of_a_plain_word() -> None:
    chance = Chance(np.random.default_rng(1))
    slipped = {mistyped("cardiaque", chance) for _ in range(50)}

    assert "cardiaque" not in slipped
    assert {len(word) for word in slipped} <= {8, 9, 10}
