"""The review of what is asked, variable by variable: kept, given less precisely, or not given.

Source: EHDS art. 66(1), 68(1)(b).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.documents import Coarsening, TableScope
from ecluse.domain.errors import InvalidInput
from ecluse.domain.minimisation import Place
from ecluse.domain.precision import is_within


class Verdict(StrEnum):
    """What the review says of one variable."""

    KEEP = "keep"
    COARSEN = "coarsen"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one variable; `given` is how it is given, None for its value.

    `given` says nothing of a variable that is dropped. A reason is due for all but KEEP.
    """

    place: Place
    verdict: Verdict
    given: Coarsening | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many variables of each verdict, and how many are left to review."""

    kept: int
    coarsened: int
    dropped: int
    left: int


def check_findings(findings: Iterable[Finding], asked: Iterable[TableScope]) -> None:
    """Pass if each finding is about a variable asked, gives no more, and says why it gives less.

    Raises InvalidInput naming the first that does not.
    """
    limits = ways_asked(asked)
    for one in findings:
        name = ".".join(one.place)
        if one.place not in limits:
            raise InvalidInput(f"{name} is not asked: review what is.")
        if one.verdict is not Verdict.KEEP and not one.reason.strip():
            raise InvalidInput(f"{name} is not given as asked: say why.")
        _check_given(one, limits[one.place], name)


def ways_asked(asked: Iterable[TableScope]) -> dict[Place, Coarsening | None]:
    """How each variable is asked, None for its value; in the order asked."""
    return {
        (table.table, column): table.coarsening(column)
        for table in asked
        for column in table.columns
    }


def reviewed(asked: Iterable[TableScope], findings: Iterable[Finding]) -> tuple[TableScope, ...]:
    """What the review leaves of what is asked; a variable without a finding stays as asked."""
    found = {one.place: one for one in findings}
    tables = (_left_of(table, found) for table in asked)
    return tuple(table for table in tables if table.columns)


def tally(findings: Iterable[Finding], asked: Iterable[TableScope]) -> Tally:
    """Count the verdicts, and what is left to review."""
    places = ways_asked(asked)
    verdicts = [one.verdict for one in findings if one.place in places]
    return Tally(
        verdicts.count(Verdict.KEEP),
        verdicts.count(Verdict.COARSEN),
        verdicts.count(Verdict.DROP),
        len(places) - len(verdicts),
    )


def _check_given(one: Finding, limit: Coarsening | None, name: str) -> None:
    if one.verdict is Verdict.DROP:
        return
    if not is_within(one.given, limit):
        raise InvalidInput(f"{name} would be given more exactly than asked: give no more.")
    if (one.verdict is Verdict.KEEP) != (one.given == limit):
        raise InvalidInput(f"{name}: kept means as asked, coarsened means less than asked.")


def _left_of(table: TableScope, found: Mapping[Place, Finding]) -> TableScope:
    kept = [
        name for name in table.columns if _verdict(found, (table.table, name)) is not Verdict.DROP
    ]
    given = (_given(found, table, name) for name in kept)
    return TableScope(table.table, tuple(kept), tuple(one for one in given if one))


def _verdict(found: Mapping[Place, Finding], place: Place) -> Verdict:
    return found[place].verdict if place in found else Verdict.KEEP


def _given(found: Mapping[Place, Finding], table: TableScope, name: str) -> Coarsening | None:
    one = found.get((table.table, name))
    return one.given if one else table.coarsening(name)
