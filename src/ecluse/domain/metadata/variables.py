"""The tables and columns that structured data are made of, in the words of CSV on the Web."""

from dataclasses import dataclass

from ecluse.domain.metadata.values import Node, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Node):
    """A column: its name in the data, what it holds, and its type (a CSVW datatype)."""

    name: Text | None = None
    titles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    datatype: Text | None = None
    meaning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Node):
    """A table and its columns, in order where the source has one."""

    titles: tuple[Text, ...] = ()
    keywords: tuple[Text, ...] = ()
    url: str | None = None
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGroup(Node):
    """Tables that belong together."""

    titles: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
