"""Passwords that anyone who knows this place would try first."""

import re
import unicodedata
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS: Final = ("ecluse", "snds", "ehds", "eeds", "health", "data", "hub", "sante", "donnees")
LEAST_LETTERS: Final = 4


class PlaceWordsValidator:
    """Refuse words of this place, of its authority too, with figures and signs around them."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's call
        """Pass if four letters are left without these words. Raises ValidationError."""
        own = re.findall(r"[a-z]{3,}", _plain(settings.ECLUSE_ACCESS_BODY))
        words = sorted({*WORDS, *own}, key=len, reverse=True)
        given = _plain(password)
        left = re.sub("|".join(words), "", given)
        if left != given and sum(sign.isalpha() for sign in left) < LEAST_LETTERS:
            raise ValidationError(self.get_help_text(), code="password_of_this_place")

    def get_help_text(self) -> str:
        """Return what to choose instead."""
        return _("Ce mot de passe n’a que des mots de ce service : ajoutez-en d’autres.")


def _plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
