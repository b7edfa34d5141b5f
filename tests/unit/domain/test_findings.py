"""What a report may say, what makes it significant, which counts are told, what a list is."""

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.domain.findings import (
    Certainty,
    Judgement,
    check_significant,
    check_words,
    names_somebody,
    padded,
    read_list,
    told_count,
)

ANNE, BEN = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    "text",
    [
        "9f86d081884c7d659a2feaa0c55ad015",
        "185057800608436",
        "1 85 05 2A 006 084",
        "né le 3/4/1960",
        "le 1960-04-03",
        "jeanne.petit@mail.example",
    ],
)
def test_what_could_say_who_somebody_is_is_seen(text: str) -> None:
    assert names_somebody(f"Voir {text} dans les données.")


@pytest.mark.parametrize(
    "text",
    [
        "Variant BRCA1 c.68_69del chez des personnes de 40 à 50 ans, en 2021 et 2022.",
        "Rapport de cotes 1,23 (1,10 à 1,45) ; p = 0,0001 ; 1 200 personnes.",
        "Association des codes ATC B01AA03 et M01AH01, de janvier 2021 à mars 2022.",
    ],
)
def test_words_of_science_name_nobody(text: str) -> None:
    assert not names_somebody(text)


def test_words_are_kept_without_the_spaces_around() -> None:
    assert check_words(f"  {'mot ' * 10}\n") == ("mot " * 10).strip()


@pytest.mark.parametrize("text", ["trop court", "x " * 2001])
def test_words_too_few_or_too_many_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_words(text)


def test_a_refusal_repeats_nothing_of_the_words() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_words("La personne 1 85 05 78 006 084 prend les deux médicaments.")

    assert "006" not in str(refused.value)


@pytest.mark.parametrize("certainty", [Certainty.PROBABLE, Certainty.CONFIRMED])
def test_what_matters_can_be_acted_on_and_is_probable_is_significant(
    certainty: Certainty,
) -> None:
    judged = Judgement(is_relevant=True, is_actionable=True, certainty=certainty)

    check_significant(judged)
    assert judged.is_significant


@pytest.mark.parametrize(("count", "told"), [(0, None), (1, None), (10, None), (11, 11), (52, 52)])
def test_a_count_under_the_minimum_is_not_told_nor_is_nobody(count: int, told: int | None) -> None:
    assert told_count(count, minimum=11) == told


def test_a_list_is_read_with_its_title_line_or_without() -> None:
    assert read_list(f"person_pseudonym\n{ANNE}\n{BEN}\n".encode()) == {ANNE, BEN}
    assert read_list(f'"{ANNE}"\r\n'.encode()) == {ANNE}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"person_pseudonym\n",
        b"IDENTITY-OF-1\n",
        ANNE.upper().encode(),
        f"{ANNE},2021-03-04\n".encode(),
        "é".encode(),
        "".join(f"{rank:064x}\n" for rank in range(1001)).encode(),
    ],
    ids=["empty", "title alone", "a name", "capitals", "a day beside", "not ASCII", "too long"],
)
def test_what_is_no_list_of_pseudonyms_is_refused_without_a_line_of_it(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_list(data)

    assert "IDENTITY" not in str(refused.value)
    assert "2021" not in str(refused.value)


def test_messages_have_the_size_of_whole_blocks() -> None:
    assert [len(padded(b"x" * size, block=8)) for size in (0, 1, 8, 9)] == [0, 8, 8, 16]
