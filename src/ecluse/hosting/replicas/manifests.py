"""Manifests: everything that one version of a dataset holds, under one signed root.

A manifest is text: one canonical JSON line that names the version, then one per object in the order
of their paths. The lines are the leaves of an RFC 6962 tree; a signed checkpoint over it, of origin
`replica/<dataset>`, is the whole proof. At a host, objects lie under the digest of their content,
so that a copy made twice is made once and no object is ever written over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, Malformed
from ecluse.hosting.stores.interface import checked_key
from ecluse.trust import canonical
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.keys import Keyring, SigningKey

FOLDER: Final = "manifests/"
OBJECTS: Final = "b3/"
SEGMENT_BYTES: Final = 8 << 20
DIGEST_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Header:
    """Which version this is: its dataset, its number from 1, and the root of the one before.

    `data_key` names the key that all objects were sealed with on their way to hosts, if any.
    """

    dataset: str
    number: int
    made_at: str
    former_root: str | None
    data_key: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One object: its path, its size, and the digests of its bytes in hexadecimal.

    `segments` are the BLAKE3 of each 8 MiB, which say where bytes differ.
    """

    path: str
    size: int
    blake3: str
    sha256: str
    segments: tuple[str, ...]

    @property
    def key(self) -> str:
        """The object's name at a host: its content's."""
        return f"{OBJECTS}{self.blake3[:2]}/{self.blake3}"


@dataclass(frozen=True)
class Manifest:
    """A version of a dataset, and the checkpoint that signs it."""

    header: Header
    items: tuple[Item, ...]
    note: str

    @cached_property
    def lines(self) -> tuple[bytes, ...]:
        """The canonical lines: the header, then the objects."""
        return _lines(self.header, self.items)

    @cached_property
    def root(self) -> str:
        """The root of the lines, 64 hexadecimal characters."""
        return tree.root(map(tree.leaf_hash, self.lines)).hex()

    @cached_property
    def objects(self) -> Mapping[str, Item]:
        """The distinct contents, by their key at a host."""
        return {item.key: item for item in self.items}

    @property
    def size(self) -> int:
        """Bytes to copy: each content once."""
        return sum(item.size for item in self.objects.values())

    @property
    def key(self) -> str:
        """The manifest's own name at a host."""
        return f"{FOLDER}{self.root}"

    def data(self) -> bytes:
        """Return the manifest as it is kept: the note as a JSON text, then the lines."""
        return b"\n".join((canonical.encode(self.note), *self.lines)) + b"\n"


def sign(header: Header, items: Iterable[Item], key: SigningKey) -> Manifest:
    """Return the signed manifest of these objects. Raises Malformed: a path is given twice."""
    ordered = tuple(sorted(items, key=lambda item: item.path))
    _check_paths(ordered)
    lines = _lines(header, ordered)
    root = tree.root(map(tree.leaf_hash, lines))
    note = checkpoints.sign_checkpoint(_origin(header.dataset), len(lines), root, key)
    return Manifest(header, ordered, note)


def parse(data: bytes, keyring: Keyring) -> Manifest:
    """Return the manifest if every byte of `data` is what a believed key signed.

    Raises:
        Malformed: not a manifest, or paths that are not in order or not names.
        BadSignature: the lines are not those that were signed.
        UnknownKey: signed by a key that is not believed.
    """
    first, *lines = data.removesuffix(b"\n").split(b"\n")
    note = canonical.decode(first)
    if not isinstance(note, str) or not lines:
        raise Malformed("A manifest begins with its checkpoint and its header.")
    signed = checkpoints.verify_checkpoint(note, keyring)
    if signed.size != len(lines) or signed.root != tree.root(map(tree.leaf_hash, lines)):
        raise BadSignature("The lines of this manifest are not those that were signed.")
    header: Header = codec.decode(canonical.decode(lines[0]), Header, at="header")
    items = tuple(codec.decode(canonical.decode(line), Item, at="item") for line in lines[1:])
    if signed.origin != _origin(header.dataset):
        raise BadSignature(f"This manifest is signed for {signed.origin[:80]}.")
    _check_paths(items)
    return Manifest(header, items, note)


def _lines(header: Header, items: Iterable[Item]) -> tuple[bytes, ...]:
    return tuple(canonical.encode(codec.encode(one)) for one in (header, *items))


def _origin(dataset: str) -> str:
    return f"replica/{dataset}"


def _check_paths(items: tuple[Item, ...]) -> None:
    paths = [checked_key(item.path) for item in items]
    if any(first >= second for first, second in pairwise(paths)):
        raise Malformed("The paths of a manifest are not in order, or one is given twice.")
    if any(len(item.blake3) != DIGEST_CHARACTERS for item in items):
        raise Malformed("A digest of a manifest is not 64 characters long.")
