"""What is ordered from the lake and what comes of it: notices, orders, receipts, refusals."""

from dataclasses import dataclass
from datetime import date, datetime

from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents.permits import TableScope


@dataclass(frozen=True)
class ExtractionOrder:
    """Extract this cohort's rows from that snapshot, under the permit named by its digest.

    `flux_until` is the last month of claims flow to read: care of a month keeps arriving for up to
    27 months, so a care period alone does not fix the rows.
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


@dataclass(frozen=True)
class ColumnDescription:
    """A column as the catalogue shows it."""

    name: str
    type: str
    role: str
    title_fr: str
    title_en: str


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


@dataclass(frozen=True)
class AttritionStep:
    """Persons left after one step of an extraction, in order."""

    step: str
    person_count: int


@dataclass(frozen=True)
class ExtractedTable:
    """One delivered file: rows of the dataset, rows delivered, columns, digest of the file."""

    table: str
    row_count_in: int
    row_count_out: int
    columns: tuple[str, ...]
    columns_dropped: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class ExtractionReceipt:
    """What an extraction delivered into the enclave."""

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


@dataclass(frozen=True)
class Refusal:
    """A document was not obeyed; `code` is the code of `domain.errors`."""

    refused_kind: str
    refused_id: str
    refused_digest: str
    code: str
    reason: str
