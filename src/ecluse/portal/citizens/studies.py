"""Which studies used data about somebody, as the public register tells each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.domain.memberships import Memberships
from ecluse.portal.register.models import Publication
from ecluse.portal.register.reading import results_of
from ecluse.portal.register.rows import PublicResult


@dataclass(frozen=True, slots=True)
class Study:
    """A study: its line of the register, None if it is not there yet, and its public results."""

    number: str
    entry: Publication | None
    results: Sequence[PublicResult]


def studies_of(answer: Memberships) -> list[Study]:
    """Return the studies that the zone names, in the order of their numbers."""
    entries = {one.number: one for one in Publication.objects.filter(number__in=answer.projects)}
    found = results_of(answer.projects)
    return [
        Study(number, entries.get(number), [one for one in found if one.number == number])
        for number in answer.projects
    ]
