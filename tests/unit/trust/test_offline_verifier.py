"""The one-file verifier: its own Ed25519, its two forms of a journal, its many small checks."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.documents import Signer
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust import keys
from ecluse.trust.journal import checkpoints, copies, cosignatures, exports, tree, witnesses
from ecluse.trust.journal import offline_verifier as verifier
from ecluse.trust.journal.copies import Original
from ecluse.trust.journal.reading import in_memory
from ecluse.trust.journal.witnesses import Submission, Witness
from tests.unit.trust.build import AGENT, KEYRING, NOW, PORTAL, START, entry

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
        "b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
        "1d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]
"""RFC 8032 section 7.1, tests 1 and 2: key, message, signature."""


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_published_signatures_hold(public: str, message: str, signature: str) -> None:
    data = [bytes.fromhex(one) for one in (public, message, signature)]

    assert verifier.signature_holds(*data)
    assert not verifier.signature_holds(data[0], data[1] + b"x", data[2])


def cryptography_says(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def verifier_says(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        return verifier.signature_holds(public, message, signature)
    except ValueError:
        return False


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 96 * 8))
def test_any_signature_is_judged_as_openssl_judges_it(
    secret: bytes, message: bytes, bit: int
) -> None:
    """Whole, or with one bit of the key or of the signature changed."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    data = bytearray(key.public_key().public_bytes_raw() + key.sign(message) + b"\0")
    data[bit // 8] ^= 1 << bit % 8
    public, signature = bytes(data[:32]), bytes(data[32:96])

    assert verifier_says(public, message, signature) == cryptography_says(
        public, message, signature
    )


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    signature = AGENT.sign(b"message")
    larger = int.from_bytes(signature[32:], "little") + verifier.L
    other = signature[:32] + larger.to_bytes(32, "little")

    assert verifier_says(AGENT.public().raw(), b"message", signature)
    assert not verifier_says(AGENT.public().raw(), b"message", other)


LINES = [entry(number).line() for number in range(1, 601)]


def write_files(folder: Path, lines: list[bytes], *sizes: int) -> Path:
    """A journal as a pair of files, with checkpoints of these sizes."""
    leaves = [tree.leaf_hash(line) for line in lines]
    notes = [
        checkpoints.sign_checkpoint("test/zone", size, tree.root(leaves[:size]), AGENT)
        for size in sizes
    ]
    exports.write_export(folder / "journal.jsonl", lines, notes)
    return folder / "journal.jsonl"


def problems(journal: Path, folder: Path, **more: object) -> list[str]:
    """What the verifier says of a journal, with the agent's key."""
    (folder / "key.pub").write_bytes(AGENT.public().line())
    options = {"key": [str(folder / "key.pub")], "seen": [], "witness": [], "quorum": 0, **more}
    return list(verifier.verify(argparse.Namespace(journal=str(journal), **options)))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 600])
def test_an_honest_journal_of_any_size_raises_no_alarm(tmp_path: Path, size: int) -> None:
    lines = LINES[:size]
    half = max(1, size // 2)

    assert problems(write_files(tmp_path, lines, half, size), tmp_path) == []


@pytest.mark.parametrize("size", [1, 256, 257, 600])
def test_a_copy_in_tiles_raises_no_alarm(tmp_path: Path, size: int) -> None:
    copy_of(LINES[:size], tmp_path / "copy")

    assert problems(tmp_path / "copy", tmp_path) == []


def copy_of(lines: list[bytes], folder: Path) -> None:
    note = checkpoints.sign_checkpoint(
        "test/zone", len(lines), tree.root([tree.leaf_hash(line) for line in lines]), AGENT
    )
    read = in_memory(lines, note)
    copies.copy(Original(read.tree, read.lines, note), FolderStore(folder), KEYRING)


def test_a_changed_tile_of_entries_is_found(tmp_path: Path) -> None:
    copy_of(LINES, tmp_path / "copy")
    tile = tmp_path / "copy/tile/entries/001"
    tile.write_bytes(tile.read_bytes().replace(b"J300", b"J999"))

    assert problems(tmp_path / "copy", tmp_path) == [
        "entries 1 to 600 are not what checkpoint 600 signed"
    ]


@pytest.mark.parametrize("index", [0, 999, 1000, 1234567])
def test_both_programs_give_a_tile_the_same_name(index: int) -> None:
    size = (index + 1) * 256
    path, _, _ = verifier.bundles_of_folder("copy", size)[0][index]

    assert path == f"copy/tile/entries/{copies.tile_name(index)}"


def misnumbered(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], entry(9).line(), *lines[5:]]


