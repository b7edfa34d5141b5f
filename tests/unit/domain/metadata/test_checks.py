"""What is wrong with a description while it is written."""

from dataclasses import replace

import pytest

from ecluse.domain.metadata import DatasetDescription, Table, TableGroup, Text, Variable
from ecluse.domain.metadata.answers import with_answers
from ecluse.domain.metadata.checks import (
    NEEDED,
    Completeness,
    Fault,
    Problem,
    completeness,
    errors,
    problems,
)

NOTHING = DatasetDescription()
ONE_TABLE = (TableGroup(tables=(Table(variables=(Variable(name=Text("AGE")),)),)),)
RIGHT, _ = with_answers(
    NOTHING,
    {
        "title_fr": "Infarctus",
        "summary_fr": "Séjours.",
        "keywords": "infarctus",
        "categories": ("EHRS",),
        "holder_name": "CHU",
        "holder_kind": "inpatient-institute",
        "publisher_name": "CHU",
        "publisher_kind": "inpatient-institute",
        "contact_email": "dim@chu.example",
        "provenance": "Dossiers.",
        "access": "NON_PUBLIC",
        "kinds": ("PERSONAL_DATA",),
        "legal_basis": "Code de la santé publique.",
        "structured": "no",
    },
)


def changed(**answers: str) -> DatasetDescription:
    """The right description, but for these answers."""
    return with_answers(RIGHT, answers)[0]


def test_an_empty_description_lacks_everything_that_is_needed() -> None:
    assert [one.question for one in errors(NOTHING)] == list(NEEDED)


def test_a_right_description_has_no_error() -> None:
    assert errors(RIGHT) == ()


def test_a_page_of_contact_stands_for_the_mail_address() -> None:
    said = changed(contact_email="", contact_page="https://chu.example/contact")

    assert errors(said) == ()


def test_an_answer_not_understood_is_an_error_and_is_not_missing() -> None:
    unread = {"legal_basis": "?", "person_count": "beaucoup"}
    said = changed(legal_basis="")

    assert errors(said, unread) == (
        Problem("legal_basis", Fault.NOT_READ),
        Problem("person_count", Fault.NOT_READ),
    )


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"title_fr": "a" * 201}, Problem("title_fr", Fault.TOO_LONG)),
        ({"contact_email": "dim@chu"}, Problem("contact_email", Fault.NOT_MAIL)),
        ({"contact_email": "dim chu@a.example"}, Problem("contact_email", Fault.NOT_MAIL)),
        ({"contact_email": "a@b@c.example"}, Problem("contact_email", Fault.NOT_MAIL)),
        ({"contact_page": "chu.example"}, Problem("contact_page", Fault.NOT_PAGE)),
        ({"contact_page": "javascript:alert(1)"}, Problem("contact_page", Fault.NOT_PAGE)),
        ({"contact_page": "https://a b.example"}, Problem("contact_page", Fault.NOT_PAGE)),
        ({"contact_page": "http://[bad"}, Problem("contact_page", Fault.NOT_PAGE)),
        (
            {"minimum_age": "65", "maximum_age": "18"},
            Problem("maximum_age", Fault.OUT_OF_ORDER),
        ),
        ({"maximum_age": "1950"}, Problem("maximum_age", Fault.TOO_OLD)),
        (
            {"first_day": "2020-01-02", "last_day": "2020-01-01"},
            Problem("last_day", Fault.OUT_OF_ORDER),
        ),
        ({"person_count": "10"}, Problem("person_count", Fault.SMALL_COUNT)),
        ({"structured": "yes"}, Problem("structured", Fault.NO_TABLE)),
    ],
)
def test_a_wrong_answer_is_told_at_its_question(answers: dict[str, str], problem: Problem) -> None:
    assert errors(changed(**answers)) == (problem,)


@pytest.mark.parametrize("answers", [{"person_count": "0"}, {"person_count": "11"}])
def test_nobody_and_eleven_persons_may_be_published(answers: dict[str, str]) -> None:
    assert errors(changed(**answers)) == ()


def test_fewer_records_than_persons_is_doubted_and_not_refused() -> None:
    said = changed(person_count="100", record_count="99")

    assert Problem("record_count", Fault.FEW_RECORDS, is_error=False) in problems(said)
    assert errors(said) == ()


def test_a_text_without_its_english_is_an_advice() -> None:
    advised = Problem("title_en", Fault.NO_TRANSLATION, is_error=False)

    assert advised in problems(RIGHT)
    assert advised not in problems(changed(title_en="Infarctions"))


def test_completeness_counts_the_elements_of_the_act_that_are_due() -> None:
    # Of the 27: code values and coding system are due only where coded, the access body only where
    # not public, the variables only where structured. Nothing said, all of these may be due but
    # the variables' condition, unknown too: 27 are counted. Not structured and not public: 26.
    assert completeness(NOTHING) == Completeness(given=0, due=27)
    assert completeness(RIGHT).due == 26


def test_each_element_given_counts_once() -> None:
    # title, description, keyword, category, custodian, publisher, contact point, provenance,
    # access rights, type, is structured: 11.
    assert completeness(RIGHT).given == 11
    assert completeness(RIGHT).percent == 42


def test_structured_data_with_a_variable_are_right() -> None:
    said = replace(changed(structured="yes"), variables=ONE_TABLE)

    assert errors(said) == ()
