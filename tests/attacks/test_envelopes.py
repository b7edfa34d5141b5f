"""Attacks on sealed objects and their keys: what who has a disk, a backup or a share can read."""

import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, EcluseError
from ecluse.hosting.replicas import copying, planning
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.replicas.sealing import SealedSource
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust.envelopes.chunks import PREFIX_BYTES, TAG_BYTES, SealedObject, frame_of, seal
from ecluse.trust.envelopes.headers import Header, parse_header, unwrap, wrap_for
from ecluse.trust.envelopes.holders import STORAGE, KeyHolder
from ecluse.trust.envelopes.hybrid import HybridKey
from ecluse.trust.envelopes.rotation import rotate
from ecluse.trust.envelopes.shares import combine, split
from ecluse.trust.zone.sealed_files import DataKey
from tests.unit.hosting.replicas import KEY as MANIFEST_KEY
from tests.unit.hosting.replicas import NOW
from tests.unit.trust.envelopes import (
    KEYRING,
    WIDE,
    drawn,
    header_folder,
    new_holder,
    read,
    sealed,
)
from tests.unit.trust.tokens_here import new_token

CANARIES = [b"CANARY%020d" % (number * number) for number in range(1000)]
OBJECTS = 10
MUTATIONS = 400


class OldHost:
    """A host and all its disk: sealed objects, keys of its own, and copies of headers."""

    def __init__(self, folder: Path) -> None:
        self.disk = folder / "old-host"
        self.hub = new_holder(folder / "hub")
        self.holder = new_holder(self.disk, "old")
        self.headers = header_folder(folder / "hub")
        self.key = drawn(folder / "hub", self.hub)
        header = self.headers.load(self.key.key_id)
        self.headers.write(header.with_wrap(wrap_for(self.holder, self.key, "claims", STORAGE)))
        self.manifest = _copied(folder, self.disk / "replica", self.key)
        shutil.copytree(folder / "hub" / "data-keys", self.disk / "backup")

    def canaries_read(self) -> int:
        """Try every key on the disk against every header and every object on it."""
        opened = b"\n".join([*self._in_clear(), *self._opened()])
        return sum(canary in opened for canary in CANARIES)

    def _in_clear(self) -> Iterator[bytes]:
        yield from (path.read_bytes() for path in self.disk.rglob("*") if path.is_file())

    def _opened(self) -> Iterator[bytes]:
        holder = KeyHolder("old", self.disk / "holders" / "old")
        for path in (self.disk / "backup").iterdir():
            with suppress(EcluseError):
                key = unwrap(parse_header(path.read_bytes(), KEYRING), holder)
                yield from (self._content(item.key, item.path, key) for item in self.manifest.items)

    def _content(self, key_at_host: str, path: str, key: DataKey) -> bytes:
        data = (self.disk / "replica" / key_at_host).read_bytes()
        found = SealedObject.at(lambda s, n: data[s : s + n], sealed_bytes=len(data), path=path)
        return b"".join(found.read(key))


def _copied(folder: Path, target: Path, key: DataKey) -> Manifest:
    origin = folder / "origin"
    origin.mkdir()
    for number in range(OBJECTS):
        (origin / f"part-{number}").write_bytes(b"\n".join(CANARIES[number::OBJECTS]))
    source = FolderStore(origin)
    header = planning.next_header("claims", None, now=NOW, data_key=key.key_id)
    manifest = planning.plan(SealedSource(source, key), header=header, key=MANIFEST_KEY)
    way = Way(SealedSource(source, key, planned=manifest), Layout.PATHS, FolderStore(target))
    with Progress(folder / "state") as progress:
        assert copying.copy(manifest, way, progress).is_sealed
    return manifest


@pytest.fixture
def old_host(tmp_path: Path) -> OldHost:
    return OldHost(tmp_path)


def test_while_the_old_host_holds_a_wrap_its_disk_reads_every_canary(old_host: OldHost) -> None:
    """So that what follows shows that the keys are gone, and not that the thief is clumsy."""
    assert old_host.canaries_read() == 1000


def test_the_whole_disk_of_the_old_host_reads_none_of_a_thousand_canaries_after_drop_and_shred(
    old_host: OldHost,
) -> None:
    header = old_host.headers.load(old_host.key.key_id)

    old_host.headers.write(header.without("old"))
    old_host.holder.end()

    assert old_host.canaries_read() == 0
    assert unwrap(old_host.headers.load(old_host.key.key_id), old_host.hub) == old_host.key


def test_a_drop_alone_does_not_bind_a_host_that_kept_its_keys_and_a_copy(old_host: OldHost) -> None:
    """The limit that the documentation tells: the keys of who is dropped must be destroyed."""
    header = old_host.headers.load(old_host.key.key_id)

    old_host.headers.write(header.without("old"))

    assert old_host.canaries_read() == 1000