def not_json(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], b"not json", *lines[5:]]


@pytest.mark.parametrize("change", [misnumbered, not_json])
def test_an_entry_signed_under_another_number_is_found(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    path = write_files(tmp_path, change(LINES[:8]), 8)

    assert problems(path, tmp_path) == ["entry 5 does not bear its number"]


def test_checkpoints_of_two_journals_are_not_one_journal(tmp_path: Path) -> None:
    path = write_files(tmp_path, LINES[:8], 8)
    other = checkpoints.sign_checkpoint("test/other", 8, b"\0" * 32, AGENT)
    (tmp_path / "seen").write_text(other)
    found = problems(path, tmp_path, seen=[str(tmp_path / "seen")])

    assert "the checkpoints are not of one journal and one signer" in found


def test_a_journal_without_a_checkpoint_is_not_believed(tmp_path: Path) -> None:
    path = write_files(tmp_path, LINES[:8])

    assert problems(path, tmp_path) != []


def test_a_revoked_key_signs_nothing(tmp_path: Path) -> None:
    path = write_files(tmp_path, LINES[:8], 8)
    revoked = KEYRING.revoked(AGENT.key_id, NOW)
    revoked.save(tmp_path / "keyring.json")

    with pytest.raises(ValueError, match="was not given"):
        problems(path, tmp_path, key=[str(tmp_path / "keyring.json")])


def test_a_keyring_is_read_like_key_files(tmp_path: Path) -> None:
    path = write_files(tmp_path, LINES[:8], 8)
    KEYRING.save(tmp_path / "keyring.json")

    assert problems(path, tmp_path, key=[str(tmp_path / "keyring.json")]) == []


def test_a_key_under_a_false_name_is_refused(tmp_path: Path) -> None:
    stranger = keys.draw_key(Signer.AGENT, now=START)
    line = stranger.public().line().replace(stranger.key_id.encode(), AGENT.key_id.encode())
    (tmp_path / "false.pub").write_bytes(line)

    with pytest.raises(ValueError, match="own name"):
        verifier.read_keys([str(tmp_path / "false.pub")])


def cosigned(path: Path, name: str) -> str:
    """The key of a new witness, who cosigned the last checkpoint of a journal."""
    folder, note = path.parent / name, exports.read(path).checkpoints[-1]
    key = witnesses.create_witness(folder, name)
    line = Witness(folder, KEYRING).add_checkpoint(Submission(0, (), note), at=NOW)
    cosignatures.add_cosignature(cosignatures.cosigned_path(path), note, line)
    return str(key)


def test_cosignatures_are_counted_as_the_product_counts_them(tmp_path: Path) -> None:
    path = write_files(tmp_path, LINES[:8], 8)
    one, two = cosigned(path, "one.example"), cosigned(path, "two.example")
    stranger = str(witnesses.create_witness(tmp_path / "three", "three.example"))

    assert problems(path, tmp_path, witness=[one, two], quorum=2) == []
    assert problems(path, tmp_path, witness=[one, stranger], quorum=2) == [
        "at most 1 witnesses cosigned one checkpoint, of 2 asked"
    ]
    assert problems(path, tmp_path, witness=[one, one], quorum=2) != []


def test_the_key_of_another_signer_does_not_do(tmp_path: Path) -> None:
    path = write_files(tmp_path, LINES[:8], 8)
    (tmp_path / "portal.pub").write_bytes(PORTAL.public().line())

    with pytest.raises(ValueError, match="was not given"):
        problems(path, tmp_path, key=[str(tmp_path / "portal.pub")])
