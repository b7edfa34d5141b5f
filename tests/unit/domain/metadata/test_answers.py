"""A description as answers, and back."""

from dataclasses import replace

from ecluse.domain.metadata import (
    Activity,
    Agent,
    Concept,
    Contact,
    ContactPoint,
    DatasetDescription,
    Period,
    Place,
    ProtectedPart,
    Statement,
    Text,
)
from ecluse.domain.metadata.answers import QUESTIONS, answers_of, with_answers

HEALTH = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
EU = "http://publications.europa.eu/resource/authority/"
NOTHING = DatasetDescription()
FULL = {
    "title_fr": "Infarctus",
    "title_en": "Infarctions",
    "summary_fr": "Séjours.",
    "summary_en": "Stays.",
    "keywords": "infarctus, cœur",
    "categories": ("EHRS", "MRMR"),
    "themes": ("HEALTH_SYSTEMS",),
    "holder_name": "CHU",
    "holder_kind": "inpatient-institute",
    "publisher_name": "Agence",
    "publisher_kind": "national-authority",
    "contact_email": "dim@chu.example",
    "contact_page": "https://chu.example/",
    "countries": ("FRA",),
    "first_day": "2015-01-01",
    "last_day": "2024-12-31",
    "frequency": "ANNUAL",
    "languages": ("FRA", "ENG"),
    "provenance": "Dossiers.",
    "activities": ("COHORT", "HOSPITAL_RECORDS"),
    "population_fr": "Adultes",
    "minimum_age": "18",
    "maximum_age": "0",
    "person_count": "5200",
    "record_count": "6100",
    "personal_data": ("Age",),
    "access": "RESTRICTED",
    "kinds": ("PERSONAL_DATA",),
    "legal_basis": "Code de la santé publique.",
    "purposes": "Soins.",
    "use_terms": ("0000042",),
    "protected_part": "Table X",
    "protected_ground": "trade-secret",
    "protected_measures": "Colonnes arrondies",
    "structured": "no",
    "coding_systems": ("ICD-10",),
    "standards": ("OMOP-CDM",),
}


def test_every_answer_comes_back_as_it_was_given() -> None:
    said, unread = with_answers(NOTHING, FULL)

    assert (answers_of(said), unread) == (FULL, {})
    assert set(FULL) == set(QUESTIONS)


def test_answers_taken_back_leave_nothing() -> None:
    said, _ = with_answers(NOTHING, FULL)
    emptied, _ = with_answers(said, answers_of(NOTHING))

    assert emptied == NOTHING


def test_what_no_answer_speaks_of_stays() -> None:
    rich = DatasetDescription(
        address="https://example.org/d",
        titles=(Text("Titre", "fr"), Text("Titel", "de")),
        keywords=(Text("alt", "fr"), Text("old", "en")),
        coding_systems=(Concept(address="https://example.org/own"),),
        legal_bases=(
            Statement(descriptions=(Text("Un", "fr"), Text("One", "en"))),
            Statement(descriptions=(Text("Deux", "fr"),)),
        ),
        holders=(Agent(names=(Text("CHU", "fr"),), identifiers=(Text("123"),)),),
        spatial=(Place(labels=(Text("Bretagne", "fr"),)),),
        temporal=(Period(start=Text("2015", kind="gYear")),),
        generated_by=(Activity(labels=(Text("Visites", "fr"),)),),
        protected_parts=(ProtectedPart(part="T", ground="trade-secret"),),
        version=Text("3"),
    )

    same, unread = with_answers(rich, answers_of(rich))
    assert (same, unread) == (rich, {})


def test_one_answer_changes_its_member_alone() -> None:
    said, _ = with_answers(NOTHING, FULL)
    changed, _ = with_answers(said, {"title_en": "Heart attacks"})

    expected = replace(said, titles=(Text("Infarctus", "fr"), Text("Heart attacks", "en")))
    assert changed == expected


def test_a_code_is_written_as_the_address_of_its_list() -> None:
    said, _ = with_answers(NOTHING, {"categories": ("EHRS",), "frequency": "ANNUAL"})

    assert said.health_categories == (Concept(address=f"{HEALTH}healthcategories/EHRS"),)
    assert said.frequencies == (Concept(address=f"{EU}frequency/ANNUAL"),)


def test_a_code_that_the_list_does_not_have_is_handed_back() -> None:
    said, unread = with_answers(NOTHING, {"access": "SECRET"})

    assert (said, unread) == (NOTHING, {"access": "SECRET"})


def test_a_number_and_a_day_that_are_none_are_handed_back_as_typed() -> None:
    said, unread = with_answers(
        NOTHING, {"person_count": "-5", "minimum_age": "1e3", "first_day": "2015-02-30"}
    )

    assert said == NOTHING
    assert unread == {"person_count": "-5", "minimum_age": "1e3", "first_day": "2015-02-30"}


def test_spaces_between_the_digits_of_a_number_count_for_nothing() -> None:
    said, _ = with_answers(NOTHING, {"record_count": " 6 100\u202f000 "})

    assert said.record_count == 6_100_000


def test_keywords_are_cut_at_commas_and_kept_once() -> None:
    said, _ = with_answers(NOTHING, {"keywords": "SNDS ; PMSI, SNDS,\n , ALD"})

    assert said.keywords == (Text("SNDS", "fr"), Text("PMSI", "fr"), Text("ALD", "fr"))


def test_an_organisation_without_contact_is_reached_as_the_dataset_is() -> None:
    said, _ = with_answers(NOTHING, {"holder_name": "CHU", "contact_email": "dim@chu.example"})

    assert said.holders[0].contact_points == (ContactPoint(emails=(Text("dim@chu.example"),)),)
    assert said.contact_points == (Contact(emails=("mailto:dim@chu.example",)),)


def test_an_organisation_with_a_contact_of_its_own_keeps_it() -> None:
    own = ContactPoint(pages=("https://chu.example/own",))
    held = DatasetDescription(holders=(Agent(names=(Text("CHU", "fr"),), contact_points=(own,)),))
    said, _ = with_answers(held, {"contact_email": "dim@chu.example"})

    assert said.holders[0].contact_points == (own,)


def test_an_organisation_reached_as_the_dataset_is_follows_its_new_address() -> None:
    said, _ = with_answers(NOTHING, {"holder_name": "CHU", "contact_email": "old@chu.example"})
    changed, _ = with_answers(said, {"contact_email": "new@chu.example"})

    assert changed.holders[0].contact_points == (ContactPoint(emails=(Text("new@chu.example"),)),)
