"""Orders on imports: believed from the checking room alone, and only as they were signed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature
from ecluse.trust import keys
from ecluse.trust.import_orders import Act, ImportOrder, sign, verify
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.passes import make_pass

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
ORDER = ImportOrder(
    number=4,
    act=Act.BRING,
    permit_number="FR-2026-0001",
    by="camille@univ.example",
    name="doses.csv",
    what="data",
    digest="sha256:" + "1" * 64,
    columns=(("site", "text"), ("dose", "number")),
)


@pytest.fixture
def room(tmp_path: Path) -> SigningKey:
    return keys.create_key(tmp_path, Signer.CHECKING_ROOM, now=NOW)


def test_an_order_says_what_was_signed(room: SigningKey) -> None:
    assert verify(sign(ORDER, room), Keyring([room.public()])) == ORDER


def test_an_order_of_another_signer_or_altered_or_of_a_retired_key_is_not_believed(
    room: SigningKey, tmp_path: Path
) -> None:
    agent = keys.create_key(tmp_path / "agent", Signer.AGENT, now=NOW)
    keyring = Keyring([room.public(), agent.public()])
    signed, other = sign(ORDER, room), sign(replace(ORDER, act=Act.ADMIT), room)
    mixed = ".".join([*signed.split(".")[:1], other.split(".")[1], signed.split(".")[2]])
    ticket = make_pass(room, subject=ORDER.by, permit_number=ORDER.permit_number, now=NOW)

    with pytest.raises(BadSignature, match="checking room alone"):
        verify(sign(ORDER, agent), keyring)
    with pytest.raises(BadSignature, match="altered"):
        verify(mixed, keyring)
    with pytest.raises(BadSignature):
        verify(ticket, keyring)
    with pytest.raises(BadSignature, match="retired"):
        verify(signed, keyring.retired(room.key_id, NOW))
