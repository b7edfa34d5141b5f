import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecluse.data.synthetic.twins import Block, TwinReport
from ecluse.data.synthetic.twins.lexicon import lexicon, read
from tests.unit.data.synthetic.twin_worlds import (
    WOMAN,
    crowd,
    persons,
    pseudonyms,
    rows,
    since,
    stays,
    twins,
)

Row = Mapping[str, str]


@dataclass(frozen=True)
class Texts:
    report: TwinReport
    notes: dict[str, Row]
    mentions: list[Row]
    persons: dict[str, Row]

    def said(self, kind: str, *, negated: str, about: str = "patient") -> set[tuple[str, str]]:
        """Who is said to have, or not to have, which code."""
        return {
            (self.notes[mention["note_id"]]["person_id"], mention["code"])
            for mention in self.mentions
            if (mention["kind"], mention["negated"], mention["about"]) == (kind, negated, about)
        }


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    report = twins(tmp_path_factory.mktemp("texts"), crowd(400))
    return Texts(
        report,
        {note["note_id"]: note for note in rows(report.hospital_path, "note")},
        rows(report.truth_path, "annotations"),
        {person["person_id"]: person for person in rows(report.truth_path, "hospital_persons")},
    )


def one_stay(target: Path, code: str = "I500") -> tuple[str, list[Row]]:
    """The letter of a woman of 70, with heart failure since 2019 and diabetes since 2012."""
    block = Block(
        persons((WOMAN, "1951-01-02")),
        {"heart_failure": since("2019-05-01"), "diabetes": since("2012-02-03")},
        stays((0, "2021-06-01", "2021-06-09", 3, code)),
        pseudonyms(1),
    )
    report = twins(target, block)
    letter = next(
        note
        for note in rows(report.hospital_path, "note")
        if note["note_title"] == "Compte rendu d'hospitalisation"
    )
    mentions = rows(report.truth_path, "annotations")
    return letter["note_text"], [m for m in mentions if m["note_id"] == letter["note_id"]]


def test_a_letter_says_who_when_and_why(tmp_path: Path) -> None:
    text, mentions = one_stay(tmp_path)

    assert "Service de cardiologie" in text
    assert re.search(r"Patiente : [A-Z'-]+ \w+, née le (02/01|2 janvier )", text)
    dates = [mention["value"] for mention in mentions if mention["kind"] == "date"]
    assert {"1951-01-02", "2021-06-01", "2021-06-09"} & set(dates) >= {"1951-01-02", "2021-06-01"}
    assert ("I500", "0") in {(mention["code"], mention["negated"]) for mention in mentions}


def test_a_letter_tells_the_illnesses_and_the_values_of_the_stay(tmp_path: Path) -> None:
    _, mentions = one_stay(tmp_path)
    told = {m["code"] for m in mentions if (m["negated"], m["about"]) == ("0", "patient")}

    assert {"E119", "I500", "DEQP003", "DZQM006"} <= told


def test_a_stay_for_a_reason_unknown_to_the_lexicon_has_a_diagnosis_and_no_letter(
    tmp_path: Path,
) -> None:
    block = Block(
        persons((WOMAN, "1951-01-02")),
        {},
        stays((0, "2021-06-01", "2021-06-09", 3, "G20")),
        pseudonyms(1),
    )
    report = twins(tmp_path, block)

    assert [
        row["condition_source_value"] for row in rows(report.hospital_path, "condition_occurrence")
    ] == ["G20"]
    assert report.hospital["note"] == 0


def test_every_annotation_is_found_at_its_place(texts: Texts) -> None:
    wrong = [
        mention
        for mention in texts.mentions
        if texts.notes[mention["note_id"]]["note_text"][int(mention["start"]) : int(mention["end"])]
        != mention["text"]
    ]

    assert len(texts.mentions) > 5000
    assert wrong == []


def test_illnesses_told_of_a_person_are_those_of_the_person(texts: Texts) -> None:
    codes = {item.name: item.code for item in lexicon().conditions.values()}
    true = {
        (number, codes[name])
        for number, person in texts.persons.items()
        for name in person["illnesses"].split()
        if name in codes
    }
    lasting = set(codes.values()) - {"I500", "I489"}
    told = {(who, code) for who, code in texts.said("condition", negated="0") if code in lasting}
    denied = texts.said("condition", negated="1")

    assert told
    assert denied
    assert told <= true
    assert not denied & true


