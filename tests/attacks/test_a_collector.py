"""A folder of outputs tries to deceive who collects it; a careless copy is first shown to fall.

Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ecluse.data.enclave.collection import collect
from ecluse.data.enclave.limits import GIB, KIB, Limits
from tests.attacks.sandboxes import Inside, needs_bubblewrap

SECRET = "row of another project"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    (tmp_path / "outputs").mkdir()
    return tmp_path / "outputs"


def careless(
    outputs: Path, target: Path, *, between: Callable[[], None] = lambda: None
) -> dict[str, str]:
    """Check every file, then copy it, as a simple program would: return what was taken, by name."""
    target.mkdir()
    checked = [path for path in outputs.iterdir() if path.is_file()]
    between()
    for path in checked:
        shutil.copy(path, target / path.name)
    return {path.name: path.read_text() for path in target.iterdir()}


def test_a23_a_link_gives_a_careless_copy_the_file_of_another(
    outputs: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (outputs / "counts.csv").symlink_to(tmp_path / "secret")
    assert careless(outputs, tmp_path / "careless") == {"counts.csv": SECRET}

    collection = collect(outputs, tmp_path / "blobs", Limits())

    assert collection.files == ()
    assert [one.reason for one in collection.refused] == ["not a plain file: symbolic link"]


def test_a23_a_file_swapped_for_a_link_during_the_copy_never_gives_the_secret(
    outputs: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (outputs / "counts.csv").write_text("persons\n40\n")

    def to_link() -> None:
        (outputs / ".link").symlink_to(tmp_path / "secret")
        (outputs / ".link").replace(outputs / "counts.csv")

    def to_file() -> None:
        (outputs / ".plain").write_text("persons\n40\n")
        (outputs / ".plain").replace(outputs / "counts.csv")

    fooled = careless(outputs, tmp_path / "careless", between=to_link)
    assert fooled == {"counts.csv": SECRET}
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            to_file()
            to_link()

    swapping = threading.Thread(target=swap)
    swapping.start()
    collections = [collect(outputs, tmp_path / f"blobs-{one}", Limits()) for one in range(500)]
    stop.set()
    swapping.join()

    refused = [entry.reason for one in collections for entry in one.refused]
    assert "not a plain file: symbolic link" in refused
    assert SECRET not in [path.read_text() for path in tmp_path.glob("blobs-*/*")]


HOSTILE = r"""
import os, socket
os.chdir("/outputs")
open("counts.csv", "w").write("persons\n40\n")
os.symlink("/etc/passwd", "link.csv")
os.mkfifo("pipe.csv")
os.mkdir("folder")
open("large.csv", "w").truncate(1 << 29)
open("two.csv", "w").write("x")
os.link("two.csv", "names.csv")
socket.socket(socket.AF_UNIX).bind("socket.csv")
for name in ("a\nb.csv", "-rf", "=cmd.csv", "\u202ecsv.exe", "a" * 255):
    open(name, "w").write("x")
try:
    os.setxattr("counts.csv", "user.rows", b"hidden")
except OSError:
    pass
"""


@needs_bubblewrap
def test_a23_a_hostile_job_leaves_its_plain_file_and_nothing_else(inside: Inside) -> None:
    result = inside(HOSTILE, limits=Limits(output_bytes=100 * KIB, scratch_bytes=GIB))

    taken = result.outputs_path / "counts.csv"
    assert [file.name for file in result.files] == ["counts.csv"]
    assert taken.read_text() == "persons\n40\n"
    assert os.listxattr(taken) == []
    assert {one.reason.partition(":")[0] for one in result.refused} == {
        *("name", "not a plain file", "has 2 names (hard links)"),
        f"{1 << 29} bytes",
    }
    assert all(one.name is None or one.name.isascii() for one in result.refused)


def test_a24_a_name_forges_a_line_for_a_careless_reader(outputs: Path, tmp_path: Path) -> None:
    name = "counts.csv\n2026-03-02 released by sarah"
    (outputs / name).write_text("x")
    assert len("\n".join(careless(outputs, tmp_path / "careless")).splitlines()) == 2

    collection = collect(outputs, tmp_path / "blobs", Limits())

    assert [one.name for one in collection.refused] == [None]


def test_a25_an_archive_among_the_outputs_is_bytes_and_is_never_opened(
    outputs: Path, tmp_path: Path
) -> None:
    (outputs / "rows").mkdir()
    (outputs / "rows" / "rows.csv").write_text("a row\n" * 100_000)
    shutil.make_archive(str(outputs / "bomb"), "zip", outputs / "rows")
    shutil.rmtree(outputs / "rows")
    shutil.unpack_archive(outputs / "bomb.zip", tmp_path / "careless")
    assert (tmp_path / "careless" / "rows.csv").stat().st_size == 600_000

    collection = collect(outputs, tmp_path / "blobs", Limits(output_bytes=100 * KIB))

    assert [(file.name, file.size < 10 * KIB) for file in collection.files] == [("bomb.zip", True)]
    assert len(list((tmp_path / "blobs").iterdir())) == 1
