"""Who may bring what in a workspace, and who lets it in: the one way, for a page and a command.

The zone's file `workspaces/imports.toml` narrows what may come in, and says which kinds a second
person must let in (both, by default):

    [data]
    suffixes = [".csv"]
    bytes = 1048576
    [code]
    second_person = false
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ecluse.data.workspaces.arrivals import Column
from ecluse.data.workspaces.hall import Record
from ecluse.data.workspaces.imports import Import, Policy, Quarantine, What
from ecluse.data.workspaces.sessions import Standing
from ecluse.domain.errors import InvalidInput, NotAllowed

FILE: Final = "imports.toml"
SUFFIXES, BYTES, SECOND = "suffixes", "bytes", "second_person"


@dataclass(frozen=True, slots=True)
class Customs:
    """The imports of one permit: checks, who acts, what is written of it."""

    permit_number: str
    quarantine: Quarantine
    standing: Standing
    record: Record

    def bring(
        self, path: Path, what: What, *, by: str, now: datetime, columns: tuple[Column, ...] = ()
    ) -> tuple[Import, bool]:
        """Check a file and hold it; return what was found and whether it is let in already.

        Raises:
            NotAllowed, Refused: the permit does not name this person, or is not in force.
            InvalidInput: its name, its type or its size may not come in. Nothing is kept.
        """
        self.standing.check(self.permit_number, by, now=now)
        brought = self.quarantine.bring(path, what, by=by, now=now, columns=columns)
        self._tell("import.brought", by, brought)
        is_free = what not in self.quarantine.policy.second_person and brought.may_be_approved
        if is_free:
            self.quarantine.admit(brought)
            self._tell("import.approved", by, brought)
        return brought, is_free

    def approve(self, number: str, *, by: str, now: datetime) -> Import:
        """Let a file in, from the next opening of the workspace. Raises NotAllowed, NotFound."""
        if self._is_of_permit(by, now=now):
            raise NotAllowed("A person of the permit lets nothing in: ask somebody of the hub.")
        brought = self.quarantine.approve(number, by=by)
        self._tell("import.approved", by, brought)
        return brought

    def refuse(self, number: str, *, by: str) -> Import:
        """Throw away a file that is held. Raises NotFound."""
        brought = self.quarantine.refuse(number)
        self._tell("import.refused", by, brought)
        return brought

    def _is_of_permit(self, subject: str, *, now: datetime) -> bool:
        self.standing.check_permit(self.permit_number, now=now)
        try:
            self.standing.check(self.permit_number, subject, now=now)
        except NotAllowed:
            return False
        return True

    def _tell(self, action: str, by: str, brought: Import) -> None:
        self.record(
            action,
            actor=by,
            subject=f"permit {self.permit_number}",
            digest=brought.digest,
            size=brought.size,
            **{"import": brought.number},
        )


CustomsOf = Callable[[str], Customs]
"""Gives the customs of a permit, by its number."""


def read_policy(path: Path) -> Policy:
    """Return what may come in, as the zone's file narrows it; all by default.

    Raises:
        InvalidInput: the file is not that, or widens what may come in.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InvalidInput(f"{path} is not TOML: see `ecluse.data.workspaces.customs`.") from None
    if not set(told) <= {what.value for what in What}:
        raise InvalidInput(f"{path} has tables [data] and [code], no other.")
    data, code = (_Narrowed.read(told.get(what.value, {}), what) for what in What)
    second = frozenset(one.what for one in (data, code) if one.needs_second_person)
    return Policy(data.suffixes, code.suffixes, data.most_bytes, code.most_bytes, second)


@dataclass(frozen=True, slots=True)
class _Narrowed:
    what: What
    suffixes: tuple[str, ...]
    most_bytes: int
    needs_second_person: bool

    @classmethod
    def read(cls, told: Any, what: What) -> "_Narrowed":
        usual = Policy()
        known: dict[str, Any] = {
            SUFFIXES: list(usual.suffixes(what)),
            BYTES: usual.most_bytes(what),
            SECOND: True,
        }
        if not isinstance(told, dict) or not set(told) <= set(known):
            raise InvalidInput(f"[{what.value}] sets {', '.join(known)}, nothing else.")
        chosen = known | told
        if any(type(chosen[name]) is not type(value) for name, value in known.items()):
            raise InvalidInput(f"[{what.value}]: a list of suffixes, a size, true or false.")
        is_wider = any(one not in known[SUFFIXES] for one in chosen[SUFFIXES])
        if is_wider or not 0 <= chosen[BYTES] <= known[BYTES]:
            raise InvalidInput(f"[{what.value}] may only narrow what comes in: see the guide.")
        return cls(what, tuple(chosen[SUFFIXES]), chosen[BYTES], chosen[SECOND])