def test_illnesses_of_relatives_are_told_apart(texts: Texts) -> None:
    assert texts.said("condition", negated="0", about="family")
    assert texts.said("condition", negated="1", about="family")


def test_drugs_told_are_exposures_of_the_stay_and_drugs_denied_are_not(texts: Texts) -> None:
    taken = {
        (row["visit_occurrence_id"], row["drug_source_value"])
        for row in rows(texts.report.hospital_path, "drug_exposure")
    }
    drugs = [mention for mention in texts.mentions if mention["kind"] == "drug"]
    visit = {number: note["visit_occurrence_id"] for number, note in texts.notes.items()}
    told = {(visit[m["note_id"]], m["code"]) for m in drugs if m["negated"] == "0"}
    denied = {(visit[m["note_id"]], m["code"]) for m in drugs if m["negated"] == "1"}

    assert told <= taken
    assert denied
    assert not denied & taken


def test_values_told_are_measurements_of_the_stay(texts: Texts) -> None:
    measured = {
        (row["visit_occurrence_id"], row["measurement_source_value"], float(row["value_as_number"]))
        for row in rows(texts.report.hospital_path, "measurement")
    }
    told = {
        (
            texts.notes[m["note_id"]]["visit_occurrence_id"],
            m["code"],
            float(m["value"].replace(",", ".")),
        )
        for m in texts.mentions
        if m["kind"] == "measurement"
    }

    assert len(told) > 1000
    assert told <= measured


def test_no_illness_tumour_or_drug_is_named_without_an_annotation(texts: Texts) -> None:
    words = lexicon()
    terms = {term.text for item in words.conditions.values() for term in item.terms}
    terms |= {term.text for item in words.tumours for term in item.terms}
    terms |= {name for drug in words.drugs.values() for name in drug.names}
    named = re.compile(
        rf"(?<!\w)({'|'.join(re.escape(t) for t in sorted(terms, key=len, reverse=True))})(?!\w)",
        re.IGNORECASE,
    )

    assert _unmarked(texts, named) == set()


def test_no_name_and_no_date_is_written_without_an_annotation(texts: Texts) -> None:
    names = read("letters")["names"]
    known = [*names["families"], *names["carers"], *names["women"], *names["men"]]
    found = re.compile(
        rf"(?<!\w)({'|'.join(known)}|\d\d/\d\d/\d{{4}}|(?:19|20)\d\d)(?!\w)(?! ng/L| g\.)"
    )

    assert _unmarked(texts, found) == set()


def test_letters_are_written_in_hundreds_of_ways(texts: Texts) -> None:
    shapes = set().union(*(_shapes(texts, number) for number in texts.notes))

    assert len(shapes) > 500


def test_slips_abbreviations_and_accents_are_in_the_letters(texts: Texts) -> None:
    everything = "\n".join(note["note_text"] for note in texts.notes.values())

    assert {"ATCD", "HTA", "SpO2", "HDM", "TTT"} <= set(re.findall(r"\w+", everything))
    assert "µmol/L" in everything
    assert re.search(
        r"\b(operatoires?|evolution|medecin|clincique|aprés|complementaires)\b", everything
    )
    assert "{" not in everything


def _unmarked(texts: Texts, pattern: re.Pattern[str]) -> set[str]:
    """What a pattern finds in the notes outside of any annotation."""
    places = _places(texts)
    return {
        found[0]
        for number, note in texts.notes.items()
        for found in pattern.finditer(note["note_text"])
        if not any(found.start() in place and found.end() in place for place in places[number])
    }


def _places(texts: Texts) -> dict[str, list[range]]:
    """Where each note states a fact, the character after it included."""
    places: dict[str, list[range]] = {number: [] for number in texts.notes}
    for mention in texts.mentions:
        place = range(int(mention["start"]), int(mention["end"]) + 1)
        places[mention["note_id"]].append(place)
    return places


def _shapes(texts: Texts, number: str) -> set[str]:
    """The sentences of a note without its facts and figures."""
    text = texts.notes[number]["note_text"]
    mentions = [mention for mention in texts.mentions if mention["note_id"] == number]
    for mention in sorted(mentions, key=lambda mention: -int(mention["start"])):
        start, end = int(mention["start"]), int(mention["end"])
        text = f"{text[:start]}<{mention['kind']}>{text[end:]}"
    return set(re.split(r"(?<=[.:])\s+|\n+", re.sub(r"\d+", "0", text)))
