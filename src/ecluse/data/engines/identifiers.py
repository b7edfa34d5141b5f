"""Names of tables and columns, made safe to stand in a query."""

from ecluse.domain.errors import InvalidInput

LONGEST = 128


def quoted(name: str) -> str:
    """Return `name` as a quoted SQL identifier.

    Names come from files that others deliver, so every one passes here. Values never do: they
    are bound, or compared through expressions.

    Raises:
        InvalidInput: the name is empty, too long or holds a control character.
    """
    if not name or len(name) > LONGEST or not name.isprintable():
        raise InvalidInput(
            f"A column or table name of {len(name)} characters cannot be used: give it 1 to "
            f"{LONGEST} printable characters."
        )
    return '"' + name.replace('"', '""') + '"'
