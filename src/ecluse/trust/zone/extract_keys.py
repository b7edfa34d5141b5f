"""The data keys of extracts, each wrapped by the zone's key in a file of its project's folder.

<permit number>/<data key id>.json

The files are the only copies. Destroying those of a project makes every copy of its extracts
unreadable, backups too, on condition that this folder itself is in no backup that outlives them.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.trust import canonical, durable, keys
from ecluse.trust.custody.destruction import destroy_file
from ecluse.trust.zone import keys as zone_keys
from ecluse.trust.zone.keys import ZoneKey
from ecluse.trust.zone.sealed_files import KEY_ID, DataKey, draw_data_key

NAME: Final = re.compile(rf"({KEY_ID.pattern})\.json")


@dataclass(frozen=True, slots=True)
class ExtractKeys:
    """The folder of one zone's wrapped keys, and the key that opens them."""

    folder: Path
    zone_key: ZoneKey = field(repr=False)

    def draw(self, project: str) -> DataKey:
        """Return a new key of a project, once it is kept. Raises StorageFull."""
        key = draw_data_key()
        self._keep(project, key, self.zone_key)
        return key

    def find(self, project: str, key_id: str) -> DataKey:
        """Return a key of a project.

        Raises:
            NotFound: it was destroyed, or never was.
            InvalidInput: its file was altered.
            BadSignature: another zone's key wrapped it.
        """
        path = self._path(project, key_id)
        try:
            content = canonical.decode(path.read_bytes().rstrip(b"\n"))
        except FileNotFoundError:
            raise NotFound(
                f"The key {key_id} of project {project} is not kept here: what it sealed is read "
                "by nobody any more."
            ) from None
        except Malformed:
            content = None
        wrapped = content.get("wrapped") if isinstance(content, dict) else None
        if not isinstance(wrapped, str):
            raise InvalidInput(f"{path} is not the key of an extract: restore it from its copy.")
        subject = _subject(project, key_id)
        return DataKey(key_id, zone_keys.unwrap(self.zone_key, wrapped, subject=subject))

    def ids(self, project: str) -> tuple[str, ...]:
        """Return the names of a project's keys, sorted."""
        found = (NAME.fullmatch(path.name) for path in (self.folder / project).glob("*"))
        return tuple(sorted(one[1] for one in found if one))

    def destroy(self, project: str, key_ids: tuple[str, ...] | None = None) -> int:
        """Destroy keys of a project, all of them unless some are named; return how many."""
        chosen = self.ids(project) if key_ids is None else key_ids
        for key_id in chosen:
            destroy_file(self._path(project, key_id))
        if chosen and not any((self.folder / project).iterdir()):
            (self.folder / project).rmdir()
        return len(chosen)

    def wrap_again(self, new: ZoneKey) -> int:
        """Wrap every key anew under another key of the zone; return how many.

        Called again after a crash, it goes on: what the new key opens already is left.
        """
        known = ExtractKeys(self.folder, new)
        projects = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        pairs = [(path.name, key_id) for path in projects for key_id in self.ids(path.name)]
        for project, key_id in pairs:
            if self._wrapped_by(project, key_id) != new.key_id:
                known._keep(project, self.find(project, key_id), new)
        return len(pairs)

    def _keep(self, project: str, key: DataKey, zone_key: ZoneKey) -> None:
        path = self._path(project, key.key_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        subject = _subject(project, key.key_id)
        wrapped = zone_keys.wrap(zone_key, key.secret, subject=subject)
        content = {"wrapped": wrapped, "zone_key": zone_key.key_id}
        durable.write(path, canonical.encode(content) + b"\n", mode=keys.PRIVATE_MODE)

    def _wrapped_by(self, project: str, key_id: str) -> object:
        content = canonical.decode(self._path(project, key_id).read_bytes().rstrip(b"\n"))
        return content.get("zone_key") if isinstance(content, dict) else None

    def _path(self, project: str, key_id: str) -> Path:
        if not KEY_ID.fullmatch(key_id):
            raise InvalidInput("The key of an extract has a name of 16 hexadecimal characters.")
        return self.folder / project / f"{key_id}.json"


def _subject(project: str, key_id: str) -> str:
    return f"extract {project} {key_id}"
