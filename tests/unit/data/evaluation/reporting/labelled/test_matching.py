"""Spans found against spans to find, one to one."""

from ecluse.data.evaluation.reporting.labelled.matching import match

DRUG = (0, 8, "drug")


def test_a_span_is_right_with_both_ends_and_its_label() -> None:
    assert match([DRUG], [DRUG]) == {"drug": [1, 0, 0, 0]}


def test_an_overlap_of_the_same_label_is_found_in_part() -> None:
    assert match([DRUG], [(4, 9, "drug")]) == {"drug": [0, 1, 0, 0]}


def test_spans_that_touch_do_not_overlap() -> None:
    assert match([DRUG], [(8, 9, "drug")]) == {"drug": [0, 0, 1, 1]}


def test_another_label_at_the_same_place_is_missed_and_wrongly_said() -> None:
    assert match([DRUG], [(0, 8, "dose")]) == {"drug": [0, 0, 1, 0], "dose": [0, 0, 0, 1]}


def test_one_long_answer_over_two_spans_pays_for_one() -> None:
    assert match([DRUG, (9, 12, "drug")], [(0, 12, "drug")]) == {"drug": [0, 1, 1, 0]}


def test_a_span_said_twice_is_wrongly_said_once() -> None:
    assert match([DRUG], [DRUG, DRUG]) == {"drug": [1, 0, 0, 1]}


def test_the_longest_overlap_is_paired_first() -> None:
    """(0, 8) shares 6 with (2, 9) and 2 with (0, 2): the second is left for nobody."""
    assert match([DRUG], [(0, 2, "drug"), (2, 9, "drug")]) == {"drug": [0, 1, 0, 1]}
