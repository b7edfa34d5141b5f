"""The language of forms: kinds, conditions, repeated groups, rules; mistakes told by their line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecluse
from ecluse.domain.answers import problems
from ecluse.domain.errors import Malformed
from ecluse.domain.forms import FormVersion, asked, holds, parse, read, write
from ecluse.domain.forms.countries import COUNTRIES

FOLDER = Path(ecluse.__file__).parent / "schemas" / "forms"
SHIPPED = sorted(path.name for path in FOLDER.glob("*.v*.json"))


def text(words: str) -> dict[str, str]:
    return {"fr": words, "en": words}


def field(id_: str, kind: str = "text", **members: object) -> dict[str, object]:
    return {"id": id_, "kind": kind, "label": text(id_), "article": "art. 67(2)", **members}


def whole(*fields: dict[str, object], rules: object = ()) -> dict[str, object]:
    section = {"id": "only", "title": text("Essai"), "fields": list(fields)}
    head = {"form": "trial", "version": 1, "title": text("Essai"), "source": "nowhere"}
    return {**head, "sections": [section], "rules": list(rules)}  # type: ignore[call-overload]


def form(*fields: dict[str, object], rules: object = ()) -> FormVersion:
    return parse(whole(*fields, rules=rules))  # type: ignore[arg-type]


def codes(form_: FormVersion, answers: object) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems(form_, answers)]


PARTNERS = field(
    "partners",
    "group",
    minimum=1,
    maximum=3,
    fields=[
        field("partner", required=True),
        field("is_abroad", "yes-no", required=True),
        field(
            "abroad", "country", required=True, condition={"field": "is_abroad", "equals": "yes"}
        ),
    ],
)
FILES = field("plan", "attachment", types=["pdf"], maximum=1, maximum_bytes=1000)
PLAN = {"name": "plan.pdf", "type": "pdf", "size": 900, "digest": "sha256:" + "a" * 64}


@pytest.mark.parametrize(
    ("asked_", "answer", "code"),
    [
        (field("x", minimum_length=5), "abc", "too-short"),
        (field("x", "money"), "12,50", "not-an-amount"),
        (field("x", "money"), 12, "not-an-amount"),
        (field("x", "money", maximum=100), "100.50", "out-of-range"),
        (field("x", "country"), "France", "not-a-country"),
        (field("x", "country"), "ZZ", "not-a-country"),
        (field("x", "period"), {"from": "2026-01-01"}, "not-a-period"),
        (field("x", "period"), {"from": "2026-02-01", "to": "2026-01-01"}, "period-backwards"),
        (field("x", "code-list", nomenclature="CIM-10"), ["E11", "E11"], "code-twice"),
        (field("x", "code-list", nomenclature="CIM-10"), ["E 11"], "not-codes"),
        (field("x", "code-list", nomenclature="CIM-10", maximum=1), ["E10", "E11"], "too-many"),
        (field("x", "yes-no", must_be="yes"), False, "must-be-yes"),
        (field("x", "yes-no", must_be="no"), True, "must-be-no"),
        (field("x", "group", fields=[field("part")]), "text", "not-items"),
        (field("x", "group", fields=[field("part")], maximum=1), [{"part": "a"}] * 2, "too-many"),
        ({**FILES, "id": "x"}, [{**PLAN, "type": "zip"}], "not-files"),
        ({**FILES, "id": "x"}, [{**PLAN, "size": 1001}], "not-files"),
        ({**FILES, "id": "x"}, [PLAN, {**PLAN, "name": "b.pdf"}], "too-many"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_a_problem(
    asked_: dict[str, object], answer: object, code: str
) -> None:
    assert codes(form(asked_), {"x": answer}) == [("x", code)]


@pytest.mark.parametrize(
    ("asked_", "answer"),
    [
        (field("x", "money", minimum=0), "1500.50"),
        (field("x", "country"), "FR"),
        (field("x", "period"), {"from": "2026-01-01", "to": "2026-01-01"}),
        (field("x", "code-list", nomenclature="CCAM"), ["HHFA001", "E11.9"]),
        (field("x", "yes-no", must_be="yes"), True),
        ({**FILES, "id": "x"}, [PLAN]),
    ],
)
def test_an_answer_of_the_right_shape_is_none(asked_: dict[str, object], answer: object) -> None:
    assert codes(form({**asked_, "required": True}), {"x": answer}) == []


@pytest.mark.parametrize(
    ("condition", "answers", "verdict"),
    [
        ({"field": "n", "at_least": 3}, {"n": 3}, True),
        ({"field": "n", "at_least": 3}, {"n": 2}, False),
        ({"field": "n", "at_most": 3}, {"n": 4}, False),
        ({"field": "d", "at_least": "2026-01-01"}, {"d": "2026-01-02"}, True),
        ({"field": "d", "at_least": "2026-01-01"}, {"d": "2025-12-31"}, False),
        ({"field": "t", "answered": True}, {"t": " "}, False),
        ({"field": "t", "answered": False}, {}, True),
        ({"field": "c", "in": ["a", "b"]}, {"c": "b"}, True),
        ({"not": {"field": "c", "equals": "a"}}, {}, True),
        (
            {"all": [{"field": "c", "equals": "a"}, {"field": "n", "at_least": 1}]},
            {"c": "a"},
            False,
        ),
        ({"any": [{"field": "c", "equals": "a"}, {"field": "n", "at_least": 1}]}, {"c": "a"}, True),
    ],
)
def test_conditions_are_put_together(
    condition: dict[str, object], answers: dict[str, object], verdict: bool
) -> None:
    choices = [{"value": value, "label": text(value)} for value in "ab"]
    made = form(
        field("n", "number"),
        field("d", "date"),
        field("t"),
        field("c", "choice", choices=choices),
        field("hangs", condition=condition),
    )

    assert holds(made.field("hangs").condition, answers) is verdict
    assert ("hangs" in asked(made, answers)) is verdict


def test_an_answer_to_a_question_since_closed_opens_no_other() -> None:
    made = form(
        field("first", "yes-no"),
        field("second", "yes-no", condition={"field": "first", "equals": "yes"}),
        field("third", required=True, condition={"not": {"field": "second", "equals": "yes"}}),
    )

    assert codes(made, {"first": False, "second": True}) == [("third", "required")]


def test_a_question_may_be_required_only_when_another_answer_makes_it() -> None:
    made = form(
        field("is_company", "yes-no"),
        field("siret", required_if={"field": "is_company", "equals": "yes"}),
    )

    assert codes(made, {"is_company": True}) == [("siret", "required")]
    assert codes(made, {"is_company": False}) == []


def test_each_item_of_a_group_is_judged_by_its_own_answers() -> None:
    items = [
        {"partner": "CHU", "is_abroad": False},
        {"partner": "", "is_abroad": True},
        {"partner": "KI", "is_abroad": True, "abroad": "SE"},
    ]

    found = problems(form(PARTNERS), {"partners": items})

    assert [(each.item, each.field, each.code) for each in found] == [
        (1, "partner", "required"),
        (1, "abroad", "required"),
    ]


def test_a_part_of_a_group_sees_the_answers_around_it() -> None:
    part = field("why", required=True, condition={"field": "abroad_at_all", "equals": "yes"})
    made = form(field("abroad_at_all", "yes-no"), field("sites", "group", fields=[part]))

    assert codes(made, {"abroad_at_all": True, "sites": [{}]}) == [("why", "required")]
    assert codes(made, {"abroad_at_all": False, "sites": [{}]}) == []


def test_a_required_group_has_one_item_at_least() -> None:
    assert codes(form({**PARTNERS, "required": True}), {"partners": []}) == [
        ("partners", "required")
    ]


@pytest.mark.parametrize(
    ("rule", "answers", "found"),
    [
        ({"rule": "sum-is", "value": 100}, {"a": 60, "b": 30}, [("b", "sum-is")]),
        ({"rule": "sum-is", "value": 100}, {"a": 60, "b": 40}, []),
        ({"rule": "sum-is", "value": 100}, {"a": 60}, []),
        ({"rule": "sum-at-most", "total": "c"}, {"a": 2, "b": 3, "c": 4}, [("b", "sum-at-most")]),
        ({"rule": "sum-at-most", "total": "c"}, {"a": 2, "b": 2, "c": 4}, []),
        ({"rule": "at-least-one"}, {}, [("b", "at-least-one")]),
        ({"rule": "at-least-one"}, {"a": 1}, []),
        ({"rule": "all-different"}, {"a": 1, "b": 1}, [("b", "all-different")]),
        ({"rule": "not-before"}, {"a": 2, "b": 1}, [("b", "not-before")]),
    ],
)
def test_rules_compare_several_answers(
    rule: dict[str, object], answers: dict[str, object], found: list[tuple[str, str]]
) -> None:
    across = {**rule, "fields": ["a", "b"], "message": text("Corrigez.")}
    made = form(*(field(name, "number") for name in "abc"), rules=[across])

    assert codes(made, answers) == found


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([field("x_1_y")], "words of small letters"),
        ([field("x", label={"fr": "Oui", "en": " "})], "both languages"),
        ([field("x", maximum_length=5, kind="number")], "maximum_length belongs"),
        ([field("x", "choice")], "needs choices"),
        ([field("x", "attachment")], "needs types"),
        ([field("x", "group", fields=[field("g", "group", fields=[field("p")])])], "cannot hold"),
        ([field("x", "number", minimum=5, maximum=4)], "above maximum"),
        (
            [field("x", "yes-no"), field("y", condition={"field": "x", "equals": "oui"})],
            "never its answer",
        ),
        ([field("x"), field("y", condition={"field": "x", "at_least": 3})], "no number"),
        ([PARTNERS, field("y", condition={"field": "abroad", "equals": "FR"})], "not yet asked"),
        ([field("x", condition={"field": "x", "like": "y"})], "compares nothing"),
        ([field("x", condition={"every": []})], "all, any, not"),
        ([field("x", visibility="secret")], "none of"),
    ],
)
def test_a_form_that_cannot_be_filled_is_refused(
    fields: list[dict[str, object]], message: str
) -> None:
    with pytest.raises(Malformed, match=message):
        form(*fields)


def test_a_rule_names_fields_that_exist() -> None:
    rule = {"rule": "at-least-one", "fields": ["a", "z"], "message": text("Un.")}

    with pytest.raises(Malformed, match="rule 1: it names 'z'"):
        form(field("a"), rules=[rule])


WRITTEN = """{"form": "trial", "version": 1, "source": "nowhere",
 "title": {"fr": "Essai", "en": "Trial"},
 "sections": [
  {"id": "only", "title": {"fr": "Essai", "en": "Trial"}, "fields": [
   {"id": "agrees", "kind": "yes-no", "article": "art. 1",
    "label": {"fr": "Oui ?", "en": "Yes?"}},
   {"id": "why", "kind": "text", "article": "art. 2", "required": true,
    "label": {"fr": "Pourquoi ?", "en": "Why?"},
    "condition":
     {"field": "agrees", "equals": "yes"}}
  ]}
 ]}
