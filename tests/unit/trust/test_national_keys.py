"""The third party's key, in a file or in a security module: the same function, the same rules."""

import hashlib
import hmac
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.trust.custody.security_modules import Token
from ecluse.trust.pseudonyms.national_numbers import (
    FileNationalKey,
    create_national_key,
    load_national_key,
    name_claimant,
    name_person,
    synthetic_national_number,
)
from tests.unit.trust.tokens_here import new_token

NUMBER = synthetic_national_number(1)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """A security module."""
    return new_token(tmp_path_factory)


def test_a_module_names_persons_without_giving_its_key(token: Token, tmp_path: Path) -> None:
    made = create_national_key(tmp_path, token)

    key = load_national_key(tmp_path, token)

    named = name_person(NUMBER, key)
    assert named == made.derive(NUMBER).hex().upper()
    assert named == name_person(NUMBER, load_national_key(tmp_path, token))
    assert [path.name for path in tmp_path.iterdir()] == ["national.token"]


def test_there_is_one_key_for_ever(token: Token, tmp_path: Path) -> None:
    (tmp_path / "national.key").write_bytes(bytes(32))

    with pytest.raises(InvalidInput, match="another would name nobody"):
        create_national_key(tmp_path, token)


def test_a_key_in_a_module_that_is_not_set_is_said_to_be_so(token: Token, tmp_path: Path) -> None:
    create_national_key(tmp_path, token)

    with pytest.raises(InvalidInput, match="which module"):
        load_national_key(tmp_path)


def test_a_missing_key_is_asked_of_the_third_party(tmp_path: Path) -> None:
    with pytest.raises(SetupIncomplete, match="third party"):
        load_national_key(tmp_path)


def test_a_person_insured_through_another_is_named_by_number_birth_sex_and_rank() -> None:
    key = FileNationalKey(bytes(32))
    shared = hmac.new(bytes(32), f"{NUMBER}\0002020-05\0001".encode(), hashlib.sha256).hexdigest()

    named = name_claimant(NUMBER, born_on=date(2020, 5, 3), is_male=True, rank=2, key=key)

    assert named == f"{shared.upper()}2"


@pytest.mark.parametrize("rank", [0, 10])
def test_a_rank_that_no_birth_has_is_refused(rank: int) -> None:
    with pytest.raises(InvalidInput, match="rank"):
        name_claimant(
            NUMBER,
            born_on=date(2020, 5, 3),
            is_male=True,
            rank=rank,
            key=FileNationalKey(bytes(32)),
        )


def test_a_number_that_is_none_is_refused_without_being_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        name_person("12345", FileNationalKey(bytes(32)))

    assert "12345" not in str(refused.value)
