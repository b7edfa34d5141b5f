"""Lists page by page: a cursor says where the next page begins, whatever is added meanwhile."""

from typing import Any, Final, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

from ecluse.domain.errors import InvalidInput

SALT: Final = "ecluse.api.cursor"
LONGEST: Final = 400
MOST: Final = 100
DEFAULT: Final = 50

Row = TypeVar("Row", bound=Model)


def page_of(
    found: QuerySet[Row], *, by: tuple[str, ...], cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """Return `limit` rows in the order of `by`, and the cursor of the next page if there is one.

    `by` are fields that are never null and together unique; a minus before them all for the
    reverse order. A cursor is signed: none can be made up, nor used on another list.
    Raises InvalidInput.
    """
    names = [name.removeprefix("-") for name in by]
    salt = f"{SALT}.{found.model.__name__}.{','.join(by)}"
    if cursor:
        sign = "lt" if by[0].startswith("-") else "gt"
        found = found.filter(_after(names, _read(cursor, salt=salt), sign))
    rows = list(found.order_by(*by)[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    last = [_plain(getattr(rows[limit - 1], name)) for name in names]
    return rows[:limit], signing.dumps(last, salt=salt)


def _read(cursor: str, *, salt: str) -> list[Any]:
    try:
        return list(signing.loads(cursor[:LONGEST], salt=salt))
    except signing.BadSignature:
        raise InvalidInput("This cursor is not of this list: begin again without it.") from None


def _after(names: list[str], values: list[Any], sign: str) -> Q:
    """What comes after these values, in the order of the names: (a, b) > (1, 2)."""
    after, equal = Q(pk__in=()), Q()
    for name, value in zip(names, values, strict=True):
        after |= equal & Q(**{f"{name}__{sign}": value})
        equal &= Q(**{name: value})
    return after


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) else str(value)
