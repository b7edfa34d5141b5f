"""Whose job runs next: the project that has had least of the machine lately, then its oldest job.

What a project used counts half after `HALF_LIFE_SECONDS`: one that worked all night does not wait
for a week, and one that sends a thousand jobs at once delays itself alone. Inside a project the
same holds between its persons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ecluse.domain.errors import NotAllowed

HALF_LIFE_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits; `position` is its place of arrival."""

    job: str
    project: str
    person: str
    position: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of the machine that a job took; for one under way, those it took so far."""

    project: str
    person: str
    seconds: float
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Quota:
    """What one project may have: jobs waiting, and hours of the machine in a week."""

    waiting_jobs: int = 500
    weekly_hours: float = 168.0


def next_job(waiting: Sequence[Waiting], usage: Iterable[Usage], *, now: datetime) -> Waiting:
    """Return the job whose turn it is.

    Raises:
        ValueError: nothing waits.
    """
    of_project: dict[str, float] = {}
    of_person: dict[tuple[str, str], float] = {}
    for used in usage:
        weight = used.seconds * _decay(now - used.ended_at)
        person = (used.project, used.person)
        of_project[used.project] = of_project.get(used.project, 0.0) + weight
        of_person[person] = of_person.get(person, 0.0) + weight

    def turn(one: Waiting) -> tuple[float, float, int]:
        person = (one.project, one.person)
        return of_project.get(one.project, 0.0), of_person.get(person, 0.0), one.position

    return min(waiting, key=turn)


def check_quota(project: str, quota: Quota, *, waiting_jobs: int, spent_hours: float) -> None:
    """Pass if the project may send one more job; `spent_hours` are those of the last 7 days.

    Raises:
        NotAllowed: too many wait, or its hours of the week are spent.
    """
    if waiting_jobs >= quota.waiting_jobs:
        raise NotAllowed(
            f"Project {project} has {waiting_jobs} jobs waiting, and may have "
            f"{quota.waiting_jobs}: wait for some to end, then send this one again."
        )
    check_hours(project, quota, spent_hours=spent_hours)


def check_hours(project: str, quota: Quota, *, spent_hours: float) -> None:
    """Pass if a project has hours of the machine left; `spent_hours` are those of the last 7 days.

    Raises:
        NotAllowed: its hours of the week are spent.
    """
    if spent_hours >= quota.weekly_hours:
        raise NotAllowed(
            f"Project {project} used {spent_hours:.1f} hours of the machine in 7 days, and may "
            f"use {quota.weekly_hours:g}: send this job again later."
        )


def _decay(age: timedelta) -> float:
    return float(0.5 ** (max(age.total_seconds(), 0.0) / HALF_LIFE_SECONDS))
