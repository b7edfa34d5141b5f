"""A protocol fixed before data are opened: one changed byte, anywhere, and it is seen."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.domain.documents import EvaluationProtocol, Signer
from ecluse.domain.errors import BadSignature, EcluseError, Refused
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.locks import Presented
from ecluse.trust import canonical, documents, keys, protocols
from ecluse.trust.keys import Keyring, SigningKey
from tests.unit.domain.evaluations.protocolling import CODE, MODEL, PROTOCOL

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DATA = "sha256:" + "d" * 64


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """The key of the hub."""
    folder: Path = tmp_path_factory.mktemp("hub")
    return keys.create_key(folder, Signer.PORTAL, now=datetime(2026, 1, 1, tzinfo=UTC))


def signed(body: object, hub: SigningKey) -> bytes:
    """A body as the hub signs it for the zone."""
    document = documents.new_document(
        body,  # type: ignore[arg-type]
        issuer=Signer.PORTAL,
        audience=("agent:zone-1",),
        now=NOW,
    )
    return documents.sign(document, hub)


def survives(data: bytes, position: int, hub: SigningKey) -> bool:
    """Whether a document is still believed with one byte changed."""
    changed = bytes(byte ^ 1 if place == position else byte for place, byte in enumerate(data))
    try:
        documents.verify(changed, Keyring([hub.public()]), now=NOW)
    except EcluseError:
        return False
    return True


def test_no_byte_of_a_lock_changes_unseen(hub: SigningKey) -> None:
    digest = protocols.digest(PROTOCOL)
    body = locks.lock_of(PROTOCOL, digest=digest, dataset=DATA, by="hub@example", now=NOW)
    data = signed(body, hub)

    survivors = [place for place in range(len(data)) if survives(data, place, hub)]

    assert survivors == []


def test_no_byte_of_a_registered_protocol_changes_unseen(hub: SigningKey) -> None:
    digest = protocols.digest(PROTOCOL)
    number, permit = PROTOCOL.identity.number, PROTOCOL.population.permit_number
    data = signed(EvaluationProtocol(number, permit, digest, PROTOCOL), hub)

    survivors = [place for place in range(0, len(data), 7) if survives(data, place, hub)]

    assert survivors == []


def test_a_lock_signed_by_another_key_is_not_believed(hub: SigningKey, tmp_path: Path) -> None:
    other = keys.create_key(tmp_path, Signer.PORTAL, now=datetime(2026, 1, 1, tzinfo=UTC))
    digest = protocols.digest(PROTOCOL)
    body = locks.lock_of(PROTOCOL, digest=digest, dataset=DATA, by="hub@example", now=NOW)
    own = documents.new_document(body, issuer=Signer.PORTAL, audience=(), now=NOW)
    forged = documents.sign(own, replace(other, key_id=hub.key_id))

    with pytest.raises(BadSignature):
        documents.verify(forged, Keyring([hub.public()]), now=NOW)


def test_a_changed_byte_of_model_data_or_code_stops_the_run(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"\x08\x07weights")
    index_test = replace(PROTOCOL.index_test, artefact=canonical.digest_file(model))
    protocol = replace(PROTOCOL, index_test=index_test)
    digest = protocols.digest(protocol)
    lock = locks.lock_of(protocol, digest=digest, dataset=DATA, by="hub@example", now=NOW)
    given = Presented(protocol=digest, model=index_test.artefact, dataset=DATA, code=CODE)
    locks.check_presented(lock, given)

    model.write_bytes(b"\x08\x07weighty")

    with pytest.raises(Refused, match="other bytes: model"):
        locks.check_presented(lock, replace(given, model=canonical.digest_file(model)))


def test_a_changed_word_of_the_protocol_stops_the_run() -> None:
    digest = protocols.digest(PROTOCOL)
    lock = locks.lock_of(PROTOCOL, digest=digest, dataset=DATA, by="hub@example", now=NOW)
    primary = replace(PROTOCOL.metrics.primary, acceptable="0.74")
    other = replace(PROTOCOL, metrics=replace(PROTOCOL.metrics, primary=primary))
    given = Presented(protocol=protocols.digest(other), model=MODEL, dataset=DATA, code=CODE)

    with pytest.raises(Refused, match="other bytes: protocol"):
        locks.check_presented(lock, given)
