import base64
import hashlib

import pytest

from ecluse.domain.errors import BadSignature, Malformed, UnknownKey
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.keys import Keyring
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL

ROOT = tree.leaf_hash(b"entry")
NOTE = checkpoints.sign_checkpoint("test/zone", 1, ROOT, AGENT)


def test_a_checkpoint_is_a_c2sp_signed_note() -> None:
    text, _, signature = NOTE.partition("\n\n")
    name, _, signed = signature.removeprefix("— ").rstrip("\n").partition(" ")
    key_hash = hashlib.sha256(name.encode() + b"\n\x01" + AGENT.public().raw()).digest()[:4]

    assert text == f"test/zone\n1\n{base64.b64encode(ROOT).decode()}"
    assert name == AGENT.key_id
    assert base64.b64decode(signed) == key_hash + AGENT.sign(f"{text}\n".encode())


def test_a_signed_checkpoint_is_verified() -> None:
    assert checkpoints.verify_checkpoint(NOTE, KEYRING) == checkpoints.Checkpoint(
        "test/zone", 1, ROOT, AGENT.key_id
    )


def test_the_checkpoint_of_a_retired_key_stays_true() -> None:
    keyring = KEYRING.retired(AGENT.key_id, NOW - DAY)

    assert checkpoints.verify_checkpoint(NOTE, keyring).size == 1


@pytest.mark.parametrize(
    "keyring", [Keyring(), KEYRING.revoked(AGENT.key_id, NOW)], ids=["absent", "revoked"]
)
def test_a_key_not_believed_proves_no_checkpoint(keyring: Keyring) -> None:
    with pytest.raises(UnknownKey):
        checkpoints.verify_checkpoint(NOTE, keyring)


@pytest.mark.parametrize("place", range(len(NOTE)))
def test_a_checkpoint_changed_anywhere_is_refused(place: int) -> None:
    changed = NOTE[:place] + chr(ord(NOTE[place]) ^ 1) + NOTE[place + 1 :]

    with pytest.raises((Malformed, BadSignature, UnknownKey)):
        checkpoints.verify_checkpoint(changed, KEYRING)


def test_another_key_cannot_sign_under_the_same_name() -> None:
    forged = checkpoints.sign_checkpoint("test/zone", 1, ROOT, PORTAL)

    with pytest.raises(BadSignature):
        checkpoints.verify_checkpoint(forged.replace(PORTAL.key_id, AGENT.key_id), KEYRING)


@pytest.mark.parametrize(
    "note",
    [
        "",
        NOTE + NOTE,
        NOTE.replace("\n1\n", "\n01\n"),
        NOTE.replace("\n1\n", "\n-1\n"),
        NOTE.replace("\n1\n", "\n١\n"),
        NOTE.replace("\n", "\r\n"),
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("test/zone", ""),
        NOTE.replace("test/zone", "test zone"),
        "x" * 5000,
    ],
    ids=range(11),
)
def test_a_note_of_another_shape_is_refused(note: str) -> None:
    with pytest.raises(Malformed):
        checkpoints.verify_checkpoint(note, KEYRING)


@pytest.mark.parametrize("origin", ["", "two words", "two\nlines", "a+b"])
def test_an_origin_that_a_note_cannot_hold_is_refused(origin: str) -> None:
    with pytest.raises(Malformed):
        checkpoints.sign_checkpoint(origin, 1, ROOT, AGENT)


def test_a_witness_keeps_the_note_in_its_own_journal() -> None:
    assert checkpoints.witness_details(NOTE) == {"note": NOTE, "origin": "test/zone", "size": 1}
