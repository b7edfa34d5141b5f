"""Distances from published figures, worked out by hand; the country stays near them."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.synthetic import Country
from ecluse.data.synthetic.calendar import NEVER, date_texts
from ecluse.data.synthetic.care import Lines, join_lines, new_lines
from ecluse.data.synthetic.checks import distance
from ecluse.data.synthetic.traps import CANCELLATION, CORRECTION, inject
from ecluse.data.synthetic.truth import Truth
from tests.unit.data.synthetic.countries import write


def test_the_same_shares_are_at_no_distance() -> None:
    assert distance({"a": 1, "b": 3}, {"a": 10, "b": 30}) == 0


def test_shares_with_nothing_in_common_are_at_distance_one() -> None:
    assert distance({"a": 5}, {"b": 7}) == pytest.approx(1)


def test_half_in_common() -> None:
    # p = (1/2, 1/2, 0), q = (0, 1/2, 1/2), middle = (1/4, 1/2, 1/4): each 1/2 log2(2) = 1/2
    assert distance({"a": 1, "b": 1}, {"b": 1, "c": 1}) == pytest.approx(0.5)


def test_days_are_written_as_the_insurer_does() -> None:
    days = np.array([0, 18_321, NEVER], dtype=np.int32)

    assert date_texts(days).to_pylist() == ["01/01/1970", "29/02/2020", "01/01/1600"]
    assert date_texts(days, pattern="month-year").to_pylist()[:2] == ["011970", "022020"]
    assert date_texts(days, pattern="compact").to_pylist()[:2] == ["01011970", "29022020"]


def test_counts_of_blocks_add_up() -> None:
    first, second = Truth(), Truth()
    first.add("surcharges", injected=2, rows_before=10, rows_after=8)
    second.add("surcharges", injected=1, rows_before=5, rows_after=4)
    first.merge([second])

    assert first.counts["surcharges"] == Counter(injected=3, rows_before=15, rows_after=12)
    assert first.as_json()["surcharges"]["table"] == "ER_PRS_F"
    assert first.as_json()["return_codes"]["injected"] == 0


def _many_lines() -> Lines:
    person = np.repeat(np.arange(100), 400)
    lines = new_lines(person, np.tile(np.arange(400), 100), act=1111, price=2500)
    return replace(lines, quantity=np.full(lines.count, 2, dtype=np.int16))


def test_a_cancellation_takes_back_the_quantity_and_the_price() -> None:
    lines = inject(np.random.default_rng(1), _many_lines())
    cancelled = lines.take(lines.role == CANCELLATION)
    corrected = lines.take(lines.role == CORRECTION)

    assert set(cancelled.quantity.tolist()) == {-2}
    assert set(cancelled.price.tolist()) == {-2500}
    assert set(corrected.quantity.tolist()) == {1}
    assert 300 < cancelled.count < 500


def test_joined_lines_keep_their_order() -> None:
    lines = _many_lines()

    assert join_lines([lines, lines]).person.tolist() == [*lines.person.tolist()] * 2


def test_a_country_of_three_thousand_is_near_published_figures(tmp_path: Path) -> None:
    made = write(tmp_path, Country(persons=3000, years=(2018, 2019), seed=5)).made
    page = (made.truth_path / "report.html").read_text()
    told = json.loads((made.truth_path / "truth_counts.json").read_text())["checks"]
    ratios = {finding["name"]: finding["ratio"] for finding in told}

    assert page.count("<svg") == 8
    assert "Jensen-Shannon" in page
    assert "http" not in page
    assert 0.85 < ratios["outpatient visits"] < 1.1
    assert 0.7 < ratios["births"] < 1.3
    assert 0.6 < ratios["deaths"] < 1.6
