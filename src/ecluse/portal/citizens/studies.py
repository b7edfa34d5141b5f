"""Which studies used data about somebody, and how each stands to what they refused.

The choice made here: a refusal is for the future (EHDS art. 71(3)), so that from its day on the
list is empty and says why; studies decided before it did use the data, and whoever refuses keeps
the right to know them (art. 58(1), GDPR art. 15): they stand apart, with their dates. A study
decided during a refusal is told first, with the exception that its decision states, or as an error
to report: hiding it would be the one way for the zone to break the law unseen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ecluse.domain.documents import Basis
from ecluse.domain.memberships import Memberships
from ecluse.domain.optouts import DecidedUse, Refusal, Standing, standing_of
from ecluse.portal.citizens.decisions import decided_uses
from ecluse.portal.optouts.receipts import Receipt
from ecluse.portal.register.models import Publication
from ecluse.portal.register.reading import results_of
from ecluse.portal.register.rows import PublicResult


@dataclass(frozen=True, slots=True)
class Study:
    """A study: its line of the register, None if it is not there yet, and its public results.

    `use` is what was decided, None where this site decided nothing of that number.
    """

    number: str
    entry: Publication | None
    results: Sequence[PublicResult]
    use: DecidedUse | None
    standing: Standing

    @property
    def decided_at(self) -> datetime | None:
        """The instant of the list that binds it, as a rule that of the decision."""
        return None if self.use is None else self.use.listed_at


@dataclass(frozen=True, slots=True)
class MyData:
    """Every study of somebody, and the refusals that they made."""

    studies: tuple[Study, ...]
    refusals: tuple[Refusal, ...]

    @property
    def since(self) -> datetime | None:
        """Since when a refusal holds, None where none does."""
        return min((one.since for one in self.refusals if one.until is None), default=None)

    @property
    def is_partial(self) -> bool:
        """Whether what is refused now is the national copy alone."""
        bases = {one.basis for one in self.refusals if one.until is None}
        return bases == {Basis.NATIONAL_COPY}

    @property
    def past(self) -> tuple[Refusal, ...]:
        """The refusals that were taken back, less those that never held."""
        over = (one for one in self.refusals if one.until is not None and one.since < one.until)
        return tuple(over)

    def standing(self, *wanted: str) -> tuple[Study, ...]:
        """Return the studies that stand so."""
        return tuple(one for one in self.studies if one.standing in wanted)

    def later(self) -> tuple[Study, ...]:
        """Return those decided since the refusal that it does not reach: other data than it."""
        return tuple(one for one in self.standing(Standing.FREE) if not self._is_earlier(one))

    def earlier(self) -> tuple[Study, ...]:
        """Return those decided before the refusal, or about which nothing is known here."""
        free = tuple(one for one in self.standing(Standing.FREE) if self._is_earlier(one))
        return (*self.standing(Standing.BEFORE), *free)

    def _is_earlier(self, one: Study) -> bool:
        known = self.since is not None and one.decided_at is not None
        return not known or one.decided_at < self.since  # type: ignore[operator]  # both are known


def my_data(answer: Memberships, own: Iterable[Receipt]) -> MyData:
    """Return the studies that the zone names, in the order of their numbers, beside the refusals.

    `own`: every receipt of the person, in any capacity in which it was declared.
    """
    refusals = tuple(Refusal(one.basis, one.from_at, one.until) for one in own)
    entries = {one.number: one for one in Publication.objects.filter(number__in=answer.projects)}
    results, uses = results_of(answer.projects), decided_uses(answer.projects)
    studies = tuple(
        Study(
            number,
            entries.get(number),
            [one for one in results if one.number == number],
            uses.get(number),
            standing_of(uses[number], refusals) if number in uses else Standing.FREE,
        )
        for number in answer.projects
    )
    return MyData(studies, refusals)
