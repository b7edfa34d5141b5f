"""Designs of regressions and trained models, judged on their facts."""

from dataclasses import replace

import pytest

from ecluse.domain.disclosure import (
    DesignFacts,
    DisclosurePolicy,
    ModelFacts,
    ModelKind,
    check_design,
    check_model,
    for_author,
    for_checker,
)

POLICY = DisclosurePolicy()
SOUND = DesignFacts(
    persons=150,
    residual_degrees=147,
    apart={"age": 149, "sex: M": 70},
    largest_leverage=0.1,
    isolated=None,
    patterns=(1,) * 150,
    equal_patterns=0,
    is_saturated=False,
    explained=0.4,
)


def rules(facts: DesignFacts) -> list[tuple[str, str]]:
    return [(finding.rule, finding.place) for finding in check_design(facts, POLICY)]


def test_a_sound_design_has_nothing_against_it() -> None:
    assert rules(SOUND) == []


@pytest.mark.parametrize(("degrees", "expected"), [(9, [("R12", "file")]), (10, [])])
def test_ten_residual_degrees_of_freedom_are_enough(
    degrees: int, expected: list[tuple[str, str]]
) -> None:
    assert rules(replace(SOUND, residual_degrees=degrees)) == expected


@pytest.mark.parametrize(("persons", "expected"), [(1, True), (10, True), (11, False), (12, False)])
def test_eleven_persons_must_differ_in_each_term(persons: int, expected: bool) -> None:
    found = rules(replace(SOUND, apart={"exposed": persons}))

    assert (("R12", "term exposed") in found) is expected


def test_a_person_whom_the_estimates_follow_is_seen() -> None:
    # 1 - 1/11 = 0.909...
    assert rules(replace(SOUND, largest_leverage=0.91)) == [("R12", "file")]
    assert rules(replace(SOUND, largest_leverage=0.90)) == []


def test_a_small_group_set_apart_by_several_variables_is_seen() -> None:
    assert rules(replace(SOUND, isolated=4)) == [("R12", "file")]
    assert rules(replace(SOUND, isolated=11)) == []


def test_a_perfect_fit_is_blocked() -> None:
    assert rules(replace(SOUND, explained=1.0)) == [("R12", "file")]


def test_a_saturated_design_is_judged_as_a_table() -> None:
    saturated = replace(SOUND, is_saturated=True, patterns=(75, 75))

    assert rules(saturated) == []
    assert rules(replace(saturated, patterns=(140, 10))) == [("R12", "file")]
    assert rules(replace(saturated, equal_patterns=1)) == [("R12", "file")]


def test_both_sides_of_a_comparison_need_persons_with_and_without_the_event() -> None:
    assert rules(replace(SOUND, events={"term sex: M": (10, 60)})) == [("R15", "term sex: M")]
    assert rules(replace(SOUND, events={"term sex: M": (60, 10)})) == [("R15", "term sex: M")]
    assert rules(replace(SOUND, events={"term sex: M": (11, 11)})) == []


def test_the_author_learns_the_term_and_not_the_number() -> None:
    (finding,) = check_design(replace(SOUND, apart={"exposed": 1}), POLICY)

    assert for_checker(finding).explanation.startswith("1 persons differ from the others < 11")
    assert for_author(finding).explanation.startswith("… persons differ from the others < 11")


TREE = ModelFacts(ModelKind.TREE, persons=500, parameters=7, leaves=(200, 150, 150))


@pytest.mark.parametrize(
    ("facts", "is_denied"),
    [
        (None, True),
        (TREE, False),
        (replace(TREE, leaves=(489, 11)), False),
        (replace(TREE, leaves=(490, 10)), True),
        (replace(TREE, leaves=()), True),
        (replace(TREE, kind=ModelKind.NEIGHBOURS), True),
        (replace(TREE, kind=ModelKind.SUPPORT_VECTORS), True),
        (replace(TREE, kind=ModelKind.NETWORK), True),
        (replace(TREE, kind=ModelKind.LINEAR), False),
        (replace(TREE, kind=ModelKind.LINEAR, parameters=491), True),
    ],
)
def test_a_model_is_denied_unless_it_can_hold_nobody(
    facts: ModelFacts | None, is_denied: bool
) -> None:
    found = [finding.rule for finding in check_model(facts, POLICY)]

    assert found == (["R18"] if is_denied else [])