"""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"kind": "text"', '"kind": "texte"', "line 7: field 'why': 'texte' is none of"),
        ('"article": "art. 1",', '"article": 1,', "line 5: field 'agrees': text is expected"),
        ('"required": true', '"mandatory": true', "line 7: field 'why': unknown members"),
        ('"id": "why"', '"id": "agrees"', "line 7: agrees: it stands twice"),
        ('"equals": "yes"', '"equals": "oui"', "line 7: why: it compares 'agrees' with oui"),
        ('"equals": "yes"', '"equals": "yes", "equals": "no"', "line 10: a member stands twice"),
        ('"required": true,', '"required": true', "line 8: this is not JSON"),
        ('"version": 1', '"version": 1.5', "1.5 is no whole number"),
    ],
)
def test_a_mistake_is_told_with_its_line(before: str, after: str, message: str) -> None:
    assert read(WRITTEN).form == "trial"
    assert WRITTEN.count(before) == 1

    with pytest.raises(Malformed, match=message):
        read(WRITTEN.replace(before, after))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_form_is_written_as_it_is_read(name: str) -> None:
    shipped = read((FOLDER / name).read_text(encoding="utf-8"))

    assert parse(write(shipped)) == shipped


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
EU_FORM = read((FOLDER / "data-access-application.v2.json").read_text(encoding="utf-8"))


@given(st.dictionaries(st.sampled_from([f.id for f in EU_FORM.fields()]), JSON) | JSON)
def test_no_answers_whatever_they_hold_raise(answers: object) -> None:
    assert isinstance(problems(EU_FORM, answers), tuple)


def test_countries_are_those_of_iso_3166_in_both_languages() -> None:
    assert len(COUNTRIES) == 250
    assert (COUNTRIES["DE"].fr, COUNTRIES["DE"].en) == ("Allemagne", "Germany")
