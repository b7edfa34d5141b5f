"""Lists that one receiver alone opens: whole, for one purpose, telling nothing by their size."""

import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, Malformed
from ecluse.trust import sealing
from ecluse.trust.sealing import OpeningKey
from ecluse.trust.zone.sealed_files import DataKey, draw_data_key
from ecluse.trust.zone.sealed_lines import open_key, open_lines, seal_key, seal_lines

NAME = "wishes for CS-1"


@pytest.fixture
def receiver(tmp_path: Path) -> OpeningKey:
    """Whoever may open."""
    return sealing.create_opening_key(tmp_path / "keys", "zone")


def written(path: Path, lines: Iterable[str], key: DataKey) -> Path:
    """A sealed file of these lines."""
    path.write_bytes(b"".join(seal_lines(lines, key, name=NAME)))
    return path


@pytest.mark.parametrize("count", [0, 1, 70_000])
def test_lines_come_back_in_their_order(tmp_path: Path, count: int) -> None:
    lines, key = [f"{rank:064x}" for rank in range(count)], draw_data_key()

    file = written(tmp_path / "list", lines, key)

    assert list(open_lines(file, key, name=NAME)) == lines


def test_the_key_opens_for_its_receiver_and_purpose(receiver: OpeningKey) -> None:
    key = draw_data_key()
    sealed = seal_key(key, receiver.public(), purpose=NAME)

    assert open_key(sealed, receiver, purpose=NAME) == key
    with pytest.raises(BadSignature):
        open_key(sealed, receiver, purpose="wishes for CS-2")


def test_what_is_no_key_is_refused(receiver: OpeningKey) -> None:
    with pytest.raises(Malformed):
        open_key(sealing.seal(b"{}", receiver.public(), purpose=NAME), receiver, purpose=NAME)


def test_a_file_cut_altered_or_of_another_name_does_not_open(tmp_path: Path) -> None:
    key = draw_data_key()
    file = written(tmp_path / "list", ["A", "B"], key)
    whole = file.read_bytes()

    with pytest.raises(BadSignature):
        list(open_lines(file, key, name="another"))
    for spoiled in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(spoiled)
        with pytest.raises(BadSignature):
            list(open_lines(file, key, name=NAME))


def test_a_few_lines_more_do_not_show_in_the_size(tmp_path: Path) -> None:
    key = draw_data_key()
    sizes = {
        written(tmp_path / "list", [f"{rank:064x}" for rank in range(count)], key).stat().st_size
        for count in (1, 2, 60)
    }
    assert len(sizes) == 1


def test_sealing_holds_a_piece_at_a_time() -> None:
    tracemalloc.start()
    size = sum(
        len(piece)
        for piece in seal_lines(
            (f"{rank:064x}" for rank in range(400_000)), draw_data_key(), name=""
        )
    )
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 24 << 20
    assert peak < 8 << 20
