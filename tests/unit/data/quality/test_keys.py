from datetime import date
from pathlib import Path

import pytest

from ecluse.data.quality import Status, keys
from tests.unit.data.quality.examined import FLOW, act, found, measured

MAY = date(2022, 5, 10)


def test_keys_read_in_portions_give_the_same_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "KEYS_AT_ONCE", 2)
    acts = [act(1, MAY, key) for key in (1, 2, 3, 3, 4, 4, 4)]
    drugs = [
        {"person_key": 1, "event_date": MAY, "event_key": key, "FLX_DIS_DTD": FLOW}
        for key in (1, 4, 4, 5, 6)
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts, "ER_PHA_F": drugs})

    assert found(report, "repeated-key", "ER_PRS_F") == (3, 7, Status.FAILED)
    assert found(report, "child-without-parent", "ER_PHA_F") == (2, 5, Status.FAILED)


def test_the_largest_key_of_sixty_four_bits_is_found_again(tmp_path: Path) -> None:
    largest = 2**64 - 1
    drug = {"person_key": 1, "event_date": MAY, "event_key": largest, "FLX_DIS_DTD": FLOW}

    report = measured(tmp_path, {"ER_PRS_F": [act(1, MAY, largest)], "ER_PHA_F": [drug]})

    assert found(report, "child-without-parent", "ER_PHA_F") == (0, 1, Status.PASSED)


def test_children_of_a_month_whose_claims_are_missing_have_no_parent(tmp_path: Path) -> None:
    drug = {
        "person_key": 1,
        "event_date": MAY,
        "event_key": 1,
        "FLX_DIS_DTD": date(2022, 7, 1),
    }

    report = measured(tmp_path, {"ER_PRS_F": [act(1, MAY, 1)], "ER_PHA_F": [drug]})

    assert found(report, "child-without-parent", "ER_PHA_F") == (1, 1, Status.FAILED)
