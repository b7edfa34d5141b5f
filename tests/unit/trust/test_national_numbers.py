import hashlib
import hmac

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)

KEY = bytes(range(32))


def test_the_pseudonym_is_the_keyed_hash_of_the_number() -> None:
    expected = hmac.new(KEY, b"1610399000000", hashlib.sha256).hexdigest().upper()

    assert pseudonymise_national_number("1610399000000", KEY) == expected


def test_spaces_between_the_parts_of_a_number_change_nothing() -> None:
    spaced = pseudonymise_national_number("1 61 03 99 000 000", KEY)

    assert spaced == pseudonymise_national_number("1610399000000", KEY)


def test_another_key_gives_another_pseudonym() -> None:
    other = pseudonymise_national_number("1610399000000", bytes(32))

    assert other != pseudonymise_national_number("1610399000000", KEY)


def test_a_number_from_corsica_is_a_number() -> None:
    assert len(pseudonymise_national_number("190012a004021", KEY)) == 64


@pytest.mark.parametrize(
    "number", ["", "161039900000", "16103990000001", "961039900000A", "5610399000000"]
)
def test_what_is_not_a_number_is_refused_without_being_repeated(number: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        pseudonymise_national_number(number, KEY)

    assert number == "" or number not in str(raised.value)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InvalidInput, match="32 bytes"):
        pseudonymise_national_number("1610399000000", b"short")


def test_synthetic_numbers_are_all_different_and_of_no_birthplace() -> None:
    numbers = [synthetic_national_number(index) for index in range(30_000)]

    assert len(set(numbers)) == 30_000
    assert {number[5:10] for number in numbers} == {"99000"}


def test_the_first_and_the_last_synthetic_numbers() -> None:
    assert synthetic_national_number(0) == "1000199000000"
    assert synthetic_national_number(2_399_999) == "2991299000999"


@pytest.mark.parametrize("index", [-1, 2_400_000])
def test_there_is_no_synthetic_number_beyond_the_last(index: int) -> None:
    with pytest.raises(InvalidInput):
        synthetic_national_number(index)
