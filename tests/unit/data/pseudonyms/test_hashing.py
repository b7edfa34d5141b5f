"""Two HMACs a value, in this process and in another, against published vectors and Python's own."""

import hmac
import io
import subprocess
import sys
from array import array

import pyarrow as pa
import pytest

from ecluse.data.pseudonyms import columns, hashing

KEYS = (b"\x01" * 32, b"\x02" * 32)

RFC_4231 = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
]
"""Test cases 1 to 4 of RFC 4231: those whose key is at most a block and whose tag is whole."""


@pytest.mark.parametrize(("key", "message", "tag"), RFC_4231)
def test_the_first_level_is_that_of_rfc_4231(key: bytes, message: bytes, tag: str) -> None:
    second = hmac.digest(KEYS[1], bytes.fromhex(tag), "sha256")

    assert hashing.hash_twice([message], key, KEYS[1]) == second


@pytest.mark.parametrize(("key", "message", "tag"), RFC_4231)
def test_the_second_level_is_hmac_of_the_first(key: bytes, message: bytes, tag: str) -> None:
    first = hmac.digest(KEYS[0], message, "sha256")

    assert hashing.hash_twice([message], KEYS[0], key) == hmac.digest(key, first, "sha256")


def test_digests_come_in_the_order_of_the_values() -> None:
    both = hashing.hash_twice([b"a", b"b"], *KEYS)

    assert both == hashing.hash_twice([b"a"], *KEYS) + hashing.hash_twice([b"b"], *KEYS)


def test_the_program_answers_a_batch_as_the_function_does() -> None:
    batch, answer = io.BytesIO(), io.BytesIO()
    hashing.write_batch(batch, KEYS, array("i", [0, 1, 1, 3]).tobytes(), b"abb")
    batch.seek(0)

    hashing.answer(batch, answer)

    assert answer.getvalue() == hashing.hash_twice([b"a", b"", b"bb"], *KEYS)


def test_half_of_a_large_column_goes_to_another_process_and_comes_back_in_place() -> None:
    count = columns.SHARED_FROM + 1
    # A slice, so that the halves do not begin where their buffers do.
    values = pa.array(["before", *(f"person {number}" for number in range(count))]).slice(1)

    made = columns.pseudonymise(values, KEYS)

    every = hashing.hash_twice((value.encode() for value in values.to_pylist()), *KEYS).hex()
    assert len(made) == count
    assert "".join(made.to_pylist()) == every


def test_where_no_other_process_can_start_everything_is_hashed_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    values = pa.array([f"person {number}" for number in range(columns.SHARED_FROM)])

    made = columns.pseudonymise(values, KEYS)

    last = hashing.hash_twice([values[-1].as_py().encode()], *KEYS).hex()
    assert made[-1].as_py() == last


def test_the_program_runs_by_itself_without_the_rest_of_the_data_plane() -> None:
    batch = io.BytesIO()
    hashing.write_batch(batch, KEYS, array("i", [0, 3]).tobytes(), b"abc")

    answered = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", hashing.__file__],
        input=batch.getvalue(),
        capture_output=True,
        check=True,
    )

    assert answered.stdout == hashing.hash_twice([b"abc"], *KEYS)
    assert b"pyarrow" not in answered.stderr
