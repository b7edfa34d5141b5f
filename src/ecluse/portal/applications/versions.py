"""The forms that this site publishes: a version once published is never changed.

`published.json`, in each folder of forms, holds the digest of every published version: a file whose
bytes differ is refused. Forms of this software come first, then those of the site itself, in
`<home>/forms` (see `ecluse form publish`).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings

import ecluse
from ecluse.domain import forms
from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.domain.forms import FormVersion
from ecluse.trust import canonical, durable

FOLDER = Path(ecluse.__file__).parent / "schemas" / "forms"
MANIFEST = "published.json"
PUBLIC = 0o644
FORM = "data-access-application"
"""The form that a new file begins with, in its newest version."""


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a form, and the digest of its bytes on the day of publication."""

    form: str
    version: int
    published_on: str
    digest: str

    @property
    def file_name(self) -> str:
        """The name of its file, beside the manifest."""
        return f"{self.form}.v{self.version}.json"


def folders() -> tuple[Path, ...]:
    """Return where forms lie: those of this software, then those of the site."""
    return FOLDER, Path(settings.ECLUSE_HOME) / "forms"


def load(form: str, version: int) -> FormVersion:
    """Return a published version of a form. Raises NotFound, Malformed if its bytes changed."""
    for folder in folders():
        for each in published(folder):
            if (each.form, each.version) == (form, version):
                return _load(folder / each.file_name, each.digest)
    raise NotFound(f"Form {form} version {version} is not installed: update this software.")


def newest(form: str) -> int:
    """Return the last published version of a form. Raises NotFound."""
    versions = [
        each.version for folder in folders() for each in published(folder) if each.form == form
    ]
    if not versions:
        raise NotFound(f"No form {form} is installed: update this software.")
    return max(versions)


@cache
def _load(path: Path, digest: str) -> FormVersion:
    if not path.is_file():
        raise NotFound(f"Form {path.name} is not installed: update this software.")
    content = path.read_bytes()
    if canonical.digest(content) != digest:
        raise Malformed(f"{path.name} was changed after publication: publish another version.")
    return forms.read(content.decode())


def published(folder: Path) -> tuple[Published, ...]:
    """Return what a folder of forms publishes, oldest first; nothing without a manifest."""
    path = folder / MANIFEST
    return tuple(_entries(path, path.stat().st_mtime_ns)) if path.is_file() else ()


@cache
def _entries(path: Path, _changed_at: int) -> tuple[Published, ...]:
    try:
        return tuple(Published(**each) for each in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise Malformed(f"{path} is no list of published forms: restore it.") from None


def publish(content: bytes, folder: Path, *, today: date) -> Published:
    """Publish a form in a folder: its file and its digest, for ever.

    Raises:
        Malformed: it is no form; the line is named.
        InvalidInput: that version is published already with other bytes.
    """
    form = forms.read(content.decode())
    entry = Published(form.form, form.version, today.isoformat(), canonical.digest(content))
    for other in published(folder):
        if (other.form, other.version) == (entry.form, entry.version):
            if other.digest == entry.digest:
                return other
            raise InvalidInput(
                f"{form.form} version {form.version} is published: raise the version, then retry."
            )
    folder.mkdir(parents=True, exist_ok=True)
    durable.write(folder / entry.file_name, content, mode=PUBLIC)
    _write_manifest(folder, (*published(folder), entry))
    return entry


def _write_manifest(folder: Path, entries: tuple[Published, ...]) -> None:
    text = json.dumps([asdict(each) for each in entries], indent=2, ensure_ascii=False)
    durable.write(folder / MANIFEST, f"{text}\n".encode(), mode=PUBLIC)


def every() -> Iterator[FormVersion]:
    """Yield every form published here, each version."""
    for folder in folders():
        for each in published(folder):
            yield load(each.form, each.version)
