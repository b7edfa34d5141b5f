"""What surveys tell, always over the number of establishments asked."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from ecluse.domain.aisystems.places import region_of
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import Survey, SurveyAnswer, SurveyAsked
from ecluse.portal.search.pictures import NAMES


@dataclass(frozen=True, slots=True)
class Coverage:
    """A survey in figures. `users`: how many establishments that answered use any system.

    `systems`: how many use each registered one, by its number; `regions`: asked and answered.
    """

    asked: int
    answered: int
    users: int
    others: int
    systems: tuple[tuple[str, int], ...]
    regions: tuple[tuple[str, int, int], ...]

    @property
    def silent(self) -> int:
        """How many did not answer."""
        return self.asked - self.answered

    @property
    def percent(self) -> int:
        """How many of a hundred asked answered, rounded down."""
        return 100 * self.answered // self.asked if self.asked else 0


def coverage_of(survey: Survey) -> Coverage:
    """Return the figures of a survey; the last answer of each establishment stands."""
    asked = list(survey.asked.all())
    last = {one.pk: answer for one in asked if (answer := _last(one)) is not None}
    systems = Counter(number for answer in last.values() for number in answer.systems)
    by_region: dict[str, list[int]] = {}
    for one in asked:
        name = NAMES.get(region_of(one.finess), "–")
        counts = by_region.setdefault(name, [0, 0])
        counts[0] += 1
        counts[1] += one.pk in last
    return Coverage(
        asked=len(asked),
        answered=len(last),
        users=sum(bool(answer.systems or answer.others) for answer in last.values()),
        others=sum(len(answer.others.splitlines()) for answer in last.values()),
        systems=tuple(sorted(systems.items(), key=lambda pair: (-pair[1], pair[0]))),
        regions=tuple((name, *counts) for name, counts in sorted(by_region.items())),  # type: ignore[misc]
    )


def _last(asked: SurveyAsked) -> SurveyAnswer | None:
    return max(asked.answers.all(), key=lambda one: one.pk, default=None)


def to_answer(user: User, *, on: date) -> list[SurveyAsked]:
    """Return the open questions that this person answers."""
    found = SurveyAsked.objects.filter(email__iexact=user.email, survey__closes_on__gte=on)
    return list(found.select_related("survey").order_by("survey_id", "pk"))
