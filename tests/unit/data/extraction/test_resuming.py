"""An extraction stopped in the middle goes on from the table that it had reached."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ecluse.data.extraction import extract
from ecluse.data.pseudonyms import PseudonymKeys
from ecluse.domain.documents import ExtractionReceipt
from ecluse.domain.errors import OutOfScope
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey
from tests.unit.data import studies
from tests.unit.data.studies import KEY, NOW, Study


class Stopped(KeyboardInterrupt):
    """What Ctrl-C raises."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


@pytest.fixture
def steps() -> list[str]:
    return []


def run(
    study: Study,
    tell: Callable[[str, int, int], None] = lambda *_: None,
    *,
    key: PseudonymKeys = KEY,
    target: Path | None = None,
    **changes: object,
) -> ExtractionReceipt:
    return extract(
        studies.warrant(studies.order(study.snapshot, **changes)),
        lake=study.lake,
        key=key,
        target=target or study.target,
        clock=lambda: NOW,
        on_progress=tell,
    )


def stop_at(wanted: str) -> Callable[[str, int, int], None]:
    def tell(step: str, _done: int, _total: int) -> None:
        if step == wanted:
            raise Stopped

    return tell


def stopped(study: Study) -> Path:
    """Extract until the third table; return the folder left."""
    with pytest.raises(Stopped):
        run(study, stop_at("table IR_BEN_R"))
    return study.target.with_name(".staging-E1")


def written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_nothing_has_its_final_name_before_the_end(study: Study) -> None:
    folder = stopped(study)

    assert not study.target.exists()
    assert (folder / "ER_PHA_F.parquet").exists()


def test_the_next_run_keeps_the_tables_finished_and_gives_the_same_files(study: Study) -> None:
    folder = stopped(study)
    before = written_at(folder / "ER_PHA_F.parquet")

    resumed = run(study)
    whole = run(study, target=study.target.with_name("E2"))
    assert written_at(study.target / "ER_PHA_F.parquet") == before
    assert resumed.attrition == whole.attrition
    assert [one.digest for one in resumed.files] == [one.digest for one in whole.files]


def test_a_table_changed_meanwhile_is_written_again(study: Study) -> None:
    folder = stopped(study)
    file = folder / "ER_PHA_F.parquet"
    file.write_bytes(file.read_bytes() + b"!")

    resumed = run(study)
    whole = run(study, target=study.target.with_name("E2"))
    assert [one.digest for one in resumed.tables] == [one.digest for one in whole.tables]


def test_another_key_begins_again(study: Study) -> None:
    stopped(study)
    other = PseudonymKeys(FileKey(FIRST, bytes(32)), FileKey(SECOND, bytes(range(32, 64))))

    resumed = run(study, key=other)
    whole = run(study, key=other, target=study.target.with_name("E2"))
    assert [one.digest for one in resumed.tables] == [one.digest for one in whole.tables]


def test_a_file_that_was_slipped_in_is_not_delivered(study: Study) -> None:
    folder = stopped(study)
    (folder / "gift.parquet").write_bytes(b"PAR1")
    (folder / "IR_PHA_R.parquet").symlink_to("/etc/passwd")

    run(study)

    assert "gift.parquet" not in {path.name for path in study.target.iterdir()}
    assert not (study.target / "IR_PHA_R.parquet").is_symlink()


def test_a_refused_order_removes_what_was_left(study: Study) -> None:
    folder = stopped(study)

    with pytest.raises(OutOfScope):
        run(study, ordered_by="stranger@x.example")

    assert not folder.exists()


def test_an_extraction_that_fails_leaves_nothing(study: Study) -> None:
    def tell(step: str, _done: int, _total: int) -> None:
        if step == "publish":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(study, tell)

    assert not study.target.parent.exists()
