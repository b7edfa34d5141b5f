"""The files of the French State design system that its theme serves, out of django-dsfr's wheel."""

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

STYLESHEET = "dsfr/dist/dsfr.min.css"
SCRIPTS = ("dsfr/dist/dsfr.module.min.js", "dsfr/dist/dsfr.nomodule.min.js")

_ADDRESS = re.compile(r"url\(['\"]?((?:icons|fonts|artwork)/[^)'\"]+)")


class StateDesignFinder(BaseFinder):
    """Finds the stylesheet, the scripts, and the fonts and icons that the stylesheet names.

    The wheel holds 1,800 files and the theme needs a hundred: the others would only slow every
    deployment down. The application of django-dsfr itself is not installed: its tables, pages and
    template tags are not used.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        package = find_spec("dsfr")
        places = package.submodule_search_locations if package else None
        self.folder = Path(places[0]) / "static" if places else None
        self.storage = FileSystemStorage(location=str(self.folder)) if self.folder else None
        self._names: frozenset[str] | None = None

    def names(self) -> frozenset[str]:
        """Return the paths of the files served, below the folder of static files."""
        if self._names is None:
            self._names = frozenset(self._read_names())
        return self._names

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002
        """Return where the file is, or nothing."""
        if self.folder is None or path not in self.names():
            return []
        found = str(self.folder / path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:  # noqa: ARG002
        """Yield every file served, with where it is stored."""
        if self.storage is not None:
            yield from ((name, self.storage) for name in sorted(self.names()))

    def _read_names(self) -> Iterator[str]:
        if self.folder is None:
            return
        yield from (STYLESHEET, *SCRIPTS)
        named = set(_ADDRESS.findall((self.folder / STYLESHEET).read_text(encoding="utf-8")))
        yield from (f"dsfr/dist/{name}" for name in named)
