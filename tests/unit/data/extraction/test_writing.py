"""The bytes of a file depend on its rows alone."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.engines import connect
from ecluse.data.extraction.naming import Kept, Namer, kept_of
from ecluse.data.extraction.plans import EVENT_DATE_COLUMN, TablePlan
from ecluse.data.extraction.writing import ROWS_PER_GROUP, Writer, regrouped
from ecluse.data.lake import LakeTable
from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.data.schemas import model
from ecluse.trust import canonical
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey

PROJECT = PseudonymKeys(
    FileKey(FIRST, bytes(range(32))), FileKey(SECOND, bytes(range(32, 64)))
).project("FR-2026-0001")
SCHEMA = model("snds").table("ER_PHA_F")
COLUMNS = tuple(SCHEMA.column(name) for name in ("DCT_ORD_NUM", "PHA_PRS_C13", "PHA_ACT_QSN"))
PLAN = TablePlan(
    table=LakeTable("ER_PHA_F", (), ()),
    schema=SCHEMA,
    columns=(*(one for one in COLUMNS if one), EVENT_DATE_COLUMN),
    dropped=(),
    is_dated=True,
)
PEOPLE, ROWS = 5_000, 300_000


@pytest.fixture(scope="module")
def kept() -> Kept:
    keys = pa.array(range(1, PEOPLE + 1), pa.int32())
    return kept_of(keys, pa.array([f"IDENTITY-{one}" for one in range(PEOPLE)]), PROJECT)


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Many rows alike: few days, few packs, and links that only tell some of them apart."""
    draw = np.random.default_rng(7)
    days = [date(2022, 1, 1) + timedelta(days=int(one)) for one in draw.integers(0, 30, ROWS)]
    return pa.table(
        {
            "person_key": draw.integers(1, PEOPLE + 200, ROWS).astype(np.int32),
            "event_date": days,
            "DCT_ORD_NUM": draw.integers(1, 40_000, ROWS).astype(np.int32),
            "PHA_PRS_C13": 3_400_930_000_000 + draw.integers(0, 9, ROWS),
            "PHA_ACT_QSN": draw.integers(1, 3, ROWS).astype(np.int32),
        }
    )


def write(path: Path, kept: Kept, rows: pa.Table, *, threads: int, memory: str) -> str:
    """Write the rows with an engine so limited; return the digest of the file."""
    with connect(
        readable=[], writable=[path.parent], threads=threads, memory_limit=memory
    ) as connection:
        writer = Writer(connection, kept, Namer(PROJECT), "salt")
        with path.open("wb") as file:
            writer.write(PLAN, connection.from_arrow(rows), file, ranks=kept.table())
    return canonical.digest_file(path)


@pytest.mark.parametrize(
    ("threads", "memory", "seed"),
    [(1, "1GiB", 1), (2, "1GiB", 2), (4, "1GiB", 3), (2, "64MiB", 4)],
)
def test_threads_memory_and_the_order_of_the_lake_do_not_show(
    tmp_path: Path, kept: Kept, rows: pa.Table, threads: int, memory: str, seed: int
) -> None:
    shuffled = rows.take(np.random.default_rng(seed).permutation(ROWS))

    plain = write(tmp_path / "plain.parquet", kept, rows, threads=2, memory="1GiB")
    other = write(tmp_path / "other.parquet", kept, shuffled, threads=threads, memory=memory)
    assert other == plain


def test_every_row_of_the_persons_kept_is_there_under_its_pseudonyms(
    tmp_path: Path, kept: Kept, rows: pa.Table
) -> None:
    write(tmp_path / "rows.parquet", kept, rows, threads=2, memory="1GiB")

    people = {
        int(key): name for key, name in zip(kept.keys, kept.pseudonyms.to_pylist(), strict=True)
    }
    links = dict(
        zip(range(40_000), PROJECT.of(Label.LINK, [str(one) for one in range(40_000)]), strict=True)
    )
    expected = Counter(
        (people[row["person_key"]], links[row["DCT_ORD_NUM"]], *_plain(row))
        for row in rows.to_pylist()
        if row["person_key"] in people
    )
    found = Counter(
        (row["person_pseudonym"], row["DCT_ORD_NUM"], *_plain(row))
        for row in pq.read_table(tmp_path / "rows.parquet").to_pylist()
    )
    assert found == expected


def _plain(row: dict[str, object]) -> tuple[object, ...]:
    return row["PHA_PRS_C13"], row["PHA_ACT_QSN"], row["event_date"]


def test_batches_have_one_size_whatever_the_engine_gives() -> None:
    whole = pa.record_batch({"n": pa.array(range(3 * ROWS_PER_GROUP + 5), pa.int64())})
    uneven = [whole.slice(0, 7), whole.slice(7, 2 * ROWS_PER_GROUP)]

    sizes = [batch.num_rows for batch in regrouped(uneven)]
    assert sizes == [ROWS_PER_GROUP, ROWS_PER_GROUP, 7]


def test_a_professional_met_again_has_the_same_pseudonym() -> None:
    namer = Namer(PROJECT)

    first = namer.of(Label.PROFESSIONAL, pa.array(["GP-1", None, "GP-2"])).to_pylist()
    again = namer.of(Label.PROFESSIONAL, pa.array(["GP-2", "GP-3", "GP-1"])).to_pylist()
    expected = PROJECT.of(Label.PROFESSIONAL, ["GP-1", "GP-2", "GP-3"])
    assert first == [expected[0], None, expected[1]]
    assert again == [expected[1], expected[2], expected[0]]
