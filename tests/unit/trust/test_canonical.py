import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import Malformed
from ecluse.trust import canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_encoded_is_decoded_unchanged(value):
    assert canonical.decode(canonical.encode(value)) == value


@given(VALUES)
def test_the_encoding_is_json_that_any_reader_understands(value):
    assert json.loads(canonical.encode(value)) == value


def test_keys_are_sorted_and_nothing_is_spaced():
    assert (
        canonical.encode({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()
    )


def test_keys_are_sorted_by_utf_16_as_rfc_8785_asks():
    # U+1F600 is D83D DE00 in UTF-16: before U+FB33, although its code point is greater.
    assert (
        canonical.encode({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()
    )


def test_text_is_escaped_only_where_json_requires():
    assert canonical.encode('"\\\n\x00/\x7f') == b'"\\"\\\\\\n\\u0000/\x7f"'


@pytest.mark.parametrize(
    "value",
    [1.0, {"a": 0.5}, 2**53, -(2**53), {1: "a"}, ("tuple",), b"bytes", float("nan"), "\ud800"],
    ids=repr,
)
def test_a_value_without_one_spelling_is_refused(value):
    with pytest.raises(Malformed):
        canonical.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'"\\u00e9"',
        b'"\\/"',
        b'"\\ud800"',
        b'\xef\xbb\xbf"bom"',
        b'"\xff"',
        b"",
        b"[1,]",
        b"1" * 5000,
        b"[" * 100_000,
        b"[" * 70 + b"]" * 70,
    ],
    ids=lambda data: repr(data[:20]),
)
def test_another_spelling_or_no_json_at_all_is_refused(data):
    with pytest.raises(Malformed):
        canonical.decode(data)


def test_a_digest_names_the_bytes():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert canonical.digest(b"") == f"sha256:{empty}"


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc" * 100_000)

    assert canonical.digest_file(path) == canonical.digest(b"abc" * 100_000)
