"""Tables as a file says them, before they are checked and become part of a description."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata.values import Text
from ecluse.domain.metadata.variables import Table, Variable

TABLES_MOST: Final = 2_000
VARIABLES_MOST: Final = 100_000
NAME_LONGEST: Final = 128
"""Characters of the name of a table or of a column."""
WORDS_LONGEST: Final = 4_000
"""Characters of a title or of an explanation."""

SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDraft:
    """A column as a file says it; `datatype` is a CSVW datatype, `meaning` an IRI."""

    name: str
    datatype: str = "string"
    titles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    meaning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDraft:
    """A table as a file says it."""

    name: str
    columns: tuple[ColumnDraft, ...]
    titles: tuple[Text, ...] = ()
    url: str | None = None


def described(drafts: Sequence[TableDraft]) -> tuple[Table, ...]:
    """Return the tables as a description holds them, in the order of the file.

    The first title of a table is its name. A column without words of its own is titled by its name,
    and explained by its title: the standard asks for both.

    Raises:
        InvalidInput: no table, too many, a name that is empty, too long or twice there.
    """
    if not drafts:
        raise InvalidInput("The file describes no table: give one that names tables and columns.")
    variables = sum(len(draft.columns) for draft in drafts)
    if len(drafts) > TABLES_MOST or variables > VARIABLES_MOST:
        raise InvalidInput(
            f"The file describes {len(drafts)} tables and {variables} columns, and {TABLES_MOST} "
            f"and {VARIABLES_MOST} can be read at once: give it in parts."
        )
    _check_names([draft.name for draft in drafts], what="table")
    return tuple(_table(draft) for draft in drafts)


def said(words: str, language: str = "") -> tuple[Text, ...]:
    """Return words as a text, spaces and lines joined; nothing for nothing."""
    plain = SPACES.sub(" ", words).strip()
    shown = "".join(sign for sign in plain if sign.isprintable())
    if len(shown) > WORDS_LONGEST:
        raise InvalidInput(
            f"A text of {len(shown)} characters explains a table or a column: cut it to "
            f"{WORDS_LONGEST}."
        )
    return (Text(shown, language),) if shown else ()


def _table(draft: TableDraft) -> Table:
    _check_names([column.name for column in draft.columns], what="column")
    return Table(
        titles=(Text(draft.name), *_unlike(draft.titles, draft.name)),
        url=draft.url,
        variables=tuple(_variable(column) for column in draft.columns),
    )


def _variable(column: ColumnDraft) -> Variable:
    titles = column.titles or (Text(column.name),)
    return Variable(
        name=Text(column.name),
        titles=titles,
        descriptions=column.descriptions or titles,
        datatype=Text(column.datatype),
        meaning=column.meaning,
    )


def _unlike(titles: Iterable[Text], name: str) -> tuple[Text, ...]:
    return tuple(title for title in titles if title.words != name)


def _check_names(names: Sequence[str], *, what: str) -> None:
    """Refuse names that cannot be; a name is told by its rank alone, it could be a value."""
    for rank, name in enumerate(names, start=1):
        if not name.strip() or len(name) > NAME_LONGEST or not name.isprintable():
            raise InvalidInput(
                f"The name of {what} {rank} has {len(name)} characters: give it 1 to "
                f"{NAME_LONGEST} printable ones."
            )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        ranks = [str(rank) for rank, name in enumerate(names, start=1) if name == twice[0]]
        raise InvalidInput(
            f"Two {what}s have one name, those of rank {', '.join(ranks[:5])}: name each once."
        )
