"""Readers, masks and spans.

Sources: Shrout and Fleiss, Psychol Bull 1979;86:420, tables 2 and 4 (six cases, four judges).
Fleiss,
Psychol Bull 1971 worked on fourteen readers and ten cases. Tolerances are the digits printed.
"""

import numpy as np
import pytest

from ecluse.data.evaluation.agreement import cohen_kappa, fleiss_kappa, intraclass, kappa_of
from ecluse.data.evaluation.bootstrap import Plan
from ecluse.data.evaluation.classification import class_scores, matthews, span_scores
from ecluse.data.evaluation.overlap import dice, hausdorff, jaccard
from ecluse.domain.errors import InvalidInput

JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_six_coefficients_of_shrout_and_fleiss() -> None:
    found = intraclass(JUDGES)

    assert found.one_way.value == pytest.approx(0.17, abs=5e-3)
    assert found.agreement.value == pytest.approx(0.29, abs=5e-3)
    assert found.consistency.value == pytest.approx(0.71, abs=5e-3)
    assert found.mean_one_way.value == pytest.approx(0.44, abs=5e-3)
    assert found.mean_agreement.value == pytest.approx(0.62, abs=5e-3)
    assert found.mean_consistency.value == pytest.approx(0.91, abs=5e-3)


def test_the_intervals_of_the_coefficients() -> None:
    """As McGraw and Wong's formulas give them in the psych package of R."""
    found = intraclass(JUDGES)

    assert found.one_way.interval.low == pytest.approx(-0.133, abs=5e-4)
    assert found.one_way.interval.high == pytest.approx(0.723, abs=5e-4)
    assert found.agreement.interval.low == pytest.approx(0.019, abs=5e-4)
    assert found.agreement.interval.high == pytest.approx(0.761, abs=5e-4)
    assert found.consistency.interval.low == pytest.approx(0.342, abs=5e-4)
    assert found.consistency.interval.high == pytest.approx(0.946, abs=5e-4)


def test_kappa_by_hand() -> None:
    """Seen .7, expected .5·.6 + .5·.4 = .5: (.7 - .5)/.5 = .4."""
    assert cohen_kappa([[20, 5], [10, 15]]).value == pytest.approx(0.4)


def test_kappa_of_vectors_is_that_of_their_table() -> None:
    first, second = ["a", "a", "b", "b"], ["a", "b", "b", "b"]

    assert kappa_of(first, second) == cohen_kappa([[1, 1], [0, 2]])


def test_with_two_categories_weights_change_nothing() -> None:
    table = [[20, 5], [10, 15]]

    assert cohen_kappa(table, weighting="quadratic").value == pytest.approx(0.4)


def test_kappa_of_fourteen_readers() -> None:
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip

    assert fleiss_kappa(counts) == pytest.approx(0.210, abs=5e-4)


def test_readers_who_use_one_category_alone_have_no_kappa() -> None:
    with pytest.raises(InvalidInput, match="one category alone"):
        cohen_kappa([[10, 0], [0, 0]])


def test_the_overlap_of_two_masks_by_hand() -> None:
    """Two pixels and three, two of them common: 4/5, and 2/3."""
    one, two = [[1, 1, 0]], [[1, 1, 1]]

    assert dice(one, two) == pytest.approx(0.8)
    assert jaccard(one, two) == pytest.approx(2 / 3)


def test_two_empty_masks_are_counted_apart() -> None:
    with pytest.raises(InvalidInput, match="count such images apart"):
        dice([[0, 0]], [[0, 0]])


def test_the_distance_of_two_points_is_in_millimetres() -> None:
    """Three pixels of 2 mm apart."""
    one, two = np.zeros((1, 5)), np.zeros((1, 5))
    one[0, 0] = two[0, 3] = 1

    assert hausdorff(one, two, spacing=[1.0, 2.0]) == pytest.approx(6.0)


def test_one_stray_pixel_of_many_moves_hausdorff_and_not_hd95() -> None:
    one = np.zeros((12, 40))
    one[1:3, 0:40] = 1
    two = one.copy()
    two[10, 20] = 1

    assert hausdorff(two, one, spacing=[1, 1], percentile=100) == pytest.approx(8.0)
    assert hausdorff(two, one, spacing=[1, 1]) == 0.0


def test_f1_by_class_macro_and_micro_by_hand() -> None:
    """Class a: P 1/2, R 1, F 2/3; class b: P 1, R 1/2, F 2/3; class c: P = R = 1."""
    found = class_scores(list("abbc"), list("aabc"))

    assert found.f1 == pytest.approx([2 / 3, 2 / 3, 1])
    assert found.macro_f1 == pytest.approx(7 / 9)
    assert found.micro_f1 == pytest.approx(3 / 4)


def test_matthews_by_hand() -> None:
    """(20·15 - 5·10)/√(25·25·30·20) = 250/612.4."""
    assert matthews([[20, 5], [10, 15]]) == pytest.approx(0.4082, abs=5e-5)


def test_spans_are_drawn_by_document() -> None:
    """All errors are in one document of ten: tokens as independent would hide how little is known.

    Of 90 + 0 hits, 10 alarms: precision .9, but drawn documents go from about .74 to 1.
    """
    counts = [[10, 0, 0]] * 9 + [[0, 10, 10]]

    found = span_scores(counts, Plan(seed=1, method="percentile"))

    assert found.precision.value == pytest.approx(0.9)
    assert found.precision.interval.low == pytest.approx(0.7, abs=0.02)
    assert found.precision.interval.high == 1.0
