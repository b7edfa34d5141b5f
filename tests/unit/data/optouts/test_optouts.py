"""A list of opt-outs in the zone: whom it names, by which of their numbers, under which right."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.data.optouts import Listing, Told, tell
from ecluse.data.optouts.indexes import HALF, are_listed, write_index
from ecluse.domain.documents import Basis, ListFile, OptOutList
from ecluse.domain.errors import BadSignature, Malformed, StaleOptOuts
from ecluse.trust import canonical
from tests.unit.data.loading.deliveries import ACTS, load
from tests.unit.domain.build import DECIDED_AT

HEADER = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO\n"
ANNA = "ANNA;1;N-ANNA;I-ANNA\nANNA-2;1;N-BEFORE;I-ANNA\n"
"""Insured through two persons, known by two national numbers: the provisional one came before."""
TWINS = "PARENT;1;N-T1;N-T1\nPARENT;2;N-T2;N-T2\n"
"""Two boys of one birth: they share the number of who insures them, but for their rank."""


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Anna, then the twins: keys 1 to 3, in the order of their identities."""
    files = {"IR_BEN_R.csv": f"{HEADER}{ANNA}{TWINS}", "ER_PRS_F.csv": ACTS}
    return load(tmp_path, files).snapshot


def told(snapshot: Snapshot, *ids: str, national: tuple[str, ...] = (), **more: bool) -> Told:
    """What a list says of everybody."""
    opt_outs = OptOutList("FR-2026-0001", DECIDED_AT, tuple(sorted(ids)), national)
    with connect(readable=[snapshot.folder]) as connection:
        return tell(np.arange(1, 4), Listing(opt_outs, **more), snapshot, connection)


@pytest.mark.parametrize(
    ("listed", "left_out"),
    [
        ("N-ANNA", [True, False, False]),
        ("N-BEFORE", [True, False, False]),
        ("ANNA", [True, False, False]),
        ("ANNA-21", [True, False, False]),
        ("N-T1", [False, True, False]),
        ("PARENT1", [False, True, False]),
        ("PARENT2", [False, False, True]),
        ("PARENT", [False, True, True]),
        ("NOBODY", [False, False, False]),
    ],
)
def test_one_of_a_person_s_numbers_is_enough_and_no_twin_is_taken_for_the_other(
    snapshot: Snapshot, listed: str, left_out: list[bool]
) -> None:
    assert told(snapshot, listed).left_out().tolist() == left_out


def test_a_person_with_two_numbers_of_their_own_is_known_to_the_register(
    snapshot: Snapshot,
) -> None:
    assert told(snapshot).is_known.tolist() == [True, True, True]


def test_each_right_is_counted_apart_and_each_person_once(snapshot: Snapshot) -> None:
    found = told(snapshot, "N-ANNA", "N-T1", national=("N-T1", "N-T2"))

    counts = {one.reason: one.person_count for one in found.removed()}
    assert counts == {"unnamed": 0, "ehds-71": 1, "national-copy": 1, "both": 1}


def test_the_exception_keeps_who_opted_out_and_not_who_opposed_the_national_copy(
    snapshot: Snapshot,
) -> None:
    found = told(snapshot, "N-ANNA", national=("N-T1",), is_exception=True)

    assert found.left_out().tolist() == [False, True, False]


def in_a_file(folder: Path, lines: str, **changes: object) -> Listing:
    """A list whose identifiers are in a file."""
    data = lines.encode()
    digest = canonical.digest(data)
    (folder / digest.removeprefix("sha256:")).write_bytes(data)
    told = {"digest": digest, "size": len(data), "count": lines.count("\n"), **changes}
    file = ListFile(Basis.EHDS, **told)  # type: ignore[arg-type]
    return Listing(OptOutList("FR-2026-0001", DECIDED_AT, (), files=(file,)), folder=folder)


def test_a_list_in_a_file_says_the_same_as_one_in_its_document(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    listing = in_a_file(tmp_path, "N-BEFORE\nN-T2\n")

    listing.check_files()
    with connect(readable=[snapshot.folder, *listing.paths()]) as connection:
        found = tell(np.arange(1, 4), listing, snapshot, connection)

    assert found.left_out().tolist() == [True, False, True]
    assert list(listing.identifiers(Basis.EHDS)) == ["N-BEFORE", "N-T2"]


def test_a_list_with_its_index_says_the_same(snapshot: Snapshot, tmp_path: Path) -> None:
    listing = in_a_file(tmp_path, "N-BEFORE\nN-T2\n")

    listing.make_indexes()
    listing.paths()[0].write_bytes(b"N-T1\n")  # were the text read, another would be out
    with connect(readable=[snapshot.folder, *listing.paths()]) as connection:
        found = tell(np.arange(1, 4), listing, snapshot, connection)

    assert found.left_out().tolist() == [True, False, True]


def test_texts_with_one_half_in_common_are_not_taken_for_each_other(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with connect(readable=[]) as connection:
        word = connection.from_arrow(pa.table({"word": ["N-1"]}))
        write_index(index, word, "word")
        upper, lower = np.fromfile(index, HALF)

        np.array([upper, upper, lower - 1, lower + 1], HALF).tofile(index)
        without = are_listed(index, word, "word", count=2)
        np.array([upper, upper, upper, lower - 1, lower, lower + 1], HALF).tofile(index)
        with_it = are_listed(index, word, "word", count=3)

    assert (without.tolist(), with_it.tolist()) == ([False], [True])


def test_an_index_that_was_cut_off_is_not_believed(snapshot: Snapshot, tmp_path: Path) -> None:
    listing = in_a_file(tmp_path, "N-BEFORE\nN-T2\n")
    listing.make_indexes()
    index = listing.index(Basis.EHDS)
    assert index is not None
    index.write_bytes(index.read_bytes()[:16])

    with (
        connect(readable=[snapshot.folder, *listing.paths()]) as connection,
        pytest.raises(StaleOptOuts),
    ):
        tell(np.arange(1, 4), listing, snapshot, connection)


@pytest.mark.parametrize("lines", ["N-T2\nN-BEFORE\n", "N-T2\nN-T2\n", "\nN-T2\n"])
def test_a_file_out_of_order_is_refused(tmp_path: Path, lines: str) -> None:
    with pytest.raises(Malformed):
        in_a_file(tmp_path, lines).check_files()


def test_a_file_of_another_count_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        in_a_file(tmp_path, "N-T2\n", count=2).check_files()


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    listing = in_a_file(tmp_path, "N-T1\n")
    (path,) = listing.paths()
    path.write_bytes(b"N-T2\n")

    with pytest.raises(BadSignature):
        listing.check_files()


def test_a_file_that_never_came_makes_the_list_stale(tmp_path: Path) -> None:
    listing = in_a_file(tmp_path, "N-T1\n")
    listing.paths()[0].unlink()

    with pytest.raises(StaleOptOuts):
        listing.paths()
