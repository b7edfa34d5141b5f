"""What the portal decides: permits, and what withdraws them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DataFormat(StrEnum):
    """Anonymised by default; pseudonymised if the user shows the need (EHDS art. 66(2)-(3))."""

    ANONYMISED = "anonymised"
    PSEUDONYMISED = "pseudonymised"


class Precision(StrEnum):
    """How much of a column's values is given, where not all of it.

    Of a day: its `month` or its `year`, as their first day. Of a number: an `age-band` of so many
    years, or the number `rounded` to a multiple. Of a text: its `first-characters`. Of the code of
    a municipality: its `department`; of either: its `region`. `choice-only`: nothing is delivered,
    but persons may be chosen by the column.
    """

    MONTH = "month"
    YEAR = "year"
    AGE_BAND = "age-band"
    ROUNDED = "rounded"
    FIRST_CHARACTERS = "first-characters"
    DEPARTMENT = "department"
    REGION = "region"
    CHOICE_ONLY = "choice-only"


STEPPED = frozenset({Precision.AGE_BAND, Precision.ROUNDED, Precision.FIRST_CHARACTERS})
"""Those that need a number: years of a band, the multiple, the characters."""


@dataclass(frozen=True)
class Coarsening:
    """One column given with less than its values; `step` is the number that `to` needs."""

    column: str
    to: Precision
    step: int | None = None

    def __post_init__(self) -> None:
        """Refuse a number where none is needed, or the reverse."""
        is_numbered = self.step is not None
        if (self.to in STEPPED) != is_numbered or (self.step is not None and self.step < 1):
            raise ValueError(f"{self.column}: {self.to.value} with the number {self.step}.")


@dataclass(frozen=True)
class TableScope:
    """One table and the columns that may be extracted from it, in the dataset's own names.

    Columns are given as they are, but for those `coarsened`.
    """

    table: str
    columns: tuple[str, ...]
    coarsened: tuple[Coarsening, ...] = ()

    def __post_init__(self) -> None:
        """Refuse to coarsen what is not given, or one column in two ways."""
        names = [coarsening.column for coarsening in self.coarsened]
        if len(set(names)) != len(names) or not set(names) <= set(self.columns):
            raise ValueError(f"{self.table}: one column is coarsened twice, or is not given.")

    def coarsening(self, column: str) -> Coarsening | None:
        """Return what is given of a column, None when it is given as it is."""
        return next((one for one in self.coarsened if one.column == column), None)


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


class LinkageWay(StrEnum):
    """How persons of an outside cohort are found in the data: by number, or by what is known."""

    NATIONAL_NUMBER = "national-number"
    INDIRECT = "indirect"


@dataclass(frozen=True)
class Linkage:
    """A cohort from outside that may be joined to the data of the permit (EHDS art. 68(10)(a)).

    `cohort` is its name and `holder` who keeps it; `way` says how persons are found, `purpose` what
    the joined data serve.
    """

    cohort: str
    holder: str
    way: LinkageWay
    purpose: str


@dataclass(frozen=True)
class Permit:
    """A data permit: the content of EHDS art. 68(10), plus who decided (art. 55(3), 57(1)(a)).

    `assessed_by` and `decided_by` are account subjects: the checking room refuses these persons as
    checkers of the outputs. `environment` holds the technical characteristics and tools of the
    secure processing environment (art. 68(10)(f)). `together` names the facts that could identify
    a person (`domain.identifying`) and that this permit gives together all the same, and
    `together_reason` why. `linkages` are the outside cohorts that may be joined, no other.
    `stops_when_late`: nothing is ordered while a condition is past the day until which it was to be
    met (art. 68(10)(h)). `opt_outs_as_of` is the date of the list of opt-outs where it is not that
    of the decision: an extension or an amendment that keeps the former list.
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
    together: tuple[str, ...] = ()
    together_reason: str | None = None
    linkages: tuple[Linkage, ...] = ()
    stops_when_late: bool = False
    opt_outs_as_of: datetime | None = None


@dataclass(frozen=True)
class Revocation:
    """The permit is taken back from `revoked_at` (EHDS art. 63(3)).

    Sent again with `annulled_at` when an appeal is upheld: the same revocation, by its
    `revoked_at`, binds no more from that instant (art. 63(5)).
    """

    permit_number: str
    revoked_at: datetime
    reason: str
    annulled_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse an end before the beginning."""
        if self.annulled_at is not None and self.annulled_at < self.revoked_at:
            raise ValueError("The revocation is annulled before it binds.")


@dataclass(frozen=True)
class Suspension:
    """Nothing is done under the permit from `suspended_at` until it is lifted (EHDS art. 63(3)).

    Lifting sends the same suspension again, by its `suspended_at`, with `lifted_at`. `reason` is in
    the words of the authority and names no person of the data.
    """

    permit_number: str
    suspended_at: datetime
    reason: str
    lifted_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse an end before the beginning."""
        if self.lifted_at is not None and self.lifted_at < self.suspended_at:
            raise ValueError("The suspension is lifted before it begins.")
