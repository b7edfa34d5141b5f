"""What the portal and the register decide: permits, revocations, opt-out lists."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DataFormat(StrEnum):
    """Anonymised by default; pseudonymised if the user shows the need (EHDS art. 66(2)-(3))."""

    ANONYMISED = "anonymised"
    PSEUDONYMISED = "pseudonymised"


@dataclass(frozen=True)
class TableScope:
    """One table and the columns that may be extracted from it, in the dataset's own names."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class DatasetScope:
    """What may be read of one dataset: tables, and the care period, both days included."""

    dataset: str
    tables: tuple[TableScope, ...]
    care_from: date
    care_to: date


@dataclass(frozen=True)
class AuthorisedPerson:
    """A person named in the permit (EHDS art. 68(10)(d)); `subject` names the account."""

    subject: str
    name: str
    is_principal_investigator: bool


@dataclass(frozen=True)
class FeeLine:
    """One line of the fees (EHDS art. 62, 68(10)(g)), in euro cents without VAT."""

    label: str
    amount_cents: int


@dataclass(frozen=True)
class Permit:
    """A data permit: the content of EHDS art. 68(10), plus who decided (art. 55(3), 57(1)(a)).

    `assessed_by` and `decided_by` are account subjects: the checking room refuses these persons as
    checkers of the outputs. `environment` holds the technical characteristics and tools of the
    secure processing environment (art. 68(10)(f)).
    """

    permit_number: str
    application_number: str
    title: str
    organisation: str
    persons: tuple[AuthorisedPerson, ...]
    purposes: tuple[str, ...]
    purpose_text: str
    datasets: tuple[DatasetScope, ...]
    data_format: DataFormat
    applies_opt_out_exception: bool
    opt_out_exception_reason: str | None
    valid_from: date
    valid_until: date
    environment: str
    fees: tuple[FeeLine, ...]
    conditions: tuple[str, ...]
    minimum_count: int
    assessed_by: tuple[str, ...]
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Revocation:
    """The permit is taken back from `revoked_at` (EHDS art. 63(3))."""

    permit_number: str
    revoked_at: datetime
    reason: str


@dataclass(frozen=True)
class OptOutList:
    """Who had opted out at the decision (EHDS art. 71): identifiers that the data holder knows.

    `opt_out_ids` is sorted without repetition; identifiers are already pseudonyms of the national
    number, made with the trusted third party's key.
    """

    permit_number: str
    as_of: datetime
    opt_out_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a list that could be written in two ways."""
        if list(self.opt_out_ids) != sorted(set(self.opt_out_ids)):
            raise ValueError("The opt-out identifiers are not sorted and unique.")
