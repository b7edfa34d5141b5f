"""What a person brings in: checked, held in quarantine, seen in the workspace once approved.

    waiting/<number>/import.json   who brought what, when, and what the checks found
    waiting/<number>/content       the file, sealed
    approved/<name>                the file, sealed, as the workspace sees it at /imports

Everything lies sealed with the key of the project's home. Whoever approves is not who brought.
"""

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from ecluse.data.enclave.limits import MIB
from ecluse.data.workspaces import arrivals
from ecluse.data.workspaces.arrivals import Column
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.trust import durable
from ecluse.trust.zone.sealed_files import CHUNK_BYTES, DataKey, SealingFile, open_sealed

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
NUMBER: Final = re.compile(r"[0-9a-f]{12}")
CONTENT: Final = "content"
ABOUT: Final = "import.json"


class What(StrEnum):
    """What is brought in."""

    DATA = "data"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may come in: suffixes and sizes, by kind. A zone may narrow it, never widen a type.

    `second_person`: the kinds that somebody else than who brought them must let in.
    """

    data_suffixes: tuple[str, ...] = (".csv", ".parquet")
    code_suffixes: tuple[str, ...] = (".bundle", ".ipynb", ".md", ".py", ".r", ".sql", ".zip")
    data_bytes: int = 512 * MIB
    code_bytes: int = 20 * MIB
    second_person: frozenset[What] = frozenset(What)

    def suffixes(self, what: What) -> tuple[str, ...]:
        """Return the suffixes that may come in as this."""
        return self.data_suffixes if what is What.DATA else self.code_suffixes

    def most_bytes(self, what: What) -> int:
        """Return how large one file may be."""
        return self.data_bytes if what is What.DATA else self.code_bytes


@dataclass(frozen=True, slots=True)
class Import:
    """One file that waits: what it is, what was found. Findings name columns and counts alone.

    `columns` are those of a table as it announces them, checked; `rows` how many it has.
    """

    number: str
    name: str
    what: What
    size: int
    digest: str
    brought_by: str
    brought_at: str
    findings: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    rows: int | None = None

    @property
    def may_be_approved(self) -> bool:
        """Whether the checks found nothing that stops it."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The imports of one project. `scan` looks for viruses: it returns what it found, or None."""

    folder: Path
    key: DataKey
    scan: Callable[[Path], str | None]
    policy: Policy = Policy()

    def bring(
        self,
        path: Path,
        what: What,
        *,
        by: str,
        now: datetime,
        columns: tuple[Column, ...] = (),
    ) -> Import:
        """Check a file, seal it in quarantine, and say what was found.

        `columns` are those that a table announces; without them a table is not approved.

        Raises:
            InvalidInput: its name, its type or its size may not come in. Nothing is kept.
        """
        self._check(path, what)
        findings, rows = self._findings(path, what, columns)
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
        brought = Import(
            number=secrets.token_hex(6),
            name=path.name,
            what=what,
            size=path.stat().st_size,
            digest=f"sha256:{digest}",
            brought_by=by,
            brought_at=now.isoformat(),
            findings=tuple(findings),
            columns=columns,
            rows=rows,
        )
        folder = self._waiting(brought.number)
        folder.mkdir(mode=0o700, parents=True)
        with path.open("rb") as source:
            self._seal(source, folder / CONTENT, name=CONTENT)
        durable.write(folder / ABOUT, json.dumps(asdict(brought)).encode())
        return brought

    def waiting(self) -> tuple[Import, ...]:
        """Return what waits, oldest first."""
        found = (self.find(path.parent.name) for path in self.folder.glob(f"waiting/*/{ABOUT}"))
        return tuple(sorted(found, key=lambda one: (one.brought_at, one.number)))

    def find(self, number: str) -> Import:
        """Return what waits under a number. Raises NotFound."""
        path = self._waiting(number) / ABOUT
        if not NUMBER.fullmatch(number) or not path.is_file():
            raise NotFound(f"No import {number} waits here: list them.")
        told = json.loads(path.read_bytes())
        what, findings = What(told.pop("what")), tuple(told.pop("findings"))
        columns = tuple(Column(**one) for one in told.pop("columns"))
        return Import(**told, what=what, findings=findings, columns=columns)

    def approve(self, number: str, *, by: str) -> Import:
        """Let the workspace see a file, from its next opening. Raises NotAllowed, NotFound."""
        brought = self.find(number)
        if by == brought.brought_by:
            raise NotAllowed("Who brought a file does not approve it: ask somebody of the zone.")
        if not brought.may_be_approved:
            raise NotAllowed(f"The checks stop this file: {'; '.join(brought.findings)}.")
        self.admit(brought)
        return brought

    def admit(self, brought: Import) -> None:
        """Show a file that waits to the workspace, from its next opening."""
        number = brought.number
        approved = self.folder / "approved"
        approved.mkdir(mode=0o700, exist_ok=True)
        sealed = (self._waiting(number) / CONTENT).open("rb")
        with sealed, open_sealed(sealed, self.key, name=CONTENT) as source:
            self._seal(source, approved / brought.name, name=brought.name)
        shutil.rmtree(self._waiting(number))

    def refuse(self, number: str) -> Import:
        """Remove a file that waits. Raises NotFound."""
        brought = self.find(number)
        shutil.rmtree(self._waiting(number))
        return brought

    def _waiting(self, number: str) -> Path:
        return self.folder / "waiting" / number

    def _check(self, path: Path, what: What) -> None:
        if not NAME.fullmatch(path.name):
            raise InvalidInput("A file's name has 1 to 64 of A-Z a-z 0-9 _ . - and no other.")
        if path.suffix.lower() not in self.policy.suffixes(what):
            allowed = ", ".join(self.policy.suffixes(what))
            raise InvalidInput(f"Only {allowed} come in as {what.value}: convert the file first.")
        if path.is_symlink() or not path.is_file():
            raise InvalidInput("Give a plain file, not a link nor a folder.")
        if path.stat().st_size > self.policy.most_bytes(what):
            raise InvalidInput(f"At most {self.policy.most_bytes(what)} bytes come in at once.")

    def _findings(
        self, path: Path, what: What, columns: tuple[Column, ...]
    ) -> tuple[list[str], int | None]:
        found = [f"virus scan: {said}" for said in [self.scan(path)] if said is not None]
        if what is What.CODE:
            return found + arrivals.check_code(path), None
        stopped = arrivals.check_table(path, columns)
        return found + stopped, None if stopped else arrivals.count_rows(path)

    def _seal(self, source: BinaryIO, target: Path, *, name: str) -> None:
        with durable.replacing(target) as file:
            sealing = SealingFile(file, self.key, name=name)
            while block := source.read(CHUNK_BYTES):
                sealing.write(block)
            sealing.finish()
