"""Who asks: a token of this site in `Authorization: Bearer`, counted against its limit."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions
from ecluse.portal.api.actions import MINUTE, Caller
from ecluse.portal.api.problems import TooMany
from ecluse.portal.api.scopes import Scope


class BearerToken(HttpBearer):
    """Let in a token that opens one scope; with none, any token."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:  # noqa: ARG002
        """Return the caller, or None. Raises NotAllowed without the scope, TooMany."""
        return enter(token, self.scope)


def enter(text: str, scope: Scope | None) -> Caller | None:
    """Return who a token speaks for, counted. Raises NotAllowed, TooMany."""
    now = timezone.now()
    caller = actions.open_token(text, now=now)
    if caller is None:
        return None
    if actions.count_request(caller.token, now=now) < 0:
        raise TooMany(MINUTE - int(now.timestamp()) % MINUTE)
    if scope is not None:
        caller.require(scope)
    return caller


def caller_of(request: HttpRequest) -> Caller:
    """Who asks, once `BearerToken` let them in."""
    return cast(Caller, cast(Any, request).auth)


def user_of(request: HttpRequest) -> User:
    """The account that asks."""
    return caller_of(request).user
