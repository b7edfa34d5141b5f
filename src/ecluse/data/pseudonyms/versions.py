"""Which version of the keys each project has: it keeps it until its files are renewed."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from ecluse.data.pseudonyms.projects import ProjectPseudonyms, PseudonymKeys
from ecluse.domain.errors import InvalidInput
from ecluse.trust import canonical, durable
from ecluse.trust.pseudonyms.keys import FIRST, KEY_ID, SECOND
from ecluse.trust.pseudonyms.versions import KeyFolder
from ecluse.trust.zone.settings import ZoneSettings

FOLDERS: Final = ("first", "second")
Passphrases = tuple[str | None, str | None]
KeyIds = tuple[str, str]
"""The names of the keys of the first and of the second level."""


@dataclass(frozen=True, slots=True)
class ProjectVersions:
    """The keys of both custodians, and the file that says which version each project has.

    The file holds names of keys, never a key.
    """

    first: KeyFolder
    second: KeyFolder
    path: Path

    @classmethod
    def of_zone(cls, zone: Path, passphrases: Passphrases = (None, None)) -> Self:
        """Return those of a secure zone: `keys/pseudonyms/first` and `second` in its folder.

        Where `zone.toml` sets a token for a level, its versions are made and used there. Raises
        InvalidInput, SetupIncomplete.
        """
        tokens = ZoneSettings.load(zone).tokens
        first, second = (
            KeyFolder(
                zone / "keys" / "pseudonyms" / name, level, passphrase=words, token=tokens.get(name)
            )
            for name, level, words in zip(FOLDERS, (FIRST, SECOND), passphrases, strict=True)
        )
        return cls(first, second, zone / "pseudonyms.json")

    def project(self, domain: str) -> ProjectPseudonyms:
        """Return the pseudonyms of a project, under the version it has or now gets.

        Raises:
            NotFound, InvalidInput, BadSignature: a key is missing, or cannot be used.
            StorageFull: no space is left to record the version.
        """
        with self._only_writer():
            recorded = self._read()
            if domain not in recorded:
                recorded[domain] = self.current_ids()
                self._write(recorded)
        return self.keys(recorded[domain]).project(domain)

    def version(self, domain: str) -> KeyIds | None:
        """Return the version of a project, None before its first extraction."""
        return self._read().get(domain)

    def versions(self) -> dict[str, KeyIds]:
        """Return the version of every project."""
        return self._read()

    def current_ids(self) -> KeyIds:
        """Return the version that new projects get. Raises NotFound, InvalidInput."""
        return self.first.current_id(), self.second.current_id()

    def keys(self, key_ids: KeyIds) -> PseudonymKeys:
        """Return the keys of one version. Raises NotFound, InvalidInput, BadSignature."""
        return PseudonymKeys(self.first.find(key_ids[0]), self.second.find(key_ids[1]))

    def record(self, domain: str, key_ids: KeyIds) -> None:
        """Note that a project's files now have this version. Raises StorageFull."""
        with self._only_writer():
            self._write({**self._read(), domain: key_ids})

    def _read(self) -> dict[str, KeyIds]:
        try:
            content = json.loads(self.path.read_bytes())
            return {domain: _checked(key_ids) for domain, key_ids in content["projects"].items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInput(
                f"{self.path} is not the list of versions of projects: restore it from its copy."
            ) from None

    def _write(self, recorded: dict[str, KeyIds]) -> None:
        projects = {domain: list(key_ids) for domain, key_ids in recorded.items()}
        durable.write(self.path, canonical.encode({"projects": projects}) + b"\n")

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        """Hold the file's lock; the system lets it go when the process dies."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(
            self.path.with_name(f".{self.path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _checked(key_ids: list[str]) -> KeyIds:
    first, second = key_ids
    if not (KEY_ID.fullmatch(first) and KEY_ID.fullmatch(second)):
        raise ValueError
    return first, second