def test_a_disk_without_any_holder_reads_no_canary(old_host: OldHost) -> None:
    shutil.rmtree(old_host.disk / "holders")

    assert old_host.canaries_read() == 0


def test_an_old_backup_put_back_after_the_shred_reads_no_canary(
    tmp_path: Path, old_host: OldHost
) -> None:
    """Headers, purpose keys and data come back from before; the root generation does not."""
    backup = tmp_path / "backup"
    shutil.copytree(tmp_path / "hub", backup, ignore=lambda *_: {"roots"})
    old_host.headers.destroy(old_host.key.key_id)
    rotate(old_host.hub, old_host.headers)

    shutil.copytree(backup, tmp_path / "hub", dirs_exist_ok=True)

    restored: Header = old_host.headers.load(old_host.key.key_id)
    with pytest.raises(EcluseError, match="generation was destroyed"):
        unwrap(restored, old_host.hub)


def test_with_the_root_in_a_security_module_even_a_backup_of_every_file_reads_nothing(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hub = new_holder(tmp_path / "hub", token=new_token(tmp_path_factory))
    key, headers = drawn(tmp_path / "hub", hub), header_folder(tmp_path / "hub")
    shutil.copytree(tmp_path / "hub", tmp_path / "backup")
    headers.destroy(key.key_id)
    rotate(hub, headers)

    shutil.copytree(tmp_path / "backup", tmp_path / "hub", dirs_exist_ok=True)

    with pytest.raises(EcluseError, match="The token has no key"):
        unwrap(headers.load(key.key_id), hub)


@pytest.mark.parametrize("seed", range(MUTATIONS // 40))
def test_whatever_is_done_to_a_sealed_object_it_does_not_open_or_is_the_same(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 — where to strike, not a secret
    key = DataKey("0123456789abcdef", bytes(range(32)))
    plain = draw.randbytes(3 * WIDE + draw.randrange(WIDE))
    data = sealed(plain, key)

    verdicts = {verdict(mutated(data, draw), plain, key) for _ in range(40)}

    assert verdicts <= {"refused", "the same"}
    assert "refused" in verdicts


def mutated(data: bytes, draw: random.Random) -> bytes:
    """Flip, cut, repeat, swap or blank some of the bytes."""
    step = WIDE + TAG_BYTES
    one, other = sorted(draw.sample(range(len(data)), 2))
    first, second = (PREFIX_BYTES + draw.randrange(3) * step for _ in range(2))
    return draw.choice(
        [
            data[:one] + bytes([data[one] ^ 1 << draw.randrange(8)]) + data[one + 1 :],
            data[:one],
            data[:one] + data[other:],
            data[:other] + data[one:],
            data[:first] + data[second : second + step] + data[first + step :],
            data[:first] + data[first + step :],
            data[:one] + bytes(other - one) + data[other:],
        ]
    )


def verdict(data: bytes, plain: bytes, key: DataKey) -> str:
    try:
        return "the same" if read(data, key) == plain else "wrong bytes"
    except BadSignature:
        return "refused"


def test_no_two_objects_nor_two_contents_meet_the_same_key_and_nonce() -> None:
    """The beginnings of ciphertexts of the same bytes: equal ones would share their key stream."""
    key = DataKey("0123456789abcdef", bytes(range(32)))
    paths = [(f"p{number}", b"%d" % version) for number in range(40) for version in range(40)]

    beginnings = {
        b"".join(seal([bytes(32)], frame_of(key, path, content), key, path=path))[PREFIX_BYTES:]
        for path, content in paths
    }

    assert len(beginnings) == 1600


def test_the_secret_is_not_found_from_one_share_less_than_the_threshold() -> None:
    secret = HybridKey.draw().raw()
    shares = split(secret, threshold=3, count=5)

    tried = [
        combine({one: shares[one], other: shares[other]}) for one in (1, 2) for other in (3, 5)
    ]

    assert secret not in tried
    assert combine({number: shares[number] for number in (1, 3, 5)}) == secret


def test_keys_are_in_no_message_no_picture_of_an_object_and_no_pickle(tmp_path: Path) -> None:
    hub = new_holder(tmp_path)
    key = drawn(tmp_path, hub)
    shown = f"{key!r} {hub!r} {hub.current(STORAGE)!r} {hub.root(hub.in_use().root)!r}"

    assert key.secret.hex() not in shown
    assert str(bytes(key.secret)) not in shown
    with pytest.raises(EcluseError, match="never copied"):
        hub.current(STORAGE).__reduce__()
