"""What is ordered from the lake and what comes of it: notices, orders, receipts, refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents.optouts import OptOutEvidence
from ecluse.domain.documents.permits import Coarsening, Precision, TableScope


class FilterState(StrEnum):
    """Of rows that a filter cannot judge, a value being absent, `strict` leaves them out too."""

    OFF = "off"
    ON = "on"
    STRICT = "strict"


@dataclass(frozen=True)
class FilterSwitch:
    """The state asked for one filter of the dataset's model, in place of its default."""

    filter: str
    state: FilterState


class FileFormat(StrEnum):
    """A form of the tables delivered beside Parquet."""

    CSV = "csv"
    XPORT = "sas-xport"


@dataclass(frozen=True)
class ExtractionOrder:
    """Extract this cohort's rows from that snapshot, under the permit named by its digest.

    `flux_until` is the last month of claims flow to read: care of a month keeps arriving for up to
    27 months, so a care period alone does not fix the rows. `filters` are those whose state is not
    the default of the documentation. `formats` are delivered beside Parquet.
    """

    order_number: str
    permit_number: str
    permit_digest: str
    dataset: str
    snapshot: str
    tables: tuple[TableScope, ...]
    cohort: Cohort
    care_from: date
    care_to: date
    flux_until: date
    pseudonym_domain: str
    opt_out_list_digest: str
    ordered_by: str
    filters: tuple[FilterSwitch, ...] = ()
    formats: tuple[FileFormat, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a filter with two states, or a form asked twice."""
        names = [switch.filter for switch in self.filters]
        if len(set(names)) != len(names) or len(set(self.formats)) != len(self.formats):
            raise ValueError("A filter has two states, or a form of file is asked twice.")


@dataclass(frozen=True)
class ColumnDescription:
    """A column as the catalogue shows it.

    `precisions` are those in which it can be given with less than its values; empty where the
    column names somebody and is never given.
    """

    name: str
    type: str
    role: str
    title_fr: str
    title_en: str
    precisions: tuple[Precision, ...] = ()


@dataclass(frozen=True)
class TableDescription:
    """A table as the catalogue shows it, with its number of rows."""

    name: str
    title_fr: str
    title_en: str
    row_count: int
    columns: tuple[ColumnDescription, ...]


@dataclass(frozen=True)
class SourceDescription:
    """An event source that a cohort may name; it reads the codes of `table.code_column`."""

    name: str
    title_fr: str
    title_en: str
    table: str
    code_column: str
    code_system: str


@dataclass(frozen=True)
class FilterDescription:
    """A known trap of the dataset that an order may leave in, and what it does, in words.

    `default` is the state that the documentation advises; `tables` are those that it touches.
    """

    name: str
    title_fr: str
    title_en: str
    advice_fr: str
    advice_en: str
    default: FilterState
    tables: tuple[str, ...]


@dataclass(frozen=True)
class SnapshotNotice:
    """A snapshot of a dataset is ready in the lake: its shape and counts, never a row."""

    dataset: str
    snapshot: str
    model: str
    loaded_at: datetime
    person_count: int
    care_from: date
    care_to: date
    tables: tuple[TableDescription, ...]
    sources: tuple[SourceDescription, ...]
    filters: tuple[FilterDescription, ...] = ()


@dataclass(frozen=True)
class AttritionStep:
    """Persons left after one step of an extraction, in order; None where too few to be said."""

    step: str
    person_count: int | None


class Removal(StrEnum):
    """Why rows of the dataset are not in an extract, in the order in which they are left out."""

    OUTSIDE_COHORT = "outside-cohort"
    AFTER_CUT_OFF = "after-cut-off"
    OUTSIDE_PERIOD = "outside-care-period"
    FILTERED = "filtered"


@dataclass(frozen=True)
class RemovedRows:
    """How many rows were left out for one reason; rows that a filter merged count as filtered.

    None where they are too few to be said outside the secure zone.
    """

    reason: Removal
    row_count: int | None


@dataclass(frozen=True)
class ExtractedTable:
    """One delivered table: rows of the dataset, rows delivered, columns, digest of its file.

    `row_count_in` less those `removed` is `row_count_out`, None where too few to be said.
    """

    table: str
    row_count_in: int
    row_count_out: int | None
    columns: tuple[str, ...]
    columns_dropped: tuple[str, ...]
    digest: str
    removed: tuple[RemovedRows, ...] = ()
    coarsened: tuple[Coarsening, ...] = ()
    duration_ms: int = 0


@dataclass(frozen=True)
class DeliveredFile:
    """One file of an extract, by content; the receipt itself is not among them. Size in bytes."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Software:
    """One program that made the extract, and its version."""

    name: str
    version: str


@dataclass(frozen=True)
class ExtractionReceipt:
    """What an extraction delivered into the enclave.

    `filters` gives the state of every filter of the dataset's model, asked or by default.
    `opt_outs` is there where a zone keeps what proves it.
    """

    order_number: str
    order_digest: str
    permit_number: str
    dataset: str
    snapshot: str
    opt_out_list_digest: str
    attrition: tuple[AttritionStep, ...]
    tables: tuple[ExtractedTable, ...]
    engine: str
    started_at: datetime
    finished_at: datetime
    filters: tuple[FilterSwitch, ...] = ()
    files: tuple[DeliveredFile, ...] = ()
    software: tuple[Software, ...] = ()
    opt_outs: OptOutEvidence | None = None


@dataclass(frozen=True)
class Refusal:
    """A document was not obeyed; `code` is the code of `domain.errors`."""

    refused_kind: str
    refused_id: str
    refused_digest: str
    code: str
    reason: str
