"""Fixtures of the two sites: keys of every signer, accounts, an agent that talks to the mailbox."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecluse.domain.documents import Body, Signer
from ecluse.domain.roles import Role
from ecluse.trust import documents, keys, tokens
from ecluse.trust.keys import Keyring, SigningKey

if TYPE_CHECKING:
    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
    from pytest_django import Settings

    from ecluse.portal.accounts.models import User

KEYS_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
NATIONAL_KEY = bytes(range(32))
PASSWORD = "plein-de-lettres-2026"
CHECKING_URL = "http://127.0.0.1:8001"


@dataclass(frozen=True)
class Signers:
    """The private keys of all signers, as only a test holds them together."""

    portal: SigningKey
    register: SigningKey
    agent: SigningKey
    checking_room: SigningKey

    def of(self, signer: Signer) -> SigningKey:
        """The key of a signer."""
        return {
            Signer.PORTAL: self.portal,
            Signer.REGISTER: self.register,
            Signer.AGENT: self.agent,
            Signer.CHECKING_ROOM: self.checking_room,
        }[signer]

    def sign(
        self,
        body: Body,
        *,
        issuer: Signer,
        audience: tuple[str, ...] = ("site:public",),
        now: datetime | None = None,
    ) -> bytes:
        """A signed document that holds `body`."""
        document = documents.new_document(
            body, issuer=issuer, audience=audience, now=now or datetime.now(UTC)
        )
        return documents.sign(document, self.of(issuer))


@dataclass(frozen=True)
class Agent:
    """The agent of the secure zone, seen from a site: requests with a fresh token each."""

    client: "Client"
    key: SigningKey
    site_url: str

    def token(self, *, now: datetime | None = None) -> dict[str, str]:
        """The header that opens the mailbox once."""
        token = tokens.make_token(self.key, audience=self.site_url, now=now or datetime.now(UTC))
        return {"Authorization": f"Bearer {token}"}

    def deliver(self, data: bytes) -> "Answer":
        """Deliver a signed document."""
        return self.client.post(
            "/mailbox/documents",
            data,
            content_type="application/octet-stream",
            headers=self.token(),
        )

    def pull(self, after: int = 0) -> "Answer":
        """Ask for the documents that wait."""
        return self.client.get(f"/mailbox/documents?after={after}", headers=self.token())

    def put(self, digest: str, content: bytes) -> "Answer":
        """Send a file."""
        return self.client.put(
            f"/mailbox/blobs/{digest.removeprefix('sha256:')}",
            content,
            content_type="application/octet-stream",
            headers=self.token(),
        )

    def fetch(self, digest: str) -> "Answer":
        """Ask for a file."""
        address = f"/mailbox/blobs/{digest.removeprefix('sha256:')}"
        return self.client.get(address, headers=self.token())


@pytest.fixture
def signers(db: None, settings: "Settings", tmp_path: Path) -> Signers:
    """Keys of every signer in a home of this test, believed by both sites; the public site."""
    settings.ECLUSE_HOME = tmp_path
    portal, checking = tmp_path / "portal", tmp_path / "checking"
    made = Signers(
        portal=keys.create_key(portal / "keys", Signer.PORTAL, now=KEYS_SINCE),
        register=keys.create_key(portal / "keys", Signer.REGISTER, now=KEYS_SINCE),
        agent=keys.draw_key(Signer.AGENT, now=KEYS_SINCE),
        checking_room=keys.create_key(checking / "keys", Signer.CHECKING_ROOM, now=KEYS_SINCE),
    )
    (portal / "keys" / "national.key").write_bytes(NATIONAL_KEY)
    everybody = Keyring(made.of(signer).public() for signer in Signer)
    everybody.save(portal / "keyring.json")
    everybody.save(checking / "keyring.json")
    return made


@pytest.fixture
def checking_room(signers: Signers, settings: "Settings") -> Signers:
    """The same keys, and this process is the checking room."""
    settings.ECLUSE_SITE = "checking"
    settings.ECLUSE_URL = CHECKING_URL
    settings.ECLUSE_RECEIVERS = "ecluse.portal.site.receivers_checking.HANDLERS"
    settings.ROOT_URLCONF = "ecluse.portal.site.urls_checking"
    return signers


@pytest.fixture
def account(signers: Signers) -> Callable[..., "User"]:
    """A function that creates an account with the roles given; its name comes from them."""
    from ecluse.portal.accounts import actions  # noqa: PLC0415 - Django is not up yet when plugins load

    def create(*roles: Role, email: str | None = None) -> "User":
        name = email or f"{'-'.join(sorted(roles)) or 'nobody'}@hub.example"
        return actions.create_account(
            name, full_name=name, organisation="Hub", roles=roles, password=PASSWORD, by="set-up"
        )

    return create


@pytest.fixture
def agent(signers: Signers, client: "Client", settings: "Settings") -> Agent:
    """The agent, talking to the site of this test."""
    return Agent(client, signers.agent, settings.ECLUSE_URL)


@pytest.fixture(scope="session", autouse=True)
def append_only_tables_can_be_emptied() -> None:
    """After a test that commits, Django empties every table: the triggers sleep for that alone."""
    from django.db.backends.postgresql.operations import DatabaseOperations  # noqa: PLC0415

    original = DatabaseOperations.sql_flush

    def sql_flush(self: object, *args: object, **options: object) -> list[str]:
        statements = original(self, *args, **options)  # type: ignore[arg-type]
        return ["SET LOCAL session_replication_role = replica;", *statements]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def static_files_are_looked_up_once() -> None:
    """Every client of a test starts the middleware anew: the same folders are walked once."""
    from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: PLC0415

    original = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, dict[str, object]] = {}

    def add_files_from_finders(self: "WhiteNoiseMiddleware") -> None:
        if self.static_prefix not in found:
            original(self)
            found[self.static_prefix] = dict(self.files)
        self.files.update(found[self.static_prefix])

    WhiteNoiseMiddleware.add_files_from_finders = add_files_from_finders
