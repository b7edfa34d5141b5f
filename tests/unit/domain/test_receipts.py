from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecluse.domain import receipts
from ecluse.domain.documents import (
    AttritionStep,
    ExtractedTable,
    ExtractionReceipt,
    OptOutEvidence,
    Removal,
    RemovedPersons,
    RemovedRows,
)
from ecluse.domain.documents.optouts import REASONS

WHOLE = ExtractionReceipt(
    order_number="FR-2026-0001-E1",
    order_digest="sha256:" + "2" * 64,
    permit_number="FR-2026-0001",
    dataset="snds-synthetic",
    snapshot="20260104T080000Z-0a1b2c3d",
    opt_out_list_digest="sha256:" + "3" * 64,
    attrition=(),
    tables=(),
    engine="duckdb",
    started_at=datetime(2026, 2, 2, 9, tzinfo=UTC),
    finished_at=datetime(2026, 2, 2, 9, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((5000, 400, 300, 300), (5000, 400, 300, 300)),
        ((5000, 9, 0), (5000, None, None)),
        ((5000, 4995, 4000), (5000, None, 4000)),
        ((5000, 4995, 4991, 4990), (5000, None, None, 4990)),
        ((500, 505), (500, None)),
        ((), ()),
    ],
    ids=["large", "small", "few left", "few and few", "few came", "none"],
)
def test_a_step_is_shown_when_it_and_what_left_are_ten_or_more(
    counts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    assert receipts.shown_steps(counts, minimum=10) == shown


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((500, 80, 20), (500, 80, 20)),
        ((500, 80, 3), (500, None, None)),
        ((500, 4, 3), (500, None, None)),
        ((500, 0, 3), (None, 0, None)),
        ((3,), (None,)),
    ],
    ids=["large", "one small", "two small", "nothing beside", "alone"],
)
def test_one_small_part_takes_another_with_it(
    parts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    assert receipts.shown_parts(parts, minimum=10) == shown


def test_the_receipt_that_leaves_keeps_everything_but_small_counts() -> None:
    table = ExtractedTable(
        table="ER_PHA_F",
        row_count_in=1000,
        row_count_out=7,
        columns=("PHA_PRS_C13",),
        columns_dropped=(),
        digest="sha256:" + "1" * 64,
        removed=(RemovedRows(Removal.OUTSIDE_COHORT, 993),),
    )
    whole = replace(
        WHOLE,
        attrition=(AttritionStep("persons-of-dataset", 5000), AttritionStep("treated", 4)),
        tables=(table,),
    )

    leaving = receipts.published(whole, minimum=10)
    assert [step.person_count for step in leaving.attrition] == [5000, None]
    assert leaving.tables[0].row_count_out is None
    assert leaving.tables[0].removed == (RemovedRows(Removal.OUTSIDE_COHORT, None),)
    assert replace(leaving, attrition=whole.attrition, tables=whole.tables) == whole


@pytest.mark.parametrize(
    ("removed", "shown"),
    [
        ((20, 30, 0, 40), (20, 30, 0, 40)),
        ((0, 12, 3, 0), (0, None, None, 0)),
        ((20, 0, 3, 40), (None, 0, None, 40)),
        ((0, 3, 0, 0), (0, None, 0, 0)),
        ((0, 3, 4, 90), (0, None, None, 90)),
    ],
    ids=["large", "a few of two", "a few of three", "a few alone", "two times a few"],
)
def test_persons_left_out_are_said_where_no_few_of_them_could_be_worked_out(
    removed: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    # 11 are left of the cohort, which a step shows: it must not tell who is masked.
    cohort = 11 + sum(removed)
    parts = tuple(map(RemovedPersons, REASONS, removed))
    told = OptOutEvidence(WHOLE.started_at, False, cohort, parts, (), "sha256:" + "4" * 64)
    steps = (AttritionStep("cohort", cohort), AttritionStep("not-opted-out", 11))

    left = receipts.published(replace(WHOLE, attrition=steps, opt_outs=told), minimum=10).opt_outs

    assert left is not None
    assert left.person_count == cohort
    assert tuple(one.person_count for one in left.removed) == shown


def test_a_cohort_that_no_step_shows_is_not_said_beside_its_opt_outs() -> None:
    parts = tuple(map(RemovedPersons, REASONS, (0, 20, 0, 0)))
    told = OptOutEvidence(WHOLE.started_at, False, 497, parts, (), "sha256:" + "4" * 64)
    steps = (AttritionStep("first", 500), AttritionStep("second", 497))

    left = receipts.published(replace(WHOLE, attrition=steps, opt_outs=told), minimum=10).opt_outs

    assert left is not None
    assert left.person_count is None
