"""What a database holds, in figures that tell of no person: the profile of its tables.

Made where the data are (`ecluse catalogue profile`), read by a catalogue. Every figure is of
`minimum_count` persons at least, and counts are rounded to `rounding`: no total lets a small one be
found by subtraction. `None` stands for what is not told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.domain.metadata.tables.drafts import ColumnDraft, TableDraft, said
from ecluse.domain.metadata.values import Text

FORMAT: Final = "ecluse-table-profile"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Percentile:
    """The value, rounded, that `percent` of the filled rows do not exceed, as decimal text."""

    percent: int
    value: str


@dataclass(frozen=True, slots=True)
class ValueShare:
    """A code, and the percentage of the persons with any code who have it, rounded."""

    value: str
    label: str
    percent: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column holds; `datatype` is a CSVW datatype.

    `filled`: rows with a value; `completeness`: their percentage. `lowest` and `highest`: months
    (`2015-03`) or years of the first and last dates.
    """

    name: str
    title_fr: str
    title_en: str
    datatype: str
    filled: int | None
    completeness: int | None
    lowest: str | None
    highest: str | None
    percentiles: tuple[Percentile, ...]
    values: tuple[ValueShare, ...]


@dataclass(frozen=True, slots=True)
class TableProfile:
    """What a table holds. Ranges and values are of one person in `sampled` (1: of everyone)."""

    name: str
    title_fr: str
    title_en: str
    group: str
    rows: int | None
    persons: int | None
    lowest: str | None
    highest: str | None
    sampled: int
    columns: tuple[ColumnProfile, ...]


@dataclass(frozen=True, slots=True)
class DatasetProfile:
    """The profile of the tables of a dataset; `snapshot` is empty for plain files."""

    format: str
    version: int
    dataset: str
    snapshot: str
    measured_on: date
    minimum_count: int
    rounding: int
    persons: int | None
    tables: tuple[TableProfile, ...]

    @property
    def row_count(self) -> int | None:
        """The rows of all tables whose number is told; None where none is."""
        told = [table.rows for table in self.tables if table.rows is not None]
        return sum(told) if told else None

    @property
    def lowest(self) -> str | None:
        """The first month or year of the events of any table."""
        return min((table.lowest for table in self.tables if table.lowest), default=None)

    @property
    def highest(self) -> str | None:
        """The last month or year of the events of any table."""
        return max((table.highest for table in self.tables if table.highest), default=None)


def encode(profile: DatasetProfile) -> JSON:
    """Return the JSON of a profile."""
    return codec.encode(profile)


def is_profile(content: Any) -> bool:
    """Whether JSON content says that it is a profile."""
    return isinstance(content, dict) and content.get("format") == FORMAT


def decode(content: Any) -> DatasetProfile:
    """Return the profile that `encode` wrote.

    Raises:
        InvalidInput: it was changed, or is of another version.
    """
    if not is_profile(content) or content.get("version") != VERSION:
        raise InvalidInput(
            f"The file is no profile of version {VERSION}: make it again with `ecluse catalogue "
            "profile`."
        )
    try:
        return cast("DatasetProfile", codec.decode(content, DatasetProfile, at="profile"))
    except (Malformed, RecursionError):
        raise InvalidInput(
            "The profile is not as `ecluse catalogue profile` writes it: give it as it was made."
        ) from None


def drafts(profile: DatasetProfile) -> list[TableDraft]:
    """Return the tables of a profile, the figures of each column in its explanation."""
    return [
        TableDraft(
            name=table.name,
            titles=_both(table.title_fr, table.title_en),
            columns=tuple(
                ColumnDraft(
                    name=column.name,
                    datatype=column.datatype,
                    titles=_both(column.title_fr, column.title_en),
                    descriptions=tuple(_explained(column)),
                )
                for column in table.columns
            ),
        )
        for table in profile.tables
    ]


def _both(french: str, english: str) -> tuple[Text, ...]:
    return (*said(french, "fr"), *said(english, "en"))


def _explained(column: ColumnProfile) -> Iterator[Text]:
    """Yield the title and the figures of a column, in French and in English."""
    for language, title in (("fr", column.title_fr), ("en", column.title_en)):
        words = [title or column.name, *_figures(column, language)]
        yield from said(". ".join(part.rstrip(".") for part in words) + ".", language)


def _figures(column: ColumnProfile, language: str) -> Iterator[str]:
    is_french = language == "fr"
    if column.completeness is not None:
        yield (
            f"Renseigné à {column.completeness} %" if is_french else f"{column.completeness}% given"
        )
    if column.lowest and column.highest:
        span = (column.lowest, column.highest)
        yield "De {} à {}".format(*span) if is_french else "From {} to {}".format(*span)
    middle = next((found for found in column.percentiles if found.percent == 50), None)  # noqa: PLR2004 — the median
    if middle:
        yield f"Médiane {middle.value}" if is_french else f"Median {middle.value}"
    if column.values:
        codes = ", ".join(found.value for found in column.values[:10])
        yield f"Valeurs les plus fréquentes : {codes}" if is_french else f"Most frequent: {codes}"
