"""What a ceremony leaves in its folder: its plan, what each custodian brought, its transcript."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import canonical
from ecluse.trust.envelopes.custodians import NAME, Custodian


class Kind(StrEnum):
    """What a ceremony is for."""

    CREATE = "create"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Plan:
    """A ceremony as it begins. `key_id` names the key to open; `session` seals what is brought."""

    number: str
    kind: Kind
    name: str
    threshold: int
    custodians: tuple[Custodian, ...]
    session: str
    key_id: str | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise InvalidInput("A ceremony is for a key named in small letters, digits, dashes.")

    def custodian(self, name: str) -> Custodian:
        """Return who takes part under this name. Raises NotFound."""
        for one in self.custodians:
            if one.name == name:
                return one
        raise NotFound(f"{name!r} takes no part in ceremony {self.number}.")

    def digest(self) -> str:
        """Return what each contribution names."""
        return canonical.digest(canonical.encode(codec.encode(self)))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a custodian brought to one ceremony, sealed for its session."""

    custodian: str
    plan: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Share:
    """A custodian's share: its number, its own digest, and the digest of the file that holds it."""

    custodian: str
    number: int
    digest: str
    file: str


@dataclass(frozen=True, slots=True)
class Brought:
    """Who contributed, and the digest of the file."""

    custodian: str
    file: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What happened: the plan, who brought what, which key, and the shares of a new one."""

    plan: str
    kind: Kind
    contributions: tuple[Brought, ...]
    key_id: str
    shares: tuple[Share, ...]
    ended_at: datetime


def load_plan(folder: Path) -> Plan:
    """Return the plan of a ceremony. Raises NotFound, Malformed."""
    content = canonical.decode(read_file(folder / "plan.json").rstrip(b"\n"))
    plan: Plan = codec.decode(content, Plan, at="plan")
    return plan


def read_file(path: Path) -> bytes:
    """Return a file of a ceremony. Raises NotFound."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: the ceremony did not come so far.") from None
