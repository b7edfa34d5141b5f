from datetime import date
from pathlib import Path

import pytest

from ecluse.data.engines import connect
from ecluse.data.quality import report
from ecluse.data.quality.masking import shown
from tests.unit.data.lakes import publish
from tests.unit.data.quality.examined import ON, PERSONS, act

MAY = date(2022, 5, 10)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 11, 500), (0, 11, 500)),
        # 4 alone would be the total less the others: the smallest other goes too.
        ((4, 20, 500), (None, None, 500)),
        # 5 and 6 together are 11: their sum tells nothing more than a count that may be shown.
        ((5, 6, 500), (None, None, 500)),
        ((5, 5, 12, 500), (None, None, None, 500)),
        ((3,), (None,)),
        ((), ()),
    ],
)
def test_small_counts_and_those_that_give_them_away_are_not_shown(
    counts: tuple[int, ...], expected: tuple[int | None, ...]
) -> None:
    assert shown(counts, 11) == expected


def test_a_report_hides_small_counts_unless_asked(tmp_path: Path) -> None:
    acts = [act(1, MAY, key, PRS_NAT_REF=1111) for key in range(30)]
    acts += [act(1, None, 30 + key, PRS_NAT_REF=6111) for key in range(3)]
    snapshot = publish(tmp_path, "data", {"ER_PRS_F": acts}, PERSONS)

    with connect(readable=[snapshot.folder]) as connection:
        made = report(snapshot, connection=connection, on=ON)

    table = made.table("ER_PRS_F")
    assert table is not None
    assert made.minimum_count == 11
    assert table.rows == 33
    missing = {column.name: column.missing for column in table.columns}
    assert (missing["EXE_SOI_DTD"], missing["PRS_NAT_REF"]) == (None, 0)
    (result,) = [check for check in made.checks if check.check == "missing-date"]
    assert (result.violations, result.examined) == (None, 33)
    # The rest holds 3 rows only, so the code before it joins it.
    assert (table.codes[0].codes, table.codes[0].rest) == ((), 33)


def test_what_is_nearly_always_missing_is_hidden_too(tmp_path: Path) -> None:
    acts = [act(1, MAY, key, PRE_PRE_DTD=None) for key in range(30)]
    acts += [act(1, MAY, 40, PRE_PRE_DTD=MAY)]
    snapshot = publish(tmp_path, "data", {"ER_PRS_F": acts}, PERSONS)

    with connect(readable=[snapshot.folder]) as connection:
        made = report(snapshot, connection=connection, on=ON)

    table = made.table("ER_PRS_F")
    assert table is not None
    # 30 of 31 missing would tell that one row has the value.
    (column,) = [column for column in table.columns if column.name == "PRE_PRE_DTD"]
    assert (column.missing, column.missing_by_period) == (None, (None,))
