"""What a column holds, and how extraction must treat it."""

from dataclasses import dataclass
from typing import Final, Literal

ColumnType = Literal[
    "text", "integer", "bigint", "number", "date", "timestamp", "year", "yearmonth"
]
Role = Literal[
    "person",
    "link",
    "professional",
    "facility",
    "identifier",
    "date",
    "code",
    "quantity",
    "amount",
    "text",
    "attribute",
]

SQL_TYPES: Final[dict[ColumnType, str]] = {
    "text": "VARCHAR",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "year": "INTEGER",
    "yearmonth": "VARCHAR",
}
"""How the lake stores each type."""

TABLE_YEAR = "TABLE_YEAR"
"""Column of our own in yearly tables (`T_MCO21B`): the year that the file's name carries."""

OUR_COLUMNS = frozenset(
    {
        *("person_key", "event_date", "event_key", "missing_dates", "table_year"),
        *("person_pseudonym", "filename", "file_row_number", "refused_column"),
    }
)
"""Names, in lower case, that a load or an extraction gives to columns of its own. A delivered
column of such a name could be taken for ours: the person of a row would be whoever it says."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as delivered.

    `role`: `person` and `identifier` values never leave the lake; `link`, `professional` and
    `facility` values leave as pseudonyms. `aliases`: other names that deliveries give to this
    column. `length`: characters of a text, digits of a number (`9,2`: nine, two after the comma).
    `nomenclature`: the code list of its values. `first_year`, `last_year`: the first and last year
    whose deliveries have it, None where not known; `missing_years`: years between without it.
    """

    name: str
    type: ColumnType
    role: Role
    title_fr: str
    title_en: str
    aliases: tuple[str, ...] = ()
    length: str | None = None
    nomenclature: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    missing_years: tuple[int, ...] = ()

    def is_in(self, year: int) -> bool:
        """Whether deliveries of `year` have this column."""
        return (
            (self.first_year is None or self.first_year <= year)
            and (self.last_year is None or year <= self.last_year)
            and year not in self.missing_years
        )
