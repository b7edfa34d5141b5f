"""What lists and addresses take."""

from typing import Annotated

from ninja import Path, Query

from ecluse.portal.api.paging import DEFAULT, LONGEST, MOST

Cursor = Annotated[str | None, Query(max_length=LONGEST)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$")]

__all__ = ["DEFAULT", "Cursor", "Limit", "Name"]
