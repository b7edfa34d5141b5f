"""A signed document cannot be altered in any byte, re-spelled, or signed by somebody else."""

import base64
import json
from collections.abc import Callable

import jwt
import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, Malformed, Refused, UnknownKey
from ecluse.trust import canonical, documents, keys
from ecluse.trust.keys import SigningKey
from tests.unit.trust.build import DAY, KEYRING, NOW, PORTAL, permit_document

DATA = documents.sign(permit_document(expires_at=NOW + DAY), PORTAL)
CONTENT = canonical.encode(canonical.decode(DATA)["document"])
SIGNATURE = canonical.decode(DATA)["signature"]
HEADER, _, SIGNED = SIGNATURE.split(".")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def refused(data: bytes) -> type[Refused] | None:
    """The class of the refusal of `data`, or None if it was believed."""
    try:
        documents.verify(data, KEYRING, now=NOW)
    except Refused as refusal:
        return type(refusal)
    return None


def with_signature(signature: str) -> bytes:
    return canonical.encode({"document": json.loads(CONTENT), "signature": signature})


def with_header(header: dict[str, object], *, key: SigningKey = PORTAL) -> bytes:
    """The document, truly signed by `key` under another header."""
    first = keys.to_base64url(canonical.encode(header))
    signed = key.sign(first.encode() + b"." + CONTENT)
    return with_signature(f"{first}..{keys.to_base64url(signed)}")


GOOD_HEADER = {
    "alg": "EdDSA",
    "b64": False,
    "crit": ["b64"],
    "kid": PORTAL.key_id,
    "typ": "ecluse-document",
}


def test_the_document_itself_is_believed() -> None:
    assert refused(DATA) is None
    assert refused(with_header(GOOD_HEADER)) is None


@pytest.mark.parametrize("change", [0x01, 0x20, 0x80], ids=hex)
def test_no_byte_can_be_changed(change: int) -> None:
    believed = [
        place
        for place in range(len(DATA))
        if refused(DATA[:place] + bytes([DATA[place] ^ change]) + DATA[place + 1 :]) is None
    ]

    assert believed == []


def test_no_byte_can_be_removed() -> None:
    places = range(len(DATA))

    assert [place for place in places if refused(DATA[:place] + DATA[place + 1 :]) is None] == []


@pytest.mark.parametrize("byte", [b" ", b"\n", b"0", b"\x00"], ids=repr)
def test_no_byte_can_be_added(byte: bytes) -> None:
    places = range(len(DATA) + 1)

    assert [place for place in places if refused(DATA[:place] + byte + DATA[place:]) is None] == []


def test_the_last_character_of_the_signature_has_one_spelling() -> None:
    # 64 bytes fill 85 characters and two bits of the last: sixteen spellings, one is ours.
    believed = [last for last in ALPHABET if refused(with_signature(SIGNATURE[:-1] + last)) is None]

    assert believed == [SIGNATURE[-1]]


@pytest.mark.parametrize(
    "respell",
    [
        lambda value: json.dumps(value).encode(),
        lambda value: json.dumps(value, separators=(",", ":"), sort_keys=True).encode(),
        lambda value: json.dumps(
            dict(reversed(value.items())), separators=(",", ":"), ensure_ascii=False
        ).encode(),
        lambda value: DATA + b"\n",
        lambda value: b"\xef\xbb\xbf" + DATA,
        lambda value: DATA.decode().encode("utf-16"),
        lambda value: DATA.replace(b'"version":1', b'"version":1.0'),
        lambda value: DATA.replace(b'"version":1', b'"version":1e0'),
        lambda value: DATA.replace(b'"kind":"Permit"', b'"kind":"Permit","kind":"Permit"'),
        lambda value: DATA.replace(b'"kind":"Permit"', b'"kind":"\\u0050ermit"'),
    ],
    ids=["spaces", "escapes", "order", "newline", "bom", "utf-16", "1.0", "1e0", "twice", "\\u"],
)
def test_the_same_content_in_another_spelling_is_refused(
    respell: Callable[[dict[str, object]], bytes],
) -> None:
    assert refused(respell(canonical.decode(DATA))) is Malformed


