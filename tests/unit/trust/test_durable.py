import os
import resource
import stat
from pathlib import Path

import pytest

from ecluse.domain.errors import StorageFull
from ecluse.trust import durable


def test_a_file_is_written_with_its_mode(tmp_path: Path) -> None:
    durable.write(tmp_path / "secret", b"data", mode=0o600)

    assert (tmp_path / "secret").read_bytes() == b"data"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_block_that_fails_leaves_the_former_file_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"former")

    with pytest.raises(TypeError), durable.replacing(tmp_path / "file") as file:
        file.writelines([b"half", None])
    assert (tmp_path / "file").read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - hidden files too


def test_a_full_disk_leaves_the_former_file_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"former")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StorageFull, match="nothing was lost"):
            durable.write(tmp_path / "file", b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert (tmp_path / "file").read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - hidden files too
