"""What pages call the scopes of a token."""

from ecluse.portal.api.models import Token
from ecluse.portal.api.scopes import LABELS, Scope


def scope_texts(token: Token) -> list[str]:
    """What a token opens, in words; what a person cannot give keeps its name."""
    return [str(LABELS.get(Scope(name), name)) for name in token.scopes]
