"""What a supervisor asks: alive without the database; ready with all that the site needs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client

from ecluse.domain.errors import NotFound
from ecluse.portal.site import health
from tests.sites import Signers

LIVE, READY = "/health/live", "/health"


def fails(error: Exception) -> Callable[..., object]:
    def fail(*_rest: object) -> object:
        raise error

    return fail


def test_a_site_that_has_everything_is_ready(signers: Signers, client: Client) -> None:
    assert client.get(READY).json() == {"status": "ok", "site": "public"}
    assert client.get(LIVE).json() == {"status": "ok"}


def test_a_database_that_is_away_leaves_the_site_alive_and_not_ready(
    signers: Signers, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(health.connection, "cursor", fails(DatabaseError("gone")))
        alive, answer = client.get(LIVE), client.get(READY)

    assert alive.status_code == 200
    assert (answer.status_code, answer.json()) == (503, {"status": "database-unreachable"})


def test_a_site_whose_tables_are_of_another_version_is_not_ready(
    signers: Signers, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["one to do"])

    assert client.get(READY).json() == {"status": "tables-of-another-version"}


def test_a_site_that_cannot_sign_is_not_ready(
    signers: Signers, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health.identity, "signing_key", fails(NotFound("no key")))

    assert client.get(READY).json() == {"status": "keys-unreadable"}


def test_a_site_whose_disk_is_full_is_not_ready(
    signers: Signers, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 80)

    assert client.get(READY).json() == {"status": "disk-full"}
    assert client.post(READY).status_code == 405
