"""What the catalogue offers of each column: what keeps a meaning, and can be done."""

from pathlib import Path

import pytest

from ecluse.data.agent.notices import describe
from ecluse.data.agent.precisions import precisions
from ecluse.data.schemas import model
from ecluse.domain.documents import FilterState
from tests.unit.data.agent.worlds import World


@pytest.mark.parametrize(
    ("table", "column", "offered"),
    [
        ("ER_PRS_F", "EXE_SOI_DTD", ["month", "year", "choice-only"]),
        ("IR_BEN_R", "BEN_NAI_ANN", ["age-band", "choice-only"]),
        ("IR_BEN_R", "BEN_NAI_MOI", ["choice-only"]),
        ("ER_PRS_F", "BEN_RES_COM", ["choice-only"]),
        ("ER_PRS_F", "BEN_RES_DPT", ["region", "choice-only"]),
        ("T_MCOaaB", "BDI_COD", ["department", "region", "choice-only"]),
        ("T_MCOaaB", "AGE_ANN", ["age-band", "rounded", "choice-only"]),
        ("ER_PHA_F", "PHA_ACT_QSN", ["rounded", "choice-only"]),
        ("T_MCOaaB", "ETA_NUM", ["choice-only"]),
        ("IR_BEN_R", "BEN_NIR_ANO", []),
    ],
)
def test_a_column_is_offered_what_makes_sense_of_it(
    table: str, column: str, offered: list[str]
) -> None:
    found = model("snds").table(table).column(column)
    assert found is not None

    assert [one.value for one in precisions(found)] == offered


def test_a_notice_says_the_precisions_of_each_column(tmp_path: Path) -> None:
    notice = describe(World(tmp_path).snapshot)

    (claims,) = (table for table in notice.tables if table.name == "ER_PHA_F")
    offered = {column.name: [one.value for one in column.precisions] for column in claims.columns}
    assert offered["event_date"] == ["month", "year", "choice-only"]
    assert offered["PHA_PRS_C13"] == ["choice-only"]


def test_a_notice_says_the_filters_of_its_tables_with_their_default(tmp_path: Path) -> None:
    notice = describe(World(tmp_path).snapshot)

    filters = {found.name: found for found in notice.filters}
    assert filters["surcharges"].default is FilterState.ON
    assert filters["surcharges"].tables == ("ER_PRS_F",)
    assert filters["provisional_persons"].default is FilterState.OFF
    assert "ghs_9999" not in filters
