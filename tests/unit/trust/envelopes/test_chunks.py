"""Objects sealed in chunks: what opens, what does not, and how little is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import BadSignature, InvalidInput
from ecluse.trust.envelopes.chunks import PREFIX_BYTES, TAG_BYTES, Frame, frame_of, seal
from ecluse.trust.zone.sealed_files import DataKey
from tests.unit.trust.envelopes import LEAST, WIDE, opened, read, sealed

KEY = DataKey("0123456789abcdef", bytes(range(32)))
STEP = WIDE + TAG_BYTES
SIZES = st.sampled_from([0, 1, WIDE - 1, WIDE, WIDE + 1, 3 * WIDE, 3 * WIDE + 5])


def content(size: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(1000)) * (size // 1000 + 1)


def test_a_known_object_is_sealed_into_known_bytes() -> None:
    frame = frame_of(KEY, "a", b"digest", chunk_bits=LEAST)

    made = b"".join(seal([b"rows"], frame, KEY, path="a"))

    assert made[:33] == b"ecluse-object-1\n0123456789abcdef\x10"
    assert made[33:65].hex() == "1d6b4ad3192cd61c617e6a4c0cedcfde940415976c98b3dddcddebe6ceb96e40"
    assert made[65:].hex() == "cbea6746d0547214c75cf387ae7c113ecbc6422f"


@given(size=SIZES)
def test_what_was_sealed_is_read_again_and_is_as_long_as_was_said(size: int) -> None:
    plain = content(size)[:size]

    made = sealed(plain, KEY)

    assert read(made, KEY) == plain
    assert len(made) == frame_of(KEY, "a/b", b"1", chunk_bits=LEAST).sealed_size(size)


@given(pieces=st.lists(st.binary(max_size=2 * WIDE // 10), max_size=20))
def test_the_bytes_do_not_depend_on_the_pieces_that_they_come_in(pieces: list[bytes]) -> None:
    frame = frame_of(KEY, "a/b", b"1", chunk_bits=LEAST)

    assert b"".join(seal(pieces, frame, KEY, path="a/b")) == sealed(b"".join(pieces), KEY)


@given(size=SIZES, start=st.integers(0, 3 * WIDE + 9), length=st.integers(0, 2 * WIDE))
def test_any_part_is_read_as_it_is_in_the_whole(size: int, start: int, length: int) -> None:
    plain = content(size)[:size]

    part = b"".join(opened(sealed(plain, KEY)).read(KEY, start=start, length=length))

    assert part == plain[start : start + length]


def test_a_part_is_read_from_its_own_chunks_alone() -> None:
    data, asked = sealed(content(9 * WIDE)[: 9 * WIDE], KEY), []
    found = opened(data)
    found._get = lambda start, length: asked.append((start, length)) or data[start : start + length]  # type: ignore[func-returns-value]

    part = b"".join(found.read(KEY, start=4 * WIDE - 2, length=4))

    assert len(part) == 4
    assert asked == [(PREFIX_BYTES + 3 * STEP, STEP), (PREFIX_BYTES + 4 * STEP, STEP)]


def test_sealing_goes_on_from_a_chunk_with_the_same_bytes() -> None:
    plain = content(5 * WIDE)[: 5 * WIDE]
    frame = frame_of(KEY, "a/b", b"1", chunk_bits=LEAST)

    rest = b"".join(seal([plain[2 * WIDE :]], frame, KEY, path="a/b", first=2))

    assert rest == sealed(plain, KEY)[frame.chunk_start(2) :]


@pytest.mark.parametrize(
    ("first", "second"), [(("a", b"1"), ("b", b"1")), (("a", b"1"), ("a", b"2"))]
)
def test_another_path_or_another_content_has_another_key(
    first: tuple[str, bytes], second: tuple[str, bytes]
) -> None:
    made = [sealed(b"same rows", KEY, path, digest) for path, digest in (first, second)]

    assert made[0][PREFIX_BYTES:] != made[1][PREFIX_BYTES:]
    assert made[0] == sealed(b"same rows", KEY, *first)


@pytest.mark.parametrize(
    ("name", "altered"),
    [
        ("a chunk less", lambda data: data[:-STEP]),
        ("a byte less", lambda data: data[:-1]),
        ("a byte more", lambda data: data + b"0"),
        ("nothing but the prefix", lambda data: data[:PREFIX_BYTES]),
        ("two chunks in another order", lambda data: swap(data, 0, 1)),
        ("a chunk in the place of the last", lambda data: swap(data, 1, 3)),
        ("a chunk given twice", lambda data: data[: PREFIX_BYTES + STEP] + data[PREFIX_BYTES:]),
        ("another salt", lambda data: data[:40] + b"!" + data[41:]),
        ("chunks said to be wider", lambda data: data[:32] + b"\x11" + data[33:]),
    ],
)
def test_what_was_cut_moved_or_added_does_not_open(name: str, altered: object) -> None:
    data = sealed(content(4 * WIDE)[: 4 * WIDE], KEY)

    with pytest.raises(BadSignature):
        read(altered(data), KEY)  # type: ignore[operator]


def swap(data: bytes, one: int, other: int) -> bytes:
    chunks = [data[start : start + STEP] for start in range(PREFIX_BYTES, len(data), STEP)]
    chunks[one], chunks[other] = chunks[other], chunks[one]
    return data[:PREFIX_BYTES] + b"".join(chunks)


@given(place=st.integers(0, 2 * WIDE), bit=st.integers(0, 7))
def test_no_bit_can_be_flipped(place: int, bit: int) -> None:
    data = bytearray(sealed(content(2 * WIDE)[: 2 * WIDE], KEY))
    data[place] ^= 1 << bit

    with pytest.raises(BadSignature):
        read(bytes(data), KEY)


def test_an_object_in_the_place_of_another_does_not_open() -> None:
    with pytest.raises(BadSignature, match="not the object of that path"):
        read(sealed(b"rows", KEY, path="one"), KEY, path="two")


def test_an_empty_object_too_is_proved() -> None:
    made = sealed(b"", KEY)

    assert read(made, KEY) == b""
    with pytest.raises(BadSignature):
        read(made[:-1] + b"!", KEY)


def test_another_data_key_does_not_open() -> None:
    other = DataKey(KEY.key_id, bytes(32))

    with pytest.raises(BadSignature):
        read(sealed(b"rows", KEY), other)
    with pytest.raises(BadSignature, match="0123456789abcdef, not ffff"):
        read(sealed(b"rows", KEY), DataKey("f" * 16, bytes(32)))


@pytest.mark.parametrize("bits", [15, 21])
def test_chunks_are_of_64_kib_to_1_mib(bits: int) -> None:
    with pytest.raises(InvalidInput, match=r"2\^16 to 2\^20"):
        Frame(KEY.key_id, bytes(32), bits)
