"""Headers of data keys: their wraps, who opens, and what is refused."""

import json
from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import (
    BadSignature,
    InvalidInput,
    Malformed,
    NotAllowed,
    NotFound,
    UnknownKey,
)
from ecluse.trust.envelopes.headers import (
    HeaderFolder,
    Wrap,
    unwrap,
    unwrap_by_hybrid,
    wrap_for,
    wrap_for_receiver,
)
from ecluse.trust.envelopes.holders import STORAGE
from ecluse.trust.envelopes.hybrid import HybridKey
from ecluse.trust.keys import Keyring, draw_key
from tests.unit.trust.envelopes import KEY, KEYRING, NOW, drawn, header_folder, new_holder


def test_each_holder_of_the_list_opens_the_same_data_key(tmp_path: Path) -> None:
    hub, old, escrow = new_holder(tmp_path), new_holder(tmp_path, "old"), HybridKey.draw()
    key, headers = drawn(tmp_path, hub), header_folder(tmp_path)

    header = headers.load(key.key_id).with_wrap(wrap_for(old, key, "claims", STORAGE))
    headers.write(header.with_wrap(wrap_for_receiver("escrow", escrow.receiver(), key, "claims")))

    found = headers.load(key.key_id)
    assert [wrap.holder for wrap in found.wraps] == ["escrow", "hub", "old"]
    assert [unwrap(found, one).secret for one in (hub, old)] == [key.secret] * 2
    assert unwrap_by_hybrid(found, "escrow", escrow).secret == key.secret
    assert found.serial == 3


def test_a_holder_that_was_dropped_opens_no_more_by_the_header(tmp_path: Path) -> None:
    hub, old = new_holder(tmp_path), new_holder(tmp_path, "old")
    key, headers = drawn(tmp_path, hub), header_folder(tmp_path)
    both = headers.load(key.key_id).with_wrap(wrap_for(old, key, "claims", STORAGE))

    headers.write(both.without("old"))

    with pytest.raises(NotFound, match="not held by old"):
        unwrap(headers.load(key.key_id), old)
    assert unwrap(headers.load(key.key_id), hub).secret == key.secret


def test_the_last_holder_cannot_be_dropped(tmp_path: Path) -> None:
    key = drawn(tmp_path, new_holder(tmp_path))

    with pytest.raises(NotAllowed, match="last holder"):
        header_folder(tmp_path).load(key.key_id).without("hub")


def test_a_wrap_of_one_data_key_does_not_open_in_the_place_of_another(tmp_path: Path) -> None:
    hub, headers = new_holder(tmp_path), header_folder(tmp_path)
    one, other = drawn(tmp_path, hub), drawn(tmp_path, hub)

    moved = headers.load(one.key_id).with_wrap(headers.load(other.key_id).wraps[0])

    with pytest.raises(BadSignature, match="not wrapped by"):
        unwrap(moved, hub)


def test_a_wrap_that_holds_another_secret_is_found_by_the_check_of_the_key(tmp_path: Path) -> None:
    hub, headers = new_holder(tmp_path), header_folder(tmp_path)
    one, other = drawn(tmp_path, hub), drawn(tmp_path, hub)
    forged = type(other)(one.key_id, other.secret)

    wrong = headers.load(one.key_id).with_wrap(wrap_for(hub, forged, "claims", STORAGE))

    with pytest.raises(BadSignature, match="another data key"):
        unwrap(wrong, hub)


def test_a_header_is_believed_only_as_it_was_signed(tmp_path: Path) -> None:
    key, headers = drawn(tmp_path, new_holder(tmp_path)), header_folder(tmp_path)
    path = tmp_path / "data-keys" / f"{key.key_id}.json"
    data = path.read_bytes()

    path.write_bytes(data.replace(b'\\"serial\\":1', b'\\"serial\\":2'))

    assert json.loads(path.read_bytes())["content"] != json.loads(data)["content"]
    with pytest.raises(BadSignature, match="altered"):
        headers.load(key.key_id)
    path.write_bytes(data[:-9])
    with pytest.raises(Malformed):
        headers.load(key.key_id)


def test_a_header_under_the_name_of_another_is_refused(tmp_path: Path) -> None:
    hub, headers = new_holder(tmp_path), header_folder(tmp_path)
    one, other = drawn(tmp_path, hub), drawn(tmp_path, hub)
    folder = tmp_path / "data-keys"
    (folder / f"{one.key_id}.json").write_bytes((folder / f"{other.key_id}.json").read_bytes())

    with pytest.raises(BadSignature, match=other.key_id):
        headers.load(one.key_id)


def test_a_header_that_a_stranger_signed_is_refused(tmp_path: Path) -> None:
    key = drawn(tmp_path, new_holder(tmp_path))
    stranger = draw_key(Signer.AGENT, now=NOW)
    header = header_folder(tmp_path).load(key.key_id)
    HeaderFolder(tmp_path / "data-keys", stranger, KEYRING).write(header)

    with pytest.raises(UnknownKey):
        header_folder(tmp_path).load(key.key_id)
    assert HeaderFolder(tmp_path / "data-keys", KEY, Keyring([stranger.public()])).all()


def test_headers_are_found_by_their_subject_and_destroyed_one_by_one(tmp_path: Path) -> None:
    hub, headers = new_holder(tmp_path), header_folder(tmp_path)
    one, other = drawn(tmp_path, hub, "claims"), drawn(tmp_path, hub, "births")

    headers.destroy(one.key_id)

    assert headers.of("claims") == ()
    assert [header.key_id for header in headers.of("births")] == [other.key_id]
    with pytest.raises(NotFound, match="read by nobody"):
        headers.load(one.key_id)


def test_a_data_key_has_one_header_and_a_name_that_is_no_path(tmp_path: Path) -> None:
    key, headers = drawn(tmp_path, new_holder(tmp_path)), header_folder(tmp_path)

    with pytest.raises(InvalidInput, match="has a header"):
        headers.add(headers.load(key.key_id))
    with pytest.raises(InvalidInput, match="16 hexadecimal"):
        headers.load("../../etc/passwd")


def test_a_hybrid_wrap_is_not_tried_with_another_kind_of_key(tmp_path: Path) -> None:
    hub, escrow = new_holder(tmp_path), HybridKey.draw()
    key = drawn(tmp_path, hub)
    wrap: Wrap = wrap_for_receiver("hub", escrow.receiver(), key, "claims")

    with pytest.raises(InvalidInput, match="hybrid"):
        unwrap(header_folder(tmp_path).load(key.key_id).with_wrap(wrap), hub)
