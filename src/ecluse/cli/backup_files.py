"""A backup on the disk: parts sealed for the recovery key, and the manifest that makes them count.

    ecluse-20261123T020000Z/
        public.dump      each site's database, by pg_dump, sealed
        checking.dump
        rooms-0.tar      each folder of files, sealed
        manifest.json    what the parts hold, their digests, the data key sealed for the receiver

The manifest comes last: without it the folder is no backup. It bears an authentication code under
the data key, so that nobody without the recovery key or the power to make a whole new backup
changes a word of it; the journals inside prove themselves to whoever witnessed their checkpoints.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotFound
from ecluse.trust import canonical, durable
from ecluse.trust.envelopes import chunks
from ecluse.trust.envelopes.hybrid import HybridKey, Receiver
from ecluse.trust.zone.sealed_files import DataKey, draw_data_key

MANIFEST: Final = "manifest.json"
FORMAT: Final = "ecluse-backup-1"
SEALING: Final = "ecluse backup data key"
AUTHENTICATING: Final = b"ecluse backup manifest"
PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed file: its name, size and digest (SHA-256 of the sealed bytes, hexadecimal)."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a table had."""

    table: str
    count: int


@dataclass(frozen=True, slots=True)
class Database:
    """A site's database at one instant: its tables' rows, the last checkpoint of its journal."""

    site: str
    tables: tuple[Rows, ...]
    head: str

    @property
    def count(self) -> int:
        """How many rows it had in all."""
        return sum(each.count for each in self.tables)


@dataclass(frozen=True, slots=True)
class Content:
    """What a backup holds; `rooms` are the folders that were saved, in the order of their parts."""

    number: str
    made_at: datetime
    version: str
    parts: tuple[Part, ...]
    rooms: tuple[str, ...]
    databases: tuple[Database, ...]


class Writer:
    """The parts of a backup under way, in a folder that bears another name until it is whole."""

    def __init__(self, folder: Path, number: str, receiver: Receiver) -> None:
        self.number, self._receiver = number, receiver
        self._whole, self._folder = folder / number, folder / f"{number}.partial"
        self._key = draw_data_key()
        self.parts: list[Part] = []
        self._folder.mkdir(mode=0o700, parents=True)

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Seal one part. Raises StorageFull."""
        frame = chunks.Frame(self._key.key_id, secrets.token_bytes(chunks.SALT_BYTES))
        digest, size = hashlib.sha256(), 0
        with durable.replacing(self._folder / name) as file:
            for piece in chunks.seal(content, frame, self._key, path=self._path(name)):
                digest.update(piece)
                size += file.write(piece)
        self.parts.append(Part(name, size, digest.hexdigest()))

    def finish(self, content: Content) -> Path:
        """Write the manifest and give the folder its name: from here on it is a backup."""
        manifest = {
            "format": FORMAT,
            "content": codec.encode(content),
            "key_id": self._key.key_id,
            "receiver": self._receiver.key_id,
            "sealed_key": self._receiver.seal(self._key.secret, purpose=SEALING).hex(),
        }
        manifest["code"] = _code(self._key, manifest)
        durable.write(self._folder / MANIFEST, canonical.encode(manifest) + b"\n")
        self._folder.rename(self._whole)
        durable.sync_folder(self._whole.parent)
        return self._whole

    def _path(self, name: str) -> str:
        return f"{self.number}/{name}"


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup: its folder, what its manifest says, the manifest itself."""

    folder: Path
    content: Content
    manifest: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> "Backup":
        """Return the backup of a folder. Raises NotFound: it has no manifest; InvalidInput."""
        path = folder / MANIFEST
        if not path.is_file():
            raise NotFound(f"{folder} n'a pas de manifeste : ce n'est pas une sauvegarde entière.")
        try:
            manifest: Any = canonical.decode(path.read_bytes().removesuffix(b"\n"))
            content = codec.decode(manifest["content"], Content)
        except (ValueError, KeyError, TypeError, InvalidInput, Malformed) as error:
            raise BadSignature(f"{path} a été abîmé ({type(error).__name__}).") from None
        return cls(folder, content, manifest)

    def damaged(self) -> list[str]:
        """Return the names of the parts that are missing or are not what was written."""
        return [part.name for part in self.content.parts if not self._is_whole(part)]

    def open(self, recovery: HybridKey) -> DataKey:
        """Return the key of the parts. Raises BadSignature: another receiver, or altered."""
        try:
            sealed = bytes.fromhex(str(self.manifest["sealed_key"]))
            key = DataKey(str(self.manifest["key_id"]), recovery.open(sealed, purpose=SEALING))
        except (KeyError, ValueError, InvalidInput):
            raise BadSignature(f"{self.folder / MANIFEST} a été abîmé.") from None
        told = {name: value for name, value in self.manifest.items() if name != "code"}
        if not hmac.compare_digest(str(self.manifest.get("code")), _code(key, told)):
            raise BadSignature(f"{self.folder / MANIFEST} a été modifié depuis la sauvegarde.")
        return key

    def read(self, name: str, key: DataKey) -> Iterator[bytes]:
        """Yield the content of a part. Raises BadSignature at the first altered chunk."""
        path = self.folder / name
        descriptor = os.open(path, os.O_RDONLY)
        try:
            sealed = chunks.SealedObject.at(
                lambda start, length: os.pread(descriptor, length, start),
                sealed_bytes=path.stat().st_size,
                path=f"{self.content.number}/{name}",
            )
            yield from sealed.read(key)
        finally:
            os.close(descriptor)

    def _is_whole(self, part: Part) -> bool:
        path = self.folder / part.name
        if not path.is_file() or path.stat().st_size != part.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == part.digest


def list_backups(folder: Path) -> list[Backup]:
    """Return the whole backups of a folder, oldest first; what was cut off is none."""
    found = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    return [Backup.load(path) for path in found if path.suffix != ".partial"]


def _code(key: DataKey, told: Mapping[str, Any]) -> str:
    own = hmac.digest(key.secret, AUTHENTICATING, "sha256")
    return hmac.digest(own, canonical.encode(dict(told)), "sha256").hex()
