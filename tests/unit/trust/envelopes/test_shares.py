"""Shares of a secret over GF(2⁸)."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import InvalidInput
from ecluse.trust.envelopes.shares import combine, invert, multiply, split


@pytest.mark.parametrize(
    ("one", "other", "product"),
    [(0x57, 0x83, 0xC1), (0x57, 0x13, 0xFE), (0x57, 0x02, 0xAE), (0x57, 0x10, 0x07)],
)
def test_products_are_those_of_fips_197(one: int, other: int, product: int) -> None:
    """Sections 4.2 and 4.2.1 of the standard."""
    assert multiply(one, other) == multiply(other, one) == product


def test_the_inverse_is_that_of_the_s_box_of_fips_197() -> None:
    """The inverse of 53 is CA, on the way to the S-box's value ED."""
    assert invert(0x53) == 0xCA
    assert {multiply(element, invert(element)) for element in range(1, 256)} == {1}


def test_shares_worked_out_by_hand_give_the_secret_back() -> None:
    """f(x) = 2A + 03·x: f(1) = 29, f(2) = 2C, f(3) = 2F."""
    shares = {1: b"\x29", 2: b"\x2c", 3: b"\x2f"}

    assert [combine({n: shares[n] for n in two}) for two in combinations(shares, 2)] == [
        b"\x2a"
    ] * 3


@given(secret=st.binary(min_size=1, max_size=96), data=st.data())
def test_any_threshold_of_shares_gives_the_secret_back(secret: bytes, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 8))
    threshold = data.draw(st.integers(2, count))
    shares = split(secret, threshold=threshold, count=count)

    kept = data.draw(st.permutations(sorted(shares)))[:threshold]

    assert combine({number: shares[number] for number in kept}) == secret


def test_with_one_share_less_each_secret_is_as_likely() -> None:
    """Two of three: through the share that is known, one polynomial goes to each value at 0."""
    known = split(b"\x2a", threshold=2, count=3)[1][0]
    completed = {combine({1: bytes([known]), 2: bytes([other])})[0] for other in range(256)}

    assert completed == set(range(256))


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (4, 3), (2, 256)])
def test_a_threshold_goes_from_two_to_all(threshold: int, count: int) -> None:
    with pytest.raises(InvalidInput, match="threshold"):
        split(b"secret", threshold=threshold, count=count)


@pytest.mark.parametrize("shares", [{}, {1: b"ab", 2: b"a"}, {0: b"a", 1: b"b"}])
def test_shares_that_are_of_no_one_set_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(InvalidInput, match="one set"):
        combine(shares)
