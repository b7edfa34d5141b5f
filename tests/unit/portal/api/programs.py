"""A program that calls the API with a token, and a partner portal that calls it as REMS."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from ecluse.portal.accounts.models import User
from ecluse.portal.api import actions
from ecluse.portal.api.actions import Wanted
from ecluse.portal.api.scopes import Scope


def token_of(account: User, *scopes: Scope, days: int = 30, now: datetime | None = None) -> str:
    """The text of a token of this account."""
    wanted = Wanted("Essai", scopes or tuple(Scope), days)
    return actions.make_token(account, wanted, by="set-up", now=now or timezone.now())[1]


@dataclass(frozen=True)
class Program:
    """Requests with a token. Each returns the status and the JSON read."""

    client: Client
    token: str

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, address: str, **query: Any) -> tuple[int, Any]:
        """Read something of v1."""
        answer = self.client.get(f"/api/v1/{address}", query, headers=self._headers())
        return answer.status_code, answer.json()

    def send(self, method: str, address: str, body: object = None) -> tuple[int, Any]:
        """Write something through v1."""
        answer = self.client.generic(
            method,
            f"/api/v1/{address}",
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers=self._headers(),
        )
        return answer.status_code, answer.json() if answer.content else None


@dataclass(frozen=True)
class Portal:
    """A partner portal: its key, and the person for whom it calls."""

    client: Client
    key: str
    user_id: str = "alice"

    def headers(self) -> dict[str, str]:
        """The two headers of REMS."""
        return {"x-rems-api-key": self.key, "x-rems-user-id": self.user_id}

    def get(self, address: str) -> tuple[int, Any]:
        """Read something as REMS answers it."""
        answer = self.client.get(f"/api/{address}", headers=self.headers())
        return answer.status_code, answer.json()

    def post(self, address: str, body: object) -> tuple[int, Any]:
        """Do something as REMS does it."""
        answer = self.client.post(
            f"/api/{address}", body, content_type="application/json", headers=self.headers()
        )
        return answer.status_code, answer.json()


def portal_of(client: Client) -> tuple[Portal, User]:
    """A partner portal that brought alice, and its own account."""
    machine = actions.make_machine("portal@genomes.example", "Portail des génomes", by="set-up")
    portal = Portal(client, token_of(machine, Scope.PARTNER))
    person = {"userid": "alice", "name": "Alice Martin", "email": "alice@univ.example"}
    assert portal.post("users/create", person) == (200, {"success": True})
    return portal, machine
