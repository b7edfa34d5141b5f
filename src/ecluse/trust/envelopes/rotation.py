"""The keys of a holder, replaced: a new generation, every wrap under it, then the old destroyed.

Killed anywhere, the same call goes on. The data keys stay the same and no byte of data is written.
Once it ends, no backup of headers or of purpose keys that was made before can be opened by this
holder, since the generation of the root key that opened them is no more.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from ecluse.trust.envelopes.headers import Header, HeaderFolder, Means, unwrap, wrap_for
from ecluse.trust.envelopes.holders import InUse, KeyHolder, key_of, read_in_use, write_in_use
from ecluse.trust.zone.keys import ZoneKey

NEXT: Final = "next.json"
WORKERS: Final = 8


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: the new root, the headers under it, and how many keys it destroyed."""

    root: str
    headers: int
    destroyed: int


def rotate(
    holder: KeyHolder, headers: HeaderFolder, *, on_step: Callable[[str], object] = lambda _: None
) -> Rotated:
    """Replace the keys of a holder. `on_step` hears of each step that was reached.

    Raises:
        NotFound: a wrap of this holder is under a key that was destroyed.
        StorageFull: no space is left; what was in use still is. Call it again.
    """
    path = holder.folder / NEXT
    if not path.exists():
        write_in_use(path, holder.draw())
    made = read_in_use(path)
    on_step("drawn")
    mine = [header for header in headers.all() if _is_held(header, holder)]
    turning = _Turning(holder, made)
    # Each waits for the disk, and the disk takes several at once.
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(lambda header: _wrap_again(header, turning, headers), mine):
            on_step("wrapped")
    holder.use(made)
    on_step("in use")
    destroyed = _destroy_others(holder, made, on_step)
    path.unlink()
    on_step("ended")
    return Rotated(made.root, len(mine), destroyed)


def _is_held(header: Header, holder: KeyHolder) -> bool:
    return any(one.holder == holder.name and one.means is Means.KEY for one in header.wraps)


def _wrap_again(header: Header, turning: "_Turning", headers: HeaderFolder) -> None:
    if header.wrap_of(turning.name).key_id in turning.made.purposes:
        return
    key = unwrap(header, turning)
    wrap = wrap_for(turning, key, header.subject, header.purpose)
    headers.write(header.with_wrap(wrap))


def _destroy_others(holder: KeyHolder, made: InUse, on_step: Callable[[str], object]) -> int:
    # Roots first: once they are gone, what they wrapped is unreadable wherever it is copied.
    old = [one for one in holder.roots() if one != made.root]
    old += [one for one in holder.purpose_keys() if one not in made.purposes]
    for key_id in old:
        holder.destroy(key_id)
        on_step("destroyed")
    return len(old)


@dataclass(slots=True)
class _Turning:
    """A holder as it will be once the new keys are in use; asks its module for each key once."""

    holder: KeyHolder
    made: InUse
    _found: dict[str, ZoneKey] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock)

    @property
    def name(self) -> str:
        return self.holder.name

    def find(self, key_id: str) -> ZoneKey:
        with self._lock:
            if key_id not in self._found:
                self._found[key_id] = self.holder.find(key_id)
            return self._found[key_id]

    def current(self, purpose: str) -> ZoneKey:
        return self.find(key_of(self.made, purpose))
