"""What actions left, kept by what they were made from: the same work is not done twice.

    <name>/manifest.json   the files, their classes, sizes and digests
    <name>/files/          the files themselves, sealed where the extract is

The name is the digest of the code that the action saw, its data, what the actions that it needs
left, what it was computed by and on how many threads. Rows of persons are among the files: the
folder belongs to one project and goes with it, and no file opens once the extract's key is gone.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.limits import GIB, Limits
from ecluse.data.enclave.orders import Folder, SealedData
from ecluse.data.extraction import ExtractFiles
from ecluse.domain import codec
from ecluse.domain.errors import BadSignature
from ecluse.domain.workflows import Action, OutputClass
from ecluse.trust import canonical, durable
from ecluse.trust.zone.sealed_files import HEADER_BYTES, DataKey

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
FILES: Final = "files"
MOST_BYTES: Final = 20 * GIB
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class KeptFile:
    """A file that an action left, by its content, and what it holds."""

    name: str
    size: int
    digest: str
    kind: OutputClass


@dataclass(frozen=True)
class _Manifest:
    files: tuple[KeptFile, ...]


@dataclass(frozen=True, slots=True)
class KeptAction:
    """All that an action left and declared."""

    folder: Path
    key: DataKey | None
    files: tuple[KeptFile, ...]

    def as_input(self) -> Folder:
        """Return the folder as an action that needs this one reads it."""
        place = self.folder / FILES
        return place if self.key is None else SealedData(place, self.key)

    def copy(self, file: KeptFile, blobs: Path) -> Path:
        """Copy a file in clear to `blobs`, under its digest. Raises BadSignature, StorageFull."""
        blobs.mkdir(mode=0o700, exist_ok=True)
        target = blobs / file.digest.removeprefix("sha256:")
        content = hashlib.sha256()
        kept = ExtractFiles(self.folder / FILES, self.key)
        with kept.open(file.name) as source, durable.replacing(target) as copy:
            while block := source.read(_BLOCK):
                content.update(block)
                copy.write(block)
            if f"sha256:{content.hexdigest()}" != file.digest:
                raise BadSignature("A file that an action left was altered: run the study again.")
        return target


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder where the actions of one project are kept."""

    folder: Path
    key: DataKey | None = None

    def find(self, name: str) -> KeptAction | None:
        """Return what is kept under a name; None if nothing is, or if it cannot be believed."""
        folder = self.folder / name
        if not (folder / MANIFEST).is_file():
            return None
        try:
            told = ExtractFiles(folder, self.key).read(MANIFEST)
        except BadSignature:
            return None
        manifest = cast(_Manifest, codec.decode(canonical.decode(told), _Manifest))
        os.utime(folder)
        return KeptAction(folder, self.key, manifest.files)

    def keep(self, name: str, outputs: Path, files: tuple[KeptFile, ...]) -> KeptAction:
        """Move `files` from `outputs`, as they lie there, under a name. Raises StorageFull."""
        making, target = self.folder / f".making-{name}", self.folder / name
        for folder in (making, target):
            if folder.exists():
                shutil.rmtree(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (making / FILES).mkdir(mode=0o700, parents=True)
        for file in files:
            (outputs / file.name).replace(making / FILES / file.name)
        ExtractFiles(making, self.key).write(
            MANIFEST, canonical.encode(codec.encode(_Manifest(files)))
        )
        self._show(making)
        making.rename(target)
        durable.sync_folder(self.folder)
        return KeptAction(target, self.key, files)

    def prune(self, most_bytes: int = MOST_BYTES, *, but: Iterable[str] = ()) -> int:
        """Remove what was used longest ago until the rest fits; return how many went."""
        spared, kept = set(but), sum(map(_size, self._entries()))
        removed = 0
        for folder in self._entries():
            if kept <= most_bytes:
                break
            if folder.name not in spared:
                kept -= _size(folder)
                shutil.rmtree(folder)
                removed += 1
        return removed

    def _entries(self) -> list[Path]:
        """Return what is kept, longest unused first."""
        if not self.folder.is_dir():
            return []
        return sorted(self.folder.iterdir(), key=lambda folder: folder.stat().st_mtime_ns)

    def _show(self, folder: Path) -> None:
        """In clear, a job reads the files as a stranger; the folder above keeps others out."""
        if self.key is None:
            for path in (folder / FILES).iterdir():
                path.chmod(0o644)
            (folder / FILES).chmod(0o755)


def name_of(
    action: Action,
    *,
    code: Mapping[str, str],
    data: str,
    needed: Mapping[str, KeptAction],
    limits: Limits,
) -> str:
    """Return the name of what an action makes; `code` gives the digest of each file it sees."""
    inputs = {name: {file.name: file.digest for file in one.files} for name, one in needed.items()}
    made_from: codec.JSON = {
        "format": FORMAT,
        "language": action.language.value,
        "script": action.script,
        "outputs": {one.pattern: one.kind.value for one in action.outputs},
        "code": dict(code),
        "data": data,
        "inputs": cast(codec.JSON, inputs),
        "computed_by": list(interpreter.versions()),
        "threads": limits.threads,
    }
    return hashlib.sha256(canonical.encode(made_from)).hexdigest()


def identity(data: Folder) -> str:
    """Return what names the content of a folder of data.

    The header of a sealed file is drawn at random for its content: it stands for it.
    """
    content = hashlib.sha256()
    sealed = isinstance(data, SealedData)
    folder = data.folder if isinstance(data, SealedData) else data
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        with path.open("rb") as file:
            told = (
                file.read(HEADER_BYTES) if sealed else hashlib.file_digest(file, "sha256").digest()
            )
        name = str(path.relative_to(folder)).encode()
        content.update(b"%d %d %b" % (len(name), path.stat().st_size, name))
        content.update(told)
    return content.hexdigest()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
