"""The keys of `ecluse hosting`: the headers of data keys, and the holders of this machine.

ECLUSE_HOME/hosting/data-keys/        a header for each data key: its wraps, signed
ECLUSE_HOME/hosting/holders/<name>/   the keys of a holder; `roots` in no backup
ECLUSE_HOME/hosting/holders.toml      the holders whose root key is in a security module:

[tokens.hub]
library = "/usr/lib/softhsm/libsofthsm2.so"
token = "hosting"
pin = "credential:hosting-pin"        # or "descriptor:3"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecluse.cli.hosting_room import Room
from ecluse.domain.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from ecluse.hosting.replicas.manifests import Manifest
    from ecluse.hosting.stores.interface import Source
    from ecluse.trust.custody.security_modules import Token
    from ecluse.trust.envelopes.headers import Header, HeaderFolder
    from ecluse.trust.envelopes.holders import KeyHolder
    from ecluse.trust.zone.sealed_files import DataKey

FIRST_HOLDER = "hub"
TOKENS = "holders.toml"
SHREDDING = "shredding"
"""Names the dataset whose keys are being destroyed."""


@dataclass(frozen=True, slots=True)
class KeyRoom:
    """The data keys of the hosting room, and who holds them here."""

    room: Room

    @property
    def headers(self) -> HeaderFolder:
        """The headers of data keys, signed with the room's key."""
        from ecluse.trust.envelopes.headers import HeaderFolder

        return HeaderFolder(self.room.folder / "data-keys", self.room.key, self.room.keyring)

    def holder(self, name: str) -> KeyHolder:
        """Return a holder of this machine, with or without keys yet. Raises InvalidInput."""
        from ecluse.trust.envelopes.holders import KeyHolder

        return KeyHolder(name, self.room.folder / "holders" / name, self._token(name))

    def holders(self) -> tuple[KeyHolder, ...]:
        """Return the holders of this machine that have keys, by name."""
        found = sorted(path.parent.name for path in self._folder.glob("*/current.json"))
        return tuple(self.holder(name) for name in found)

    def known(self, name: str) -> KeyHolder:
        """Return a holder of this machine that has keys. Raises NotFound."""
        holder = self.holder(name)
        if not holder.exists():
            raise NotFound(f"{name} n'a pas de clés ici : « ecluse hosting holder create {name} ».")
        return holder

    def draw(self, dataset: str) -> DataKey:
        """Return a new data key of a dataset, wrapped for the first holder, which is made."""
        from ecluse.trust.envelopes.headers import draw_header, wrap_for
        from ecluse.trust.envelopes.holders import STORAGE
        from ecluse.trust.zone.sealed_files import draw_data_key

        holder = self.holder(FIRST_HOLDER)
        if not holder.exists():
            holder.create()
        key = draw_data_key()
        wrap = wrap_for(holder, key, dataset, STORAGE)
        self.headers.add(draw_header(key, dataset, STORAGE, wrap))
        self.note("data-key.drawn", key.key_id, dataset=dataset, holder=holder.name)
        return key

    def _sealing(self, dataset: str, *, is_new: bool) -> DataKey:
        """Return the data key for the next version: the last one's, or another."""
        former = self.room.latest(dataset)
        if is_new or former is None or former.header.data_key is None:
            return self.draw(dataset)
        return self.open(former.header.data_key)

    def sealed(self, source: Source, dataset: str, *, is_new: bool) -> tuple[Source, str]:
        """Return a source as it is once sealed for the next version, and the data key's name."""
        from ecluse.hosting.replicas.sealing import SealedSource

        key = self._sealing(dataset, is_new=is_new)
        bits = self.headers.load(key.key_id).chunk_bits
        return SealedSource(source, key, chunk_bits=bits), key.key_id

    def source(self, host: str, manifest: Manifest) -> Source:
        """Return what a version is copied from: a replica as it is, a folder sealed as planned."""
        from ecluse.hosting.replicas.copying import Layout
        from ecluse.hosting.replicas.sealing import SealedSource

        store = self.room.store(host)
        is_replica = self.room.placement.host(host).layout is Layout.CONTENT
        if is_replica or manifest.header.data_key is None:
            return store
        header = self.header_of(manifest)
        key = self.open(header.key_id)
        return SealedSource(store, key, planned=manifest, chunk_bits=header.chunk_bits)

    def header_of(self, manifest: Manifest) -> Header:
        """Return the header of the data key of a version. Raises InvalidInput, NotFound."""
        if manifest.header.data_key is None:
            raise InvalidInput(
                f"La version {manifest.header.number} n'a pas été scellée en partant : "
                "« ecluse hosting plan … --seal »."
            )
        return self.headers.load(manifest.header.data_key)

    def open(self, key_id: str) -> DataKey:
        """Return a data key, opened by a holder of this machine.

        Raises:
            NotFound: none of them opens it any more.
            BadSignature: a wrap was altered.
        """
        from ecluse.trust.envelopes.headers import Means, unwrap

        header = self.headers.load(key_id)
        held = {wrap.holder for wrap in header.wraps if wrap.means is Means.KEY}
        for holder in self.holders():
            if holder.name in held:
                return unwrap(header, holder)
        names = ", ".join(wrap.holder for wrap in header.wraps)
        raise NotFound(f"La clé {key_id} ne s'ouvre pas ici, mais chez : {names}.")

    def is_shredding(self, dataset: str) -> bool:
        """Say whether the destruction of a dataset was cut off, and is to be called again."""
        path = self.room.folder / SHREDDING
        return path.is_file() and path.read_text(encoding="utf-8") == dataset

    def shred(self, dataset: str) -> None:
        """Destroy the data keys of a dataset, then every generation that opened copies of them."""
        from ecluse.trust import durable
        from ecluse.trust.envelopes.rotation import rotate

        # Without it, a run that was killed once the headers are gone would never rotate.
        durable.write(self.room.folder / SHREDDING, dataset.encode())
        for header in self.headers.of(dataset):
            self.headers.destroy(header.key_id)
            self.note("data-key.destroyed", header.key_id, dataset=dataset)
        for holder in self.holders():
            done = rotate(holder, self.headers)
            self.note("holder.rotated", holder.name, root=done.root, headers=done.headers)
        (self.room.folder / SHREDDING).unlink()

    def note(self, action: str, subject: str, **details: str | int) -> None:
        """Write in the journal of hosting what was done to a key."""
        register = self.room.register
        register.journal.append(
            action, actor=register.actor, subject=subject, details=details, at=datetime.now(UTC)
        )

    @property
    def _folder(self) -> Path:
        return self.room.folder / "holders"

    def _token(self, name: str) -> Token | None:
        path = self.room.folder / TOKENS
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))["tokens"].get(name)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, AttributeError):
            raise InvalidInput(f"{path} ne décrit pas de jetons : [tokens.<nom>].") from None
        return None if told is None else _parsed(path, name, told)


def _parsed(path: Path, name: str, told: object) -> Token:
    from ecluse.trust.custody.pins import Pin
    from ecluse.trust.custody.security_modules import Token

    is_told = isinstance(told, dict) and told.keys() == {"library", "token", "pin"}
    if not isinstance(told, dict) or not is_told or not all(type(v) is str for v in told.values()):
        raise InvalidInput(f"{path} : [tokens.{name}] donne library, token et pin.")
    return Token(Path(told["library"]), told["token"], Pin(told["pin"]))