def test_another_key_cannot_sign_under_the_same_name() -> None:
    stranger = keys.draw_key(Signer.PORTAL, now=NOW)

    assert refused(with_header(GOOD_HEADER, key=stranger)) is BadSignature


def test_a_name_that_the_keyring_does_not_hold_is_refused() -> None:
    stranger = keys.draw_key(Signer.PORTAL, now=NOW)

    assert refused(with_header(GOOD_HEADER | {"kid": stranger.key_id}, key=stranger)) is UnknownKey


def test_the_signature_of_another_document_does_not_fit() -> None:
    other = canonical.decode(documents.sign(permit_document(), PORTAL))

    assert refused(with_signature(other["signature"])) is BadSignature


@pytest.mark.parametrize(
    "header",
    [
        GOOD_HEADER | {"alg": "none"},
        GOOD_HEADER | {"alg": "eddsa"},
        GOOD_HEADER | {"alg": "Ed25519"},
        GOOD_HEADER | {"alg": "HS256"},
        GOOD_HEADER | {"b64": True},
        GOOD_HEADER | {"crit": []},
        GOOD_HEADER | {"crit": ["b64", "exp"]},
        GOOD_HEADER | {"typ": "JWT"},
        GOOD_HEADER | {"kid": 1},
        GOOD_HEADER | {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": PORTAL.public().public}},
        GOOD_HEADER | {"x5u": "https://attacker.example/"},
        {name: value for name, value in GOOD_HEADER.items() if name != "crit"},
        {name: value for name, value in GOOD_HEADER.items() if name != "kid"},
        {},
    ],
    ids=range(14),
)
def test_a_header_other_than_ours_is_refused_although_truly_signed(
    header: dict[str, object],
) -> None:
    assert refused(with_header(header)) is Malformed


def test_a_header_spelled_otherwise_is_refused_although_truly_signed() -> None:
    first = keys.to_base64url(json.dumps(GOOD_HEADER).encode())
    signed = keys.to_base64url(PORTAL.sign(first.encode() + b"." + CONTENT))

    assert refused(with_signature(f"{first}..{signed}")) is Malformed


def test_the_public_key_is_no_shared_secret() -> None:
    forged = jwt.PyJWS().encode(
        CONTENT,
        PORTAL.public().raw(),
        "HS256",
        headers={"b64": False, "crit": ["b64"], "kid": PORTAL.key_id, "typ": "ecluse-document"},
        is_payload_detached=True,
    )

    assert refused(with_signature(forged)) is Malformed


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "..",
        SIGNATURE.replace("..", "."),
        f"{HEADER}..",
        f"{HEADER}.{keys.to_base64url(CONTENT)}.{SIGNED}",
        f"{HEADER}..{SIGNED}==",
        f"{HEADER}..{SIGNED}.",
        f"{HEADER}..{base64.b64encode(keys.from_base64url(SIGNED)).decode()}",
        f"{HEADER}..{keys.to_base64url(bytes(64))}A",
        SIGNATURE + "\n",
    ],
    ids=range(10),
)
def test_a_signature_of_another_shape_is_refused(signature: str) -> None:
    assert refused(with_signature(signature)) is Malformed


def test_an_empty_signature_of_the_right_length_is_refused() -> None:
    assert refused(with_signature(f"{HEADER}..{keys.to_base64url(bytes(64))}")) is BadSignature


@pytest.mark.parametrize(
    "value",
    [
        {"document": json.loads(CONTENT)},
        {"document": json.loads(CONTENT), "signature": SIGNATURE, "note": "extra"},
        {"document": json.loads(CONTENT), "signature": [SIGNATURE]},
        {"document": [], "signature": SIGNATURE},
        [json.loads(CONTENT), SIGNATURE],
        None,
    ],
    ids=["unsigned", "extra", "list", "empty", "array", "null"],
)
def test_an_envelope_of_another_shape_is_refused(value: object) -> None:
    assert refused(canonical.encode(value)) is Malformed


@pytest.mark.parametrize("data", [b"[" * 1_000_000, b'{"a":' * 200_000, b"9" * 1_000_000])
def test_a_file_made_to_exhaust_the_reader_is_refused(data: bytes) -> None:
    assert refused(data) is Malformed
