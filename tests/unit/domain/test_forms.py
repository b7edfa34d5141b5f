"""Forms as data: versions, conditions, and problems that never raise."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecluse
from ecluse.domain.answers import Problem, problems, read_day
from ecluse.domain.errors import Malformed
from ecluse.domain.forms import Comparison, FormVersion, Kind, Operator, holds, is_asked, parse

FORMS = Path(ecluse.__file__).parent / "schemas" / "forms"
BOUNDS = {"number": {"minimum": 1, "maximum": 120}}
LEGAL = parse(json.loads((FORMS / "data-access-application.v1.json").read_text()))


def field(id_: str, kind: str, **members: object) -> dict[str, object]:
    label = {"fr": id_, "en": id_}
    return {"id": id_, "kind": kind, "label": label, "article": "art. 67(2)", **members}


def form(*fields: dict[str, object]) -> FormVersion:
    title = {"fr": "Essai", "en": "Trial"}
    section = {"id": "only", "title": title, "fields": list(fields)}
    whole = {"form": "trial", "version": 1, "title": title, "source": "nowhere"}
    return parse({**whole, "sections": [section]})  # type: ignore[dict-item,list-item]


def choice(value: str, **members: object) -> dict[str, object]:
    return {"value": value, "label": {"fr": value, "en": value}, **members}


def codes(found: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in found]


def person(subject: str, *, leads: bool = False) -> dict[str, object]:
    return {"subject": subject, "name": "Camille Moreau", "is_principal_investigator": leads}


def test_a_required_question_without_answer_is_a_problem_in_both_languages() -> None:
    (problem,) = problems(form(field("title", "text", required=True)), {})

    assert problem.code == "required"
    assert problem.message.in_language("fr") == "Répondez à cette question."
    assert problem.message.in_language("en-gb") == "Answer this question."


def test_an_optional_question_may_stay_empty() -> None:
    assert problems(form(field("notes", "text")), {"notes": "  "}) == ()


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("text", 3, "not-text"),
        ("email", "camille", "not-email"),
        ("yes-no", "yes", "not-yes-no"),
        ("date", "31/01/2026", "not-a-date"),
        ("date", "2026-02-30", "not-a-date"),
        ("date", "2026-W01-1", "not-a-date"),
        ("number", "3", "not-a-number"),
        ("number", True, "not-a-number"),
        ("number", 121, "out-of-range"),
        ("number", 0, "out-of-range"),
        ("persons", "camille", "not-persons"),
        ("persons", [{"subject": "camille@univ.example"}], "not-persons"),
        ("persons", [person("camille@univ.example")], "one-investigator"),
        (
            "persons",
            [person("camille@univ.example", leads=True), person("Camille@univ.example")],
            "person-twice",
        ),
        ("tables", [{"table": "ER_PRS_F", "columns": []}], "not-tables"),
        ("tables", [{"table": "ER; DROP", "columns": ["A"]}], "not-tables"),
        (
            "tables",
            [{"table": "T", "columns": ["A"]}, {"table": "T", "columns": ["B"]}],
            "not-tables",
        ),
    ],
)
def test_an_answer_of_the_wrong_kind_is_a_problem(kind: str, answer: object, code: str) -> None:
    trial = form(field("asked", kind, **BOUNDS.get(kind, {})))

    assert codes(problems(trial, {"asked": answer})) == [("asked", code)]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("email", "camille.moreau@univ.example"),
        ("yes-no", False),
        ("date", "2026-01-31"),
        ("number", 120),
        ("persons", [person("camille@univ.example", leads=True), person("louis@univ.example")]),
        ("tables", [{"table": "ER_PRS_F", "columns": ["EXE_SOI_DTD"]}]),
    ],
)
def test_a_good_answer_is_no_problem(kind: str, answer: object) -> None:
    trial = form(field("asked", kind, required=True, **BOUNDS.get(kind, {})))

    assert problems(trial, {"asked": answer}) == ()


def test_a_text_is_measured() -> None:
    trial = form(field("title", "text", maximum_length=5))

    assert codes(problems(trial, {"title": "123456"})) == [("title", "too-long")]
    assert "5 caractères" in problems(trial, {"title": "123456"})[0].message.fr


def test_the_last_day_may_not_precede_the_first() -> None:
    trial = form(field("first", "date"), field("last", "date", not_before="first"))

    found = problems(trial, {"first": "2026-02-01", "last": "2026-01-31"})

    assert codes(found) == [("last", "too-early")]


def test_a_question_is_asked_only_when_its_condition_holds() -> None:
    trial = form(
        field("brings", "yes-no"),
        field("which", "text", required=True, condition={"field": "brings", "equals": "yes"}),
    )

    assert codes(problems(trial, {"brings": True})) == [("which", "required")]
    assert problems(trial, {"brings": False}) == ()


def test_a_question_that_hangs_on_one_not_asked_is_not_asked() -> None:
    trial = form(
        field("first", "yes-no"),
        field("second", "yes-no", condition={"field": "first", "equals": "yes"}),
        field("third", "text", condition={"field": "second", "equals": "yes"}),
    )

    assert not is_asked(trial, trial.field("third"), {"first": False, "second": True})


def test_a_condition_on_several_choices_holds_when_one_of_them_is_chosen() -> None:
    assert holds(Comparison("purposes", Operator.IS, ("e",)), {"purposes": ["d", "e"]})


def test_a_choice_reserved_to_some_is_a_problem_for_the_others() -> None:
    trial = form(
        field("kind", "choice", choices=[choice("public"), choice("private")]),
        field(
            "purposes",
            "choices",
            choices=[choice("a", condition={"field": "kind", "equals": "public"})],
        ),
    )

    assert problems(trial, {"kind": "public", "purposes": ["a"]}) == ()
    assert codes(problems(trial, {"kind": "private", "purposes": ["a"]})) == [
        ("purposes", "choice-not-open")
    ]
    assert codes(problems(trial, {"kind": "private", "purposes": ["z"]})) == [
        ("purposes", "not-a-choice")
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([f.id for f in LEGAL.fields()]), JSON) | JSON)
def test_no_answers_whatever_they_hold_raise(answers: object) -> None:
    assert isinstance(problems(LEGAL, answers), tuple)


def test_a_form_that_asks_twice_is_refused() -> None:
    with pytest.raises(Malformed, match="twice"):
        form(field("title", "text"), field("title", "text"))


def test_a_form_that_hangs_on_a_later_question_is_refused() -> None:
    with pytest.raises(Malformed, match="not yet asked"):
        form(
            field("which", "text", condition={"field": "brings", "equals": "yes"}),
            field("brings", "yes-no"),
        )


def test_a_form_with_an_unknown_member_is_refused() -> None:
    with pytest.raises(Malformed, match="unknown members"):
        form(field("title", "text", mandatory=True))


def test_a_text_field_has_no_choices() -> None:
    with pytest.raises(Malformed, match="choices belong"):
        form(field("title", "text", choices=[choice("a")]))


@pytest.mark.parametrize("json_", [None, [], {"sections": 1}, {"sections": [1]}])
def test_what_is_no_form_is_refused(json_: object) -> None:
    with pytest.raises(Malformed):
        parse(json_)  # type: ignore[arg-type]


def test_a_field_knows_its_step() -> None:
    assert LEGAL.section_of("purposes").id == "purpose"
    with pytest.raises(KeyError):
        LEGAL.section_of("nothing")


def test_every_field_of_the_legal_form_names_its_article_and_speaks_both_languages() -> None:
    assert all(f.article.startswith("art. ") for f in LEGAL.fields())
    assert all(f.label.fr and f.label.en for f in LEGAL.fields())
    assert LEGAL.field("persons").kind is Kind.PERSONS


def test_a_day_is_read_in_one_spelling() -> None:
    assert read_day("2026-01-31") == date(2026, 1, 31)
    assert read_day("20260131") is None
