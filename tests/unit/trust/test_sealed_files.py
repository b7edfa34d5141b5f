"""Files that one key opens: whole, in pieces, and never altered."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import BadSignature
from ecluse.trust.zone.sealed_files import (
    CHUNK_BYTES,
    HEADER_BYTES,
    DataKey,
    SealingFile,
    draw_data_key,
    key_id_of,
    open_sealed,
    plain_size,
)

KEY = DataKey("0123456789abcdef", bytes(range(32)))
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3_000_000]


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - the same at each run, no secret


def sealed(data: bytes, *, name: str = "rows", pieces: int = 1) -> bytes:
    target = io.BytesIO()
    file = SealingFile(target, KEY, name=name)
    step = max(1, -(-len(data) // pieces))
    list(map(file.write, (data[at : at + step] for at in range(0, len(data), step))))
    file.finish()
    return target.getvalue()


def opened(data: bytes, *, name: str = "rows", key: DataKey = KEY) -> io.BufferedReader:
    return open_sealed(io.BytesIO(data), key, name=name)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_is_read_again(size: int) -> None:
    data = content(size)

    whole = sealed(data, pieces=7)

    assert opened(whole).read() == data
    assert plain_size(len(whole)) == size
    assert key_id_of(io.BytesIO(whole)) == KEY.key_id


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(0, 100_000)), max_size=6))
def test_any_place_is_read_in_any_order(places: list[tuple[int, int]]) -> None:
    data = content(2_500_000)
    file = opened(sealed(data))

    found = [(file.seek(at), file.read(size))[1] for at, size in places]

    assert found == [data[at : at + size] for at, size in places]


def test_two_files_of_one_content_have_nothing_in_common() -> None:
    one, other = sealed(content(5_000)), sealed(content(5_000))

    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]
    assert content(5_000)[:16] not in one


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


LONG = sealed(content(3_000_000))
SECOND_CHUNK = HEADER_BYTES + CHUNK_BYTES + 16


@pytest.mark.parametrize(
    "altered",
    [
        flipped(LONG, 40),
        flipped(LONG, HEADER_BYTES + 5),
        flipped(LONG, len(LONG) - 1),
        LONG[:SECOND_CHUNK],
        LONG[: 2 * SECOND_CHUNK - HEADER_BYTES],
        LONG[:-1],
        LONG + b"x",
        LONG[:HEADER_BYTES] + LONG[SECOND_CHUNK:],
        LONG[:HEADER_BYTES] + LONG[SECOND_CHUNK : 2 * SECOND_CHUNK - HEADER_BYTES] + LONG,
        sealed(b"")[:-1],
    ],
    ids=[
        *("salt", "first chunk", "last byte", "cut after one chunk", "cut after two"),
        *("last byte gone", "a byte more", "first chunk gone", "chunks moved", "empty cut"),
    ],
)
def test_an_altered_file_does_not_open(altered: bytes) -> None:
    with pytest.raises(BadSignature):
        opened(altered).read()


def test_a_file_under_another_s_name_does_not_open() -> None:
    with pytest.raises(BadSignature, match="altered"):
        opened(sealed(b"rows of one"), name="other").read()


def test_another_key_of_the_same_name_does_not_open() -> None:
    with pytest.raises(BadSignature):
        opened(sealed(b"rows"), key=DataKey(KEY.key_id, bytes(32))).read()


def test_another_key_is_named() -> None:
    with pytest.raises(BadSignature, match=KEY.key_id):
        opened(sealed(b"rows"), key=draw_data_key())


@pytest.mark.parametrize("data", [b"", b"PAR1", b"ecluse-sealed-1\n" + b"\xff" * 64])
def test_what_is_no_sealed_file_is_said(data: bytes) -> None:
    with pytest.raises(BadSignature, match="not a sealed file"):
        key_id_of(io.BytesIO(data))


def test_a_file_that_was_never_finished_does_not_open(tmp_path: Path) -> None:
    target = io.BytesIO()
    SealingFile(target, KEY, name="rows").write(content(2 * CHUNK_BYTES))

    with pytest.raises(BadSignature):
        opened(target.getvalue()).read()


def test_a_key_is_never_shown() -> None:
    assert "secret" not in repr(KEY)
    assert KEY.secret.hex() not in repr([KEY, KEY.secret])
