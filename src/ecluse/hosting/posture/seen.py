"""What probes look at: plain facts about one installation, gathered by whoever may see them.

Each part may be absent: a probe with nothing to look at says so, and counts for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ecluse.domain.posture import Fact, Outcome
from ecluse.hosting.placement import Placement


@dataclass(frozen=True, slots=True)
class Page:
    """The answer of a site to a visitor: headers in lower case, one pair each time it was sent."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """Return the value of a header, empty when it was not sent."""
        return next((value for key, value in self.headers if key == name), "")

    def cookies(self) -> tuple[str, ...]:
        """Return every cookie that was set, as it was sent."""
        return tuple(value for key, value in self.headers if key == "set-cookie")


@dataclass(frozen=True, slots=True)
class Handshake:
    """How an address speaks TLS. `refusal` is why its certificate is not believed; empty: it is."""

    address: str
    version: str
    cipher: str
    accepts_old: bool
    refusal: str
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class File:
    """A file or folder of the installation: its place below it, its mode, what is expected."""

    place: str
    mode: int
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package, as its own description says; `vendor` when it speaks to one cloud."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A right that a role has on a table."""

    role: str
    table: str
    right: str


@dataclass(frozen=True, slots=True)
class Database:
    """A site's database: rights of all roles but its owner, and what it was extended with.

    `frozen` are the tables that a trigger protects; `powerful` the roles of programs that are
    superusers or own a table that they serve.
    """

    name: str
    version: int
    extensions: tuple[str, ...]
    grants: tuple[Grant, ...]
    frozen: tuple[str, ...]
    powerful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs now, and since when."""

    name: str
    signer: str
    since: datetime


@dataclass(frozen=True, slots=True)
class JournalState:
    """A journal as its verification left it; `problem` is empty when it proves itself."""

    name: str
    entry_count: int
    problem: str


@dataclass(frozen=True, slots=True)
class SavedBackup:
    """A backup: when it was made, and whether every byte of it was read again."""

    name: str
    made_at: datetime
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything that was seen of an installation, at `at`; None or empty: not looked at."""

    at: datetime
    pages: Sequence[Page] = ()
    handshakes: Sequence[Handshake] = ()
    addresses: Sequence[str] = ()
    settings: Mapping[str, object] | None = None
    files: Sequence[File] = ()
    packages: Sequence[Package] = ()
    databases: Sequence[Database] = ()
    keys: Sequence[Key] = ()
    journals: Sequence[JournalState] = ()
    backups: Sequence[SavedBackup] | None = None
    placement: Placement | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a probe concludes, with the facts it stands on."""

    outcome: Outcome
    said: str
    facts: tuple[Fact, ...] = field(default=())


def unseen(what: str) -> Verdict:
    """Return the verdict of a probe that had nothing to look at; `what` is what was not shown."""
    return Verdict(Outcome.UNSEEN, f"Not shown: {what}.")


def judged(facts: Mapping[str, object], problems: Sequence[str]) -> Verdict:
    """Return that a probe held when there is no problem, or broke, with every problem."""
    told = tuple(Fact(name, str(value)) for name, value in facts.items())
    if problems:
        return Verdict(Outcome.BROKEN, "; ".join(problems) + ".", told)
    return Verdict(Outcome.HELD, f"{len(told)} looked at, nothing wrong.", told)
