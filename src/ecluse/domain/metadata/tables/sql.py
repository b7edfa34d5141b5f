"""Tables from SQL: CREATE TABLE and COMMENT, as PostgreSQL, MySQL, Oracle and SQLite write them.

Definitions alone are read. A script that also holds rows is refused: they may be of persons.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata.tables.drafts import ColumnDraft, TableDraft, said
from ecluse.domain.metadata.tables.sql_tokens import Kind, Token, tokens

DATATYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "MEDIUMINT"),
            *("INT2", "INT4", "INT8", "SERIAL", "BIGSERIAL", "SMALLSERIAL", "HUGEINT", "UBIGINT"),
        ),
        "integer",
    ),
    **dict.fromkeys(("NUMERIC", "DECIMAL", "NUMBER", "DEC", "FIXED", "MONEY"), "decimal"),
    **dict.fromkeys(
        ("FLOAT", "FLOAT4", "FLOAT8", "REAL", "DOUBLE", "BINARY_FLOAT", "BINARY_DOUBLE"), "double"
    ),
    **dict.fromkeys(
        (
            *("CHAR", "CHARACTER", "VARCHAR", "VARCHAR2", "NCHAR", "NVARCHAR", "NVARCHAR2"),
            *("TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "CLOB", "NCLOB", "STRING", "CITEXT"),
            *("UUID", "ENUM", "SET", "INET", "XML", "NAME", "BPCHAR", "LONG"),
        ),
        "string",
    ),
    **dict.fromkeys(("BOOLEAN", "BOOL", "BIT"), "boolean"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "DATETIME", "DATETIME2"), "dateTime"),
    **dict.fromkeys(("BLOB", "BYTEA", "RAW", "VARBINARY", "BINARY", "LONGBLOB"), "base64Binary"),
    **dict.fromkeys(("JSON", "JSONB"), "json"),
    "DATE": "date",
    "TIME": "time",
    "YEAR": "gYear",
    "INTERVAL": "duration",
}
"""The CSVW datatype of each SQL type, by its first word; any other is text."""

NOT_COLUMNS: Final = (
    *("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "KEY", "INDEX", "FULLTEXT"),
    *("SPATIAL", "EXCLUDE", "LIKE", "PERIOD", "SUPPLEMENTAL"),
)
"""What begins a part of a definition that is no column, unless a type follows."""
WITH_ROWS: Final = ("INSERT", "COPY", "REPLACE", "LOAD")
PROGRAMS: Final = ("TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "EVENT")
ENDS: Final = (";", "/", "GO")
"""What ends a statement outside parentheses: of the standard, of SQL*Plus, of SQL Server."""
EXACT_PARAMETERS: Final = 2
"""`NUMBER(9, 2)`: digits, and how many of them after the comma."""

Statement = list[Token]


@dataclass(slots=True)
class _Script:
    """What was read so far, by the names as they are written, in lower case."""

    tables: dict[tuple[str, ...], TableDraft] = field(default_factory=dict)
    table_words: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    column_words: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


def drafts(script: str) -> list[TableDraft]:
    """Return the tables that a script defines, in its order.

    Raises:
        InvalidInput: rows stand in it, or a definition cannot be understood.
    """
    read = _Script()
    is_program = False
    for statement in _statements(script):
        if statement[0].says("CREATE"):
            is_program = any(token.says(*PROGRAMS) for token in statement)
        if statement[0].says(*WITH_ROWS) and not is_program:
            raise InvalidInput(
                f"The script holds rows ({statement[0].text.upper()}): give the definitions of the "
                "tables alone, as `pg_dump --schema-only` or `mysqldump --no-data` write them."
            )
        if statement[0].says("CREATE"):
            _create(statement, read)
        elif statement[0].says("COMMENT"):
            _comment(statement, read)
    return _named(_commented(read))


def _statements(script: str) -> Iterator[Statement]:
    """Yield each statement; one that begins with rows also before what follows is looked at."""
    statement: Statement = []
    depth = 0
    for token in tokens(script):
        depth += token.says("(") - token.says(")")
        if token.says(";") or (depth == 0 and token.says(*ENDS, "CREATE")):
            if statement:
                yield statement
            statement, depth = [], 0
        if not token.says(*ENDS):
            statement.append(token)
        if len(statement) == 1 and token.says(*WITH_ROWS):
            yield statement
    if statement:
        yield statement


def _create(statement: Statement, read: _Script) -> None:
    """Read a table, if it is one and its columns are written."""
    start = next((rank for rank, token in enumerate(statement) if token.says("TABLE")), None)
    opening = next((rank for rank, token in enumerate(statement) if token.says("(")), None)
    if start is None or opening is None or opening < start:
        return
    if any(token.says("AS", "ON", "INDEX", "TRIGGER", "OF") for token in statement[:opening]):
        return
    path = _path(statement[start + 1 : opening])
    items, rest = _items(statement[opening + 1 :])
    columns = tuple(column for item in items if (column := _column(item)))
    if not path or not columns:
        raise InvalidInput(
            f"Table {len(read.tables) + 1} of the script has no name or no column: mend it."
        )
    if path in read.tables:
        return  # a script may define a table again, IF NOT EXISTS
    comment = _text_after(rest, "COMMENT")
    read.tables[path] = TableDraft(name=path[-1], columns=columns, titles=said(comment))


def _path(written: Iterable[Token]) -> tuple[str, ...]:
    """Return the parts of a name: schema, table."""
    return tuple(
        token.text
        for token in written
        if token.kind in (Kind.WORD, Kind.NAME) and not token.says("IF", "NOT", "EXISTS", "ONLY")
    )


def _items(after_opening: Statement) -> tuple[list[Statement], Statement]:
    """Return what commas separate up to the closing parenthesis, and what follows that."""
    items: list[Statement] = [[]]
    depth = 1
    for rank, token in enumerate(after_opening):
        depth += token.says("(") - token.says(")")
        if depth == 0:
            return items, after_opening[rank + 1 :]
        if depth == 1 and token.says(","):
            items.append([])
        else:
            items[-1].append(token)
    raise InvalidInput("The definition of a table never closes its parenthesis: mend the script.")


def _column(item: Statement) -> ColumnDraft | None:
    if not item or item[0].kind not in (Kind.WORD, Kind.NAME):
        return None
    name, *after = item
    if name.says(*NOT_COLUMNS) and not (after and after[0].says(*DATATYPES)):
        return None
    comment = _text_after(after, "COMMENT")
    return ColumnDraft(name=name.text, datatype=_datatype(after), titles=said(comment))


def _datatype(after_name: Sequence[Token]) -> str:
    """Return the CSVW datatype: `NUMBER(9)` is an integer, `tinyint(1)` a boolean."""
    if not after_name or after_name[0].kind not in (Kind.WORD, Kind.NAME):
        return "string"
    # PostgreSQL's own types may be written with their schema.
    word = next(
        (t for t in after_name if t.kind in (Kind.WORD, Kind.NAME) and not t.says("PG_CATALOG")),
        after_name[0],
    ).text.upper()
    parameters = _parameters(after_name)
    found = DATATYPES.get(word, "string")
    if any(token.text == "[" for token in after_name[1:4]):
        return "string"
    if word == "TINYINT" and parameters == ["1"]:
        return "boolean"
    if found == "decimal" and parameters and parameters[1:] in ([], ["0"]):
        return "integer"
    return found


def _parameters(after_name: Sequence[Token]) -> list[str]:
    """Return the numbers in the parenthesis that follows the type at once."""
    if len(after_name) <= EXACT_PARAMETERS or not after_name[1].says("("):
        return []
    found: list[str] = []
    for token in after_name[2:]:
        if token.says(")"):
            break
        if token.kind is Kind.NUMBER:
            found.append(token.text)
    return found


def _comment(statement: Statement, read: _Script) -> None:
    """Read COMMENT ON TABLE … IS '…', or of a column."""
    place = next((rank for rank, token in enumerate(statement) if token.says("IS")), None)
    if place is None or len(statement) <= place + 1 or not statement[1].says("ON"):
        return
    words = statement[place + 1]
    path = tuple(part.casefold() for part in _path(statement[3:place]))
    if words.kind is not Kind.STRING or not path:
        return
    if statement[2].says("TABLE"):
        read.table_words.append((path, words.text))
    elif statement[2].says("COLUMN"):
        read.column_words.append((path, words.text))


def _text_after(written: Sequence[Token], keyword: str) -> str:
    """Return the text that follows a keyword outside parentheses, as in COMMENT = '…'."""
    depth = 0
    for rank, token in enumerate(written):
        depth += token.says("(") - token.says(")")
        if depth == 0 and token.says(keyword):
            after = [
                follower for follower in written[rank + 1 : rank + 3] if not follower.says("=")
            ]
            if after and after[0].kind is Kind.STRING:
                return after[0].text
    return ""


def _commented(read: _Script) -> dict[tuple[str, ...], TableDraft]:
    """Return the tables with what COMMENT ON says of them and of their columns.

    A comment may name the schema where the definition did not, or the other way round.
    """
    by_table = {_tail(path): words for path, words in read.table_words}
    by_column = {_tail(path, parts=2): words for path, words in read.column_words}
    found = {}
    for path, draft in read.tables.items():
        key = draft.name.casefold()
        columns = tuple(
            replace(column, titles=said(by_column.get((key, column.name.casefold()), "")))
            if (key, column.name.casefold()) in by_column
            else column
            for column in draft.columns
        )
        titles = said(by_table[(key,)]) if (key,) in by_table else draft.titles
        found[path] = replace(draft, columns=columns, titles=titles)
    return found


def _tail(path: tuple[str, ...], *, parts: int = 1) -> tuple[str, ...]:
    return path[-parts:]


def _named(tables: Mapping[tuple[str, ...], TableDraft]) -> list[TableDraft]:
    """Return the tables, the schema in the name of those that two schemas have."""
    names = Counter(draft.name for draft in tables.values())
    return [
        replace(draft, name=".".join(path)) if names[draft.name] > 1 else draft
        for path, draft in tables.items()
    ]
