"""Extracts sealed at rest: nothing in clear on the disk, the same content, and an end to it."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.agent.zones import ProjectSeals
from ecluse.data.extraction import extract, open_files, read_receipt
from ecluse.domain.documents import ExtractionReceipt, FileFormat
from ecluse.domain.errors import BadSignature, NotFound, OutOfScope
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.keys import FileZoneKey
from tests.unit.data import studies
from tests.unit.data.extraction.test_resuming import Stopped, stop_at
from tests.unit.data.studies import KEY, NOW, PERMIT, Study

BOTH = (FileFormat.CSV, FileFormat.XPORT)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


@pytest.fixture
def seals(tmp_path: Path) -> ProjectSeals:
    keys = ExtractKeys(tmp_path / "keys", FileZoneKey(bytes(range(32))))
    return ProjectSeals(keys, PERMIT.permit_number)


def run(
    study: Study, seals: ProjectSeals | None, target: Path | None = None, **more: object
) -> ExtractionReceipt:
    changes = {"formats": BOTH} | {k: v for k, v in more.items() if k != "on_progress"}
    tell = {"on_progress": more["on_progress"]} if "on_progress" in more else {}
    return extract(
        studies.warrant(studies.order(study.snapshot, **changes)),
        lake=study.lake,
        key=KEY,
        target=target or study.target,
        seals=seals,
        clock=lambda: NOW,
        **tell,  # type: ignore[arg-type]
    )


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_receipt_tells_the_content_whether_it_is_sealed_or_not(
    study: Study, seals: ProjectSeals
) -> None:
    sealed = run(study, seals)
    again = run(study, seals, study.target.with_name("E2"))
    clear = run(study, None, study.target.with_name("E3"))

    assert sealed.files == again.files == clear.files
    assert [one.digest for one in sealed.tables] == [one.digest for one in clear.tables]


def test_what_is_opened_is_what_would_be_delivered_in_clear(
    study: Study, seals: ProjectSeals
) -> None:
    run(study, seals)
    clear = study.target.with_name("clear")
    run(study, None, clear)

    files = open_files(study.target, seals)

    names = [path.name for path in sorted(clear.iterdir())]
    assert list(files.names()) == names
    assert [files.read(name) for name in names if name != "receipt.json"] == [
        (clear / name).read_bytes() for name in names if name != "receipt.json"
    ]
    with files.open("ER_PHA_F.parquet") as file:
        assert pq.read_table(file).equals(pq.read_table(clear / "ER_PHA_F.parquet"))


def test_nothing_in_clear_is_on_the_disk_at_any_step(study: Study, seals: ProjectSeals) -> None:
    seen: list[bytes] = []

    run(study, seals, on_progress=lambda *_: seen.append(on_disk(study.target.parent)))

    content = b"".join([*seen, on_disk(study.target)])
    assert len(content) > 10_000
    assert b"PAR1" not in content
    assert b"person_pseudonym" not in content
    assert b"ER_PHA_F" not in content


def test_sealed_files_are_for_their_owner_alone(study: Study, seals: ProjectSeals) -> None:
    run(study, seals)

    modes = {path.stat().st_mode & 0o777 for path in study.target.iterdir()}
    assert (modes, study.target.stat().st_mode & 0o777) == ({0o400}, 0o500)


def test_each_extract_has_a_key_of_its_own(study: Study, seals: ProjectSeals) -> None:
    run(study, seals)
    run(study, seals, study.target.with_name("E2"))

    keys = [open_files(study.target.with_name(name), seals).key for name in ("E1", "E2")]
    assert len(seals.keys.ids(PERMIT.permit_number)) == 2
    assert keys[0] != keys[1]


def test_a_destroyed_key_ends_the_extracts_of_its_project_alone(
    study: Study, seals: ProjectSeals
) -> None:
    other = ProjectSeals(seals.keys, "FR-2026-0002")
    run(study, seals)
    run(study, other, study.target.with_name("of-another"))
    copy = on_disk(study.target)

    destroyed = seals.keys.destroy(PERMIT.permit_number)

    assert destroyed == 1
    assert on_disk(study.target) == copy
    with pytest.raises(NotFound, match="nobody"):
        read_receipt(study.target, seals)
    assert read_receipt(study.target.with_name("of-another"), other)


def test_a_file_changed_on_the_disk_is_not_read(study: Study, seals: ProjectSeals) -> None:
    run(study, seals)
    file = study.target / "ER_PHA_F.parquet"
    data = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises(BadSignature, match="altered"):
        open_files(study.target, seals).read("ER_PHA_F.parquet")


def test_a_file_given_the_name_of_another_is_not_read(study: Study, seals: ProjectSeals) -> None:
    run(study, seals)
    study.target.chmod(0o700)
    (study.target / "ER_PHA_F.parquet").replace(study.target / "ER_PRS_F.parquet")

    with pytest.raises(BadSignature):
        open_files(study.target, seals).read("ER_PRS_F.parquet")


def test_an_extraction_stopped_in_the_middle_goes_on_under_its_key(
    study: Study, seals: ProjectSeals
) -> None:
    with pytest.raises(Stopped):
        run(study, seals, on_progress=stop_at("table IR_BEN_R"))
    begun = study.target.with_name(".staging-E1") / "ER_PHA_F.parquet"
    before = begun.stat().st_mtime_ns

    resumed = run(study, seals)

    whole = run(study, seals, study.target.with_name("E2"))
    assert (study.target / "ER_PHA_F.parquet").stat().st_mtime_ns == before
    assert resumed.files == whole.files
    assert len(seals.keys.ids(PERMIT.permit_number)) == 2


def test_an_extraction_that_fails_leaves_neither_files_nor_key(
    study: Study, seals: ProjectSeals
) -> None:
    def fail(step: str, _done: int, _total: int) -> None:
        if step == "publish":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(study, seals, on_progress=fail)

    assert seals.keys.ids(PERMIT.permit_number) == ()
    assert not study.target.parent.exists()


def test_a_refused_order_destroys_the_key_that_a_stopped_one_left(
    study: Study, seals: ProjectSeals
) -> None:
    with pytest.raises(Stopped):
        run(study, seals, on_progress=stop_at("table IR_BEN_R"))

    with pytest.raises(OutOfScope):
        run(study, seals, ordered_by="stranger@x.example")

    assert seals.keys.ids(PERMIT.permit_number) == ()


def test_a_refused_order_draws_no_key(study: Study, seals: ProjectSeals) -> None:
    with pytest.raises(OutOfScope):
        run(study, seals, ordered_by="stranger@x.example")

    assert seals.keys.ids(PERMIT.permit_number) == ()
