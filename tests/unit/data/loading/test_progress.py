"""A load that goes on keeps the steps whose parts are all there, and no other."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.lake import Part, Staging
from ecluse.data.loading.progress import PROGRESS, Progress, Step


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    folder = tmp_path / ".staging-load"
    folder.mkdir()
    return Staging("claims", folder, None)


def sealed(staging: Staging, number: int) -> Part:
    file = staging.writing(f"{number}.parquet")
    pq.write_table(pa.table({"number": [number]}), file)
    return staging.seal(file, table="ER_PRS_F", slice_name="2023-02")


def step(name: str, *parts: Part) -> Step:
    return Step(name, "ER_PRS_F", {"2023-02": parts}, {"rows_read": len(parts)}, ("beware",))


def test_steps_are_read_as_they_were_written(staging: Staging) -> None:
    done = [step("a", sealed(staging, 1)), step("b", sealed(staging, 2), sealed(staging, 3))]
    first = Progress(staging, every=0)
    first.add(done[0])
    first.add(done[1])

    assert Progress(staging, every=0).kept == done


def test_steps_wait_for_the_next_checkpoint(staging: Staging) -> None:
    Progress(staging, every=3600).add(step("a", sealed(staging, 1)))

    assert Progress(staging, every=3600).kept == []


def test_a_line_that_the_kill_cut_short_is_not_kept(staging: Staging) -> None:
    done = step("a", sealed(staging, 1))
    progress = Progress(staging, every=0)
    progress.add(done)
    progress.add(step("b", sealed(staging, 2)))
    file = staging.path / PROGRESS
    file.write_bytes(file.read_bytes()[:-20])

    assert Progress(staging, every=0).kept == [done]


def test_a_step_whose_part_is_gone_ends_what_is_kept(staging: Staging) -> None:
    lost = sealed(staging, 1)
    progress = Progress(staging, every=0)
    progress.add(step("a", sealed(staging, 2)))
    progress.add(step("b", lost))
    progress.add(step("c", sealed(staging, 3)))
    (staging.path / lost.file).unlink()

    assert [item.name for item in Progress(staging, every=0).kept] == ["a"]


def test_what_is_not_kept_is_forgotten_before_new_steps_follow(staging: Staging) -> None:
    progress = Progress(staging, every=0)
    progress.add(step("a", sealed(staging, 1)))
    (staging.path / PROGRESS).write_bytes((staging.path / PROGRESS).read_bytes() + b"{torn")
    Progress(staging, every=0).add(step("b", sealed(staging, 2)))

    assert [item.name for item in Progress(staging, every=0).kept] == ["a", "b"]
