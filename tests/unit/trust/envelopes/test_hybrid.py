"""Messages sealed with X25519 and ML-KEM-768 together."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ecluse.domain.errors import BadSignature, InvalidInput, NotFound
from ecluse.trust.envelopes.hybrid import (
    PUBLIC_BYTES,
    SENT_BYTES,
    HybridKey,
    Receiver,
    combine,
    load_hybrid_key,
    load_receiver,
    store_hybrid_key,
)

KEY = HybridKey.parse(bytes(range(96)))


def test_a_key_made_from_a_seed_is_the_published_one() -> None:
    """Wycheproof, mlkem_768_test, case 1 (from CCTV): the beginning and the end of 1184 bytes."""
    seed = bytes.fromhex(
        "cbfc4405d1b2a3a386c94c25e0f2d5f5ee92cb0388ff4d6aa04223086d51c3fd"
        "24752da14c9fc3b8ae0d9e4a8b1016b8d8fc69e229c03ea2ef08a4ae0cffc37f"
    )

    public = HybridKey.parse(bytes(32) + seed).receiver().lattice.public_bytes_raw().hex()

    assert public.startswith("8b9a7354e8c1c17a9898f96caf99bba1c625ae0983c4d26e60c12f59bc25d756")
    assert public.endswith("13284b9813cabdd526e326a6832d3b36efc3102ef")


def test_what_was_sealed_once_and_for_all_still_opens() -> None:
    sealed = bytes.fromhex(Path(__file__).with_name("hybrid_message.hex").read_text())

    assert KEY.open(sealed, purpose="a test") == b"thirty-two bytes that are secret"


def test_the_key_of_both_secrets_is_a_known_one() -> None:
    made = combine(b"\x01" * 32, b"\x02" * 32, b"said", purpose="a test")

    assert made.hex() == "de9b12858a18ff2f43fd1a787d18b51ca95df9da04b889e612eaa39b82c222ba"


@pytest.mark.parametrize(
    ("lattice", "point", "said", "purpose"),
    [
        (b"\x03" * 32, b"\x02" * 32, b"said", "a test"),
        (b"\x01" * 32, b"\x03" * 32, b"said", "a test"),
        (b"\x02" * 32, b"\x01" * 32, b"said", "a test"),
        (b"\x01" * 32, b"\x02" * 32, b"Said", "a test"),
        (b"\x01" * 32, b"\x02" * 32, b"said", "another"),
    ],
)
def test_each_secret_what_was_sent_and_the_purpose_count(
    lattice: bytes, point: bytes, said: bytes, purpose: str
) -> None:
    right = combine(b"\x01" * 32, b"\x02" * 32, b"said", purpose="a test")

    assert combine(lattice, point, said, purpose=purpose) != right


@pytest.mark.parametrize(
    "thief",
    [
        HybridKey(KEY.point, MLKEM768PrivateKey.generate()),
        HybridKey(X25519PrivateKey.generate(), KEY.lattice),
    ],
    ids=["with the X25519 key alone", "with the ML-KEM key alone"],
)
def test_neither_half_of_the_key_opens_alone(thief: HybridKey) -> None:
    sealed = KEY.receiver().seal(b"a data key", purpose="a test")

    with pytest.raises(BadSignature):
        thief.open(sealed, purpose="a test")


def test_a_message_is_for_one_purpose_and_no_byte_of_it_can_change() -> None:
    sealed = KEY.receiver().seal(b"a data key", purpose="a test")
    altered = [
        sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for place in (0, 31, 32, SENT_BYTES - 1, SENT_BYTES, len(sealed) - 1)
    ]

    assert KEY.open(sealed, purpose="a test") == b"a data key"
    with pytest.raises(BadSignature):
        KEY.open(sealed, purpose="another test")
    assert [refused(one) for one in (*altered, b"", sealed[:-1])] == [True] * 8


def refused(sealed: bytes) -> bool:
    try:
        KEY.open(sealed, purpose="a test")
    except BadSignature:
        return True
    return False


def test_both_halves_go_to_files_and_come_back(tmp_path: Path) -> None:
    path = store_hybrid_key(tmp_path, "escrow", KEY)

    assert load_hybrid_key(path).raw() == KEY.raw()
    assert load_receiver(tmp_path / "escrow.hybrid.pub").key_id == KEY.receiver().key_id
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidInput, match="exists"):
        store_hybrid_key(tmp_path, "escrow", KEY)


def test_a_private_file_that_others_read_is_refused(tmp_path: Path) -> None:
    path = store_hybrid_key(tmp_path, "escrow", KEY)
    path.chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        load_hybrid_key(path)


def test_a_file_that_is_absent_or_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.hybrid.pub").write_text("AAAA\n")

    with pytest.raises(NotFound, match="none"):
        load_receiver(tmp_path / "none.hybrid.pub")
    with pytest.raises(InvalidInput, match=str(PUBLIC_BYTES)):
        load_receiver(tmp_path / "bad.hybrid.pub")


def test_a_point_of_low_order_is_refused_before_anything_is_sealed() -> None:
    hostile = Receiver.parse(bytes(32) + KEY.receiver().lattice.public_bytes_raw())

    with pytest.raises(InvalidInput, match="low order"):
        hostile.seal(b"a data key", purpose="a test")


def test_a_key_is_never_shown() -> None:
    assert "private" not in repr(KEY).lower()
    assert KEY.raw().hex() not in repr(KEY)
