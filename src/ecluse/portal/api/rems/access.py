"""Who calls as REMS is called: a partner portal by its key, for a person whom it brought."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Header
from ninja.security import APIKeyHeader

from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions
from ecluse.portal.api.access import enter, user_of
from ecluse.portal.api.actions import Caller
from ecluse.portal.api.scopes import Scope


class PartnerKey(APIKeyHeader):
    """Let in a portal whose token opens `partner:act`."""

    param_name = "x-rems-api-key"

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002
        """Return the caller, or None. Raises NotAllowed without the scope, TooMany."""
        return enter(key, Scope.PARTNER) if key else None


UserId = Annotated[str, Header(alias="x-rems-user-id", max_length=200, pattern=r"^[^\x00-\x1f]+$")]


def person(request: HttpRequest, user_id: str) -> User:
    """The account of the person for whom a portal calls. Raises NotAllowed: it brought nobody so.

    An account of an officer, or one that the portal did not make, is never reached this way.
    """
    return actions.person_of(user_of(request), user_id)
