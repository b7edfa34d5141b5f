"""EHDS art. 67: what a data access application holds, and that nothing of it can be left out."""

import pytest

from ecluse.domain.answers import problems
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput
from ecluse.domain.forms import is_asked
from ecluse.portal.applications import actions, versions
from tests.unit.portal.applications.road import ANSWERS, NOW, Road, at_now, road

__all__ = ["at_now", "road"]

FORM = versions.load(versions.FORM, 1)
POINTS = {
    "a": ("organisation", "functions", "persons"),
    "b": ("purposes",),
    "c": ("intended_use", "expected_benefit"),
    "d": ("population", "care_from", "care_to", "covers_other_countries", "tables"),
    "e": ("data_format", "pseudonymised_reason"),
    "f": ("brings_own_data",),
    "g": ("safeguards",),
    "h": ("access_months", "period_reason"),
    "i": ("tools",),
    "j": ("ethics",),
    "k": ("opt_out_exception",),
}
CASES = [
    pytest.param(field, id=f"({point}) {field}")
    for point, fields in POINTS.items()
    for field in fields
]


def found(answers: dict[str, JSON]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems(FORM, answers)]


def test_a_complete_application_has_no_problem() -> None:
    assert found(ANSWERS) == []


@pytest.mark.parametrize("field", CASES)
def test_paragraph_2_each_point_must_be_answered(field: str) -> None:
    assert found({**ANSWERS, field: None}) == [(field, "required")]


@pytest.mark.parametrize("point", sorted(POINTS))
def test_paragraph_2_each_point_is_named_by_the_question_that_asks_it(point: str) -> None:
    articles = [FORM.field(field).article for field in POINTS[point]]

    assert all(f"67(2)({point})" in article for article in articles)


def test_paragraph_2_point_a_one_principal_investigator_is_named() -> None:
    nobody = [{"subject": "a@univ.example", "name": "A", "is_principal_investigator": False}]

    assert found({**ANSWERS, "persons": nobody}) == [("persons", "one-investigator")]  # type: ignore[dict-item]


@pytest.mark.parametrize("purpose", ["a", "b", "c"])
def test_article_53_paragraph_2_three_purposes_are_for_public_bodies(purpose: str) -> None:
    company = {**ANSWERS, "purposes": [purpose], "applicant_kind": "company"}
    public = {**company, "applicant_kind": "public-body", "public_mandate": "Code, art. 1"}

    assert found(company) == [("purposes", "choice-not-open")]  # type: ignore[arg-type]
    assert found(public) == []  # type: ignore[arg-type]


def test_paragraph_2_point_f_own_data_are_described() -> None:
    assert found({**ANSWERS, "brings_own_data": True}) == [("own_data", "required")]


def test_paragraph_2_point_k_the_exception_is_justified() -> None:
    asked = {**ANSWERS, "opt_out_exception": True}

    assert found(asked) == [("opt_out_exception_reason", "required")]


def test_paragraph_2_point_e_anonymised_data_need_no_reason() -> None:
    anonymised = {**ANSWERS, "data_format": "anonymised", "pseudonymised_reason": None}

    assert found(anonymised) == []


@pytest.mark.parametrize("field", ["gdpr_ground", "gdpr_compliance"])
def test_paragraph_4_pseudonymised_data_need_their_ground_in_the_gdpr(field: str) -> None:
    assert found({**ANSWERS, field: None}) == [(field, "required")]


def test_paragraph_5_a_public_body_may_ask_for_updates() -> None:
    frequency = FORM.field("update_frequency")

    assert is_asked(FORM, frequency, {"applicant_kind": "public-body"})
    assert not is_asked(FORM, frequency, {"applicant_kind": "company"})


@pytest.mark.parametrize("field", CASES)
def test_paragraph_2_nothing_incomplete_can_be_submitted(road: Road, field: str) -> None:
    draft = actions.save(road.draft(), {field: None}, by=road.camille, now=NOW)

    with pytest.raises(InvalidInput, match=field):
        actions.submit(draft, by=road.camille, now=NOW)
