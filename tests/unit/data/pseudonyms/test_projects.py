"""The pseudonyms of a project: two levels, two keys, a domain, a label."""

import hashlib
import hmac
import pickle

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey

FIRST_SECRET, SECOND_SECRET = bytes(range(32)), bytes(range(32, 64))
KEYS = PseudonymKeys(FileKey(FIRST, FIRST_SECRET), FileKey(SECOND, SECOND_SECRET))
PROJECT = KEYS.project("FR-2026-0001")


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 written out from its definition (RFC 2104), without the library's own."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()


def test_a_pseudonym_takes_both_levels_each_with_the_key_of_the_project_and_the_label() -> None:
    purpose = b"ecluse pseudonym\0person\0FR-2026-0001"
    first = hmac_sha256(FIRST_SECRET, purpose)
    second = hmac_sha256(SECOND_SECRET, purpose)

    pseudonyms = PROJECT.of(Label.PERSON, ["IDENTITY-OF-1", "é"])

    assert pseudonyms == [
        hmac_sha256(second, hmac_sha256(first, b"IDENTITY-OF-1")).hex(),
        hmac_sha256(second, hmac_sha256(first, "é".encode())).hex(),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FileKey(FIRST, bytes(32)), FileKey(SECOND, SECOND_SECRET)),
        (FileKey(FIRST, FIRST_SECRET), FileKey(SECOND, bytes(32))),
    ],
    ids=["another first key", "another second key"],
)
def test_neither_custodian_alone_makes_a_project_s_pseudonym(
    first: FileKey, second: FileKey
) -> None:
    other = PseudonymKeys(first, second).project("FR-2026-0001")

    assert other.of(Label.PERSON, ["7"]) != PROJECT.of(Label.PERSON, ["7"])


def test_a_column_of_arrow_gives_a_column_of_arrow_with_its_nulls_in_place() -> None:
    column = pa.array([None, "a", "b", None, "a"])

    made = PROJECT.of(Label.LINK, column)

    expected = PROJECT.of(Label.LINK, ["a", "b"])
    assert isinstance(made, pa.StringArray)
    assert made.to_pylist() == [None, *expected, None, expected[0]]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["a"], ["b", None]]),
        pa.chunked_array([["a", "b", None]]),
        pa.array(["x", "a", "b", None, "y"]).slice(1, 3),
        pa.array(["a", "b", None], pa.large_string()),
    ],
    ids=["chunks", "one chunk", "a slice", "large text"],
)
def test_every_layout_of_a_column_gives_the_same_pseudonyms(column: pa.Array) -> None:
    made = PROJECT.of(Label.PERSON, column)

    assert made.to_pylist() == [*PROJECT.of(Label.PERSON, ["a", "b"]), None]


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_no_value_gives_no_pseudonym(column: pa.Array) -> None:
    assert PROJECT.of(Label.PERSON, column).to_pylist() == []


def test_values_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not of int64"):
        PROJECT.of(Label.PERSON, pa.array([7]))


@pytest.mark.parametrize("label", [Label.LINK, Label.PROFESSIONAL, Label.FACILITY])
def test_one_value_has_another_pseudonym_under_another_label(label: Label) -> None:
    assert PROJECT.of(label, ["7"]) != PROJECT.of(Label.PERSON, ["7"])


def test_one_person_has_another_pseudonym_in_another_project() -> None:
    other = KEYS.project("FR-2026-0002")

    assert other.of(Label.PERSON, ["7"]) != PROJECT.of(Label.PERSON, ["7"])


def test_the_two_levels_cannot_be_exchanged() -> None:
    with pytest.raises(InvalidInput, match="first level, then"):
        PseudonymKeys(FileKey(SECOND, SECOND_SECRET), FileKey(FIRST, FIRST_SECRET))


def test_the_key_names_tell_the_version_and_nothing_of_the_keys() -> None:
    named = hmac_sha256(FIRST_SECRET, b"ecluse pseudonym key id").hex()[:16]

    assert KEYS.key_ids[0] == f"pseudonym-1-{named}"
    assert KEYS.key_ids[1].startswith("pseudonym-2-")


def test_keys_are_never_printed() -> None:
    shown = f"{KEYS!r} {PROJECT!r} {KEYS.first!r}"

    assert FIRST_SECRET.hex() not in shown
    assert repr(FIRST_SECRET) not in shown


@pytest.mark.parametrize("secretive", [KEYS, PROJECT, KEYS.first])
def test_keys_are_never_pickled(secretive: object) -> None:
    with pytest.raises(NotAllowed):
        pickle.dumps(secretive)


@settings(max_examples=300)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), max_size=20),
    st.binary(min_size=32, max_size=32),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
def test_pseudonyms_are_those_of_python_s_hmac(
    values: list[str], secret: bytes, domain: str
) -> None:
    purpose = f"ecluse pseudonym\0facility\0{domain}".encode()
    keys = PseudonymKeys(FileKey(FIRST, secret), FileKey(SECOND, SECOND_SECRET))
    first, second = (hmac.digest(key, purpose, "sha256") for key in (secret, SECOND_SECRET))

    made = keys.project(domain).of(Label.FACILITY, pa.array(values, pa.string()))

    levels = [hmac.digest(first, value.encode(), "sha256") for value in values]
    assert made.to_pylist() == [hmac.digest(second, one, "sha256").hex() for one in levels]
