"""EHDS art. 78: the quality and utility label, what it covers, who grants and who revokes it."""

from datetime import date

import pytest

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.metadata.label import (
    Answer,
    Basis,
    Score,
    Side,
    State,
    assess,
    check,
    is_due,
    last_day,
    measured,
    move,
    together,
)
from ecluse.portal.label.scheme import scheme

SCHEME = scheme()
EVERY = {element.code: Answer(2, note="Guide, page 3") for element in SCHEME.elements}


def test_paragraph_2_of_publicly_funded_data_a_label_is_owed_and_of_others_not() -> None:
    assert is_due(is_publicly_funded=True, in_force=False)
    assert not is_due(is_publicly_funded=True, in_force=True)
    assert not is_due(is_publicly_funded=False, in_force=False)


def test_paragraph_3_the_label_covers_the_elements_of_points_a_to_f() -> None:
    covered = {
        section.code: [one.code for one in SCHEME.elements if one.section == section.code]
        for section in SCHEME.sections
    }

    assert covered == {
        "a": [
            *("metadata", "support-documentation", "data-dictionary", "formats-and-standards"),
            *("source", "data-model"),
        ],
        "b": ["completeness", "uniqueness", "accuracy", "validity", "timeliness", "consistency"],
        "c": ["management-maturity", "review-and-audit", "bias-examination"],
        "d": ["period", "population", "representativity", "time-in-dataset"],
        "e": ["collection-to-dataset", "permit-to-data"],
        "f": ["merging-and-adding", "links"],
    }


def test_paragraph_3_only_what_law_says_where_applicable_may_not_apply() -> None:
    optional = [one.code for one in SCHEME.elements if not one.is_always_due]

    assert optional == ["data-model", "representativity", "links"]
    check(SCHEME, {"representativity": Answer(None)})
    with pytest.raises(InvalidInput, match="completeness always applies"):
        check(SCHEME, {"completeness": Answer(None)})


def test_paragraph_3_an_element_without_an_answer_is_named() -> None:
    answers = {code: answer for code, answer in EVERY.items() if code != "bias-examination"}

    assert assess(SCHEME, answers).missing == ("bias-examination",)


def test_article_2_the_label_is_a_diagram_with_a_scale() -> None:
    found = assess(SCHEME, EVERY)

    assert [(mark.section, mark.percent) for mark in found.marks] == [
        ("a", 67),
        ("b", 67),
        ("c", 67),
        ("d", 67),
        ("e", 67),
        ("f", 67),
    ]
    assert (found.percent, found.letter) == (67, "C")


def test_each_section_weighs_the_same_and_what_does_not_apply_counts_nowhere() -> None:
    # Section f: 3 of 3 points for the only element that applies; all others 0.
    answers = {code: Answer(0) for code in EVERY}
    answers |= {"merging-and-adding": Answer(3, note="Page 9"), "links": Answer(None)}

    found = assess(SCHEME, answers)

    assert found.marks[5].percent == 100
    assert (found.percent, found.letter) == (17, "E")


def test_paragraph_4_a_level_rests_on_something_that_can_be_verified() -> None:
    with pytest.raises(InvalidInput, match="say what its level rests on"):
        check(SCHEME, {"period": Answer(3)})
    check(SCHEME, {"period": Answer(0)})


@pytest.mark.parametrize("answers", [{"colour": Answer(1, note="x")}, {"period": Answer(4)}])
def test_an_answer_that_the_scheme_has_not_is_refused(answers: dict[str, Answer]) -> None:
    with pytest.raises(InvalidInput):
        check(SCHEME, answers)


def test_what_a_report_measures_takes_the_place_of_what_is_declared_and_says_so() -> None:
    # 95 % passes exactly at 19 of 20; consistency counts two dimensions: 8 of 10 and 1 of 5.
    scores = [
        Score("completeness", 20, 19),
        Score("validity", 100, 94),
        Score("plausibility", 3, 1),
        Score("consistency", 10, 8),
        Score("stability", 5, 1),
        Score("uniqueness", 0, 0),
    ]

    found = measured(SCHEME, scores, note="sha256:ab")

    assert found == {
        "completeness": Answer(3, Basis.MEASURED, "sha256:ab"),
        "validity": Answer(2, Basis.MEASURED, "sha256:ab"),
        "accuracy": Answer(0, Basis.MEASURED, "sha256:ab"),
        "consistency": Answer(1, Basis.MEASURED, "sha256:ab"),
    }
    assert together(EVERY, found)["completeness"].basis is Basis.MEASURED
    assert together(EVERY, found)["uniqueness"].basis is Basis.DECLARED
    assert assess(SCHEME, together(EVERY, found)).marks[1].measured == 4


def test_paragraph_4_the_access_body_grants_and_revokes_and_says_why() -> None:
    submitted = move(State.DRAFT, "submit", side=Side.HOLDER)
    granted = move(submitted, "grant", side=Side.HUB)

    assert move(granted, "revoke", side=Side.HUB, reason="Contrôles faux.") is State.REVOKED
    with pytest.raises(InvalidInput, match="Say why"):
        move(granted, "revoke", side=Side.HUB, reason=" ")
    with pytest.raises(NotAllowed):
        move(submitted, "grant", side=Side.HOLDER)
    with pytest.raises(NotAllowed):
        move(granted, "revoke", side=Side.HOLDER, reason="Moi.")


@pytest.mark.parametrize("ended", [State.REVOKED, State.EXPIRED, State.WITHDRAWN])
def test_a_label_that_ended_never_holds_again(ended: State) -> None:
    with pytest.raises(NotAllowed):
        move(ended, "grant", side=Side.HUB)
    with pytest.raises(NotAllowed):
        move(ended, "submit", side=Side.HOLDER)


@pytest.mark.parametrize(
    ("granted_on", "months", "last"),
    [
        (date(2029, 3, 26), 12, date(2030, 3, 25)),
        (date(2029, 1, 31), 1, date(2029, 2, 27)),
        (date(2028, 2, 29), 12, date(2029, 2, 27)),
        (date(2029, 12, 1), 1, date(2029, 12, 31)),
    ],
)
def test_a_label_holds_until_the_day_before(granted_on: date, months: int, last: date) -> None:
    assert last_day(granted_on, months=months) == last
