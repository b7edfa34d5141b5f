"""Passwords that anyone who knows this place would try first."""

import re
import unicodedata
from typing import Final

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator

WORDS: Final = frozenset({"ecluse", "snds", "ehds", "eeds", "health", "data", "hub", "sante"})
LETTERS_LEFT: Final = 4


class PlaceWordsValidator(CommonPasswordValidator):
    """Refuse, as too common, words of this place with figures and signs around them."""

    def validate(self, password: str, user: object = None) -> None:
        """Pass if four letters are left without these words. Raises ValidationError."""
        own = re.findall(r"[a-z]{3,}", _plain(settings.ECLUSE_ACCESS_BODY))
        words = sorted(WORDS | set(own), key=len, reverse=True)
        left = re.sub("|".join(words), "", _plain(password))
        letters = sum(sign.isalpha() for sign in left)
        if letters < LETTERS_LEFT and left != _plain(password):
            self.passwords = {password.lower().strip()}
            super().validate(password)


def _plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(
        sign
        for sign in unicodedata.normalize("NFKD", text.lower())
        if not unicodedata.combining(sign)
    )
