"""The hashes beside a journal: kept as it grows, believed only under a signature, made again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ecluse.domain.errors import JournalBroken, NotFound
from ecluse.trust.journal import exports, files, hashes, proofs, reading, tree, verification
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.journal.hashes import HashFiles, hashes_path
from ecluse.trust.journal.proofs import LeafTree
from tests.unit.trust.build import AGENT, KEYRING, NOW

ORIGIN = "test/zone"


def opened(folder: Path) -> FileJournal:
    return FileJournal(folder, origin=ORIGIN, key=AGENT)


@pytest.fixture(scope="module")
def long_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of entries of a journal of 600, written by sixteen threads."""
    folder = tmp_path_factory.mktemp("long")
    with opened(folder) as journal, ThreadPoolExecutor(16) as pool:
        list(
            pool.map(
                lambda n: journal.append("job.finished", actor="agent", subject=f"J{n}", at=NOW),
                range(600),
            )
        )
    return folder / files.ENTRIES


def copied(path: Path, folder: Path) -> Path:
    """The same journal in another folder, to spoil."""
    target = folder / path.name
    target.write_bytes(path.read_bytes())
    files.checkpoints_path(target).write_bytes(files.checkpoints_path(path).read_bytes())
    hashes_path(target).mkdir()
    for one in hashes_path(path).iterdir():
        (hashes_path(target) / one.name).write_bytes(one.read_bytes())
    return target


def leaves_of(path: Path) -> list[bytes]:
    return [tree.leaf_hash(line) for line in path.read_bytes().splitlines()]


def test_threads_share_checkpoints_and_every_entry_lies_under_one(long_journal: Path) -> None:
    export = files.read(long_journal)
    report = verification.verify(export.lines, export.checkpoints, KEYRING)

    assert (report.size, report.problem) == (600, None)
    assert report.checkpoint_count < 300


def test_the_entries_of_a_thread_keep_their_order(tmp_path: Path) -> None:
    def write(writer: int) -> None:
        for number in range(20):
            journal.append("job.finished", actor=str(writer), subject=str(number), at=NOW)

    with opened(tmp_path) as journal, ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
        told = [entry.subject for entry in journal.entries() if entry.actor == "3"]

    assert told == [str(number) for number in range(20)]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, 599])
@pytest.mark.parametrize("size", [600, 513])
def test_a_proof_from_the_hashes_is_that_of_all_the_leaves(
    long_journal: Path, index: int, size: int
) -> None:
    kept, leaves = HashFiles(hashes_path(long_journal)), LeafTree(leaves_of(long_journal))
    index = min(index, size - 1)

    assert proofs.inclusion_proof(kept, index, size=size) == proofs.inclusion_proof(
        leaves, index, size=size
    )
    assert proofs.consistency_proof(kept, index + 1, size=size) == proofs.consistency_proof(
        leaves, index + 1, size=size
    )
    kept.close()


def test_a_proof_in_a_long_journal_reads_few_subtrees(long_journal: Path) -> None:
    kept = HashFiles(hashes_path(long_journal))
    read: list[tuple[int, int]] = []

    class Counted:
        size = 600

        def node(self, height: int, index: int) -> bytes:
            read.append((height, index))
            return kept.node(height, index)

    proofs.inclusion_proof(Counted(), 300)
    kept.close()

    assert len(read) <= 2 * 10  # 2^10 > 600


def test_opening_hashes_the_last_tile_alone(long_journal: Path, tmp_path: Path) -> None:
    """Bytes of an old tile are not read again: their hashes lie under the signed root."""
    path = copied(long_journal, tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"subject":"J1"', b'"subject":"J?"'))
    changed = [line for line in path.read_bytes().splitlines() if b"J?" in line]
    opened(tmp_path).close()
    export = files.read(path)

    assert len(changed) == 1
    assert verification.verify(export.lines, export.checkpoints, KEYRING).problem is not None


@pytest.mark.parametrize("name", ["0", "1", "ends"])
def test_lost_hashes_are_made_again_from_the_entries(
    long_journal: Path, tmp_path: Path, name: str
) -> None:
    path = copied(long_journal, tmp_path)
    (hashes_path(path) / name).unlink()
    opened(tmp_path).close()
    kept = HashFiles(hashes_path(path))

    assert proofs.root(kept) == tree.root(leaves_of(path))
    kept.close()


def test_false_hashes_are_made_again_from_the_entries(long_journal: Path, tmp_path: Path) -> None:
    path = copied(long_journal, tmp_path)
    first = hashes_path(path) / "1"
    first.write_bytes(b"\xff" * 32 + first.read_bytes()[32:])
    opened(tmp_path).close()
    kept = HashFiles(hashes_path(path))

    assert proofs.root(kept) == tree.root(leaves_of(path))
    kept.close()


def test_entries_cut_before_the_last_tile_are_not_continued(
    long_journal: Path, tmp_path: Path
) -> None:
    path = copied(long_journal, tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:599]))

    with pytest.raises(JournalBroken):
        opened(tmp_path)


def test_a_group_without_its_checkpoint_never_counted(long_journal: Path, tmp_path: Path) -> None:
    """What a crash leaves between the two writes of a group: entries, and no checkpoint."""
    path = copied(long_journal, tmp_path)
    notes = files.checkpoints_path(path)
    kept = notes.read_bytes().splitlines(keepends=True)[:-1]
    notes.write_bytes(b"".join(kept))
    last = reading.last_note(path)
    export = files.read(path)
    report = verification.verify(export.lines, export.checkpoints, KEYRING)
    opened(tmp_path).close()

    assert report.problem is None
    assert report.size < 600
    assert f"\n{report.size}\n" in last
    assert len(path.read_bytes().splitlines()) == report.size


def test_a_journal_read_by_rank_gives_its_lines(long_journal: Path) -> None:
    lines = long_journal.read_bytes().splitlines()
    with reading.reading(long_journal) as found:
        assert isinstance(found.tree, HashFiles)
        assert found.lines(255, 258) == lines[255:258]
        assert proofs.root(found.tree) == tree.root(leaves_of(long_journal))


def test_a_journal_without_hashes_is_read_by_rank_too(long_journal: Path, tmp_path: Path) -> None:
    export = exports.read(long_journal)
    target = tmp_path / "export.jsonl"
    exports.write_export(target, export.lines, export.checkpoints)
    with reading.reading(target) as found:
        assert found.lines(599, 600) == [long_journal.read_bytes().splitlines()[-1]]
        assert proofs.root(found.tree) == tree.root(leaves_of(long_journal))


def test_an_empty_journal_has_nothing_to_prove(tmp_path: Path) -> None:
    opened(tmp_path).close()

    with pytest.raises(NotFound, match="no checkpoint"), reading.reading(tmp_path / files.ENTRIES):
        pass


def test_a_tile_is_a_slice(long_journal: Path) -> None:
    kept = HashFiles(hashes_path(long_journal))

    assert kept.tile(0, 1) == b"".join(leaves_of(long_journal)[256:512])
    assert kept.tile(0, 2, 88) == b"".join(leaves_of(long_journal)[512:])
    assert kept.tile(1, 0, 2)[:32] == tree.root(leaves_of(long_journal)[:256])
    with pytest.raises(ValueError, match="has no 256 hashes"):
        kept.tile(0, 2)
    assert hashes.WIDTH == 256
    kept.close()
