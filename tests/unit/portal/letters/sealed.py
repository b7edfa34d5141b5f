"""A site with its seal, and letters on it, for the tests of this app and of the law."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from ecluse.portal.audit import identity
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.letters import actions
from ecluse.portal.letters.models import IssuedLetter
from ecluse.portal.letters.sealing import CERTIFICATE, KEY, Seal, make_seal
from tests.sites import Signers

MADE = datetime(2025, 1, 1, tzinfo=UTC)
NAME = "Guichet d’essai"


@dataclass(frozen=True)
class SealFiles:
    """The two files of a seal, made once for all tests: an RSA key takes its time."""

    seal: Seal
    key: bytes
    certificate: bytes


@pytest.fixture(scope="session")
def seal_files(tmp_path_factory: pytest.TempPathFactory) -> SealFiles:
    folder = tmp_path_factory.mktemp("seal")
    seal = make_seal(folder, name=NAME, now=MADE)
    return SealFiles(seal, (folder / KEY).read_bytes(), (folder / CERTIFICATE).read_bytes())


@pytest.fixture
def seal(signers: Signers, seal_files: SealFiles) -> Seal:
    """The site of this test has a seal."""
    folder: Path = identity.key_folder()
    (folder / KEY).write_bytes(seal_files.key)
    (folder / KEY).chmod(0o600)
    (folder / CERTIFICATE).write_bytes(seal_files.certificate)
    return seal_files.seal


def letter_of(case: CaseRecord, name: str, *, now: datetime) -> IssuedLetter:
    """The letter of that id of a file, issued."""
    return actions.issue(case.dispatches.get(name=name, is_letter=True), now=now)


def address(letter: IssuedLetter) -> str:
    """Where its page is."""
    return f"/letters/{letter.case.number}/{letter.dispatch_id}/"


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client
