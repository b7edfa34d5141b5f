"""Passwords made of the words of this place are refused."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django import Settings


@pytest.mark.parametrize("password", ["Écluse-2026-!!", "ecluse.snds.26", "health-data-hub"])
def test_words_of_this_place_with_figures_and_signs_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_the_name_of_the_authority_is_refused(settings: Settings) -> None:
    settings.ECLUSE_ACCESS_BODY = "Autorité Exemple"

    with pytest.raises(ValidationError):
        validate_password("Autorite-exemple-1")


def test_a_passphrase_may_hold_one_of_these_words() -> None:
    validate_password("trois bateaux à l’écluse")
    validate_password("1234-5678-éàü-une-9")
