"""Whose job runs next."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.domain.workflows import Quota, Usage, Waiting, check_quota, next_job

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def job(position: int, project: str, person: str = "ada") -> Waiting:
    return Waiting(f"J{position}", project, person, position)


def drained(waiting: list[Waiting], *, seconds: float = 60.0) -> list[str]:
    """The projects in the order in which their jobs ran, each job taking so many seconds."""
    left, usage, order, now = list(waiting), list[Usage](), list[str](), NOW
    while left:
        chosen = next_job(left, usage, now=now)
        left.remove(chosen)
        now += timedelta(seconds=seconds)
        usage.append(Usage(chosen.project, chosen.person, seconds, now))
        order.append(chosen.project)
    return order


def test_the_oldest_job_runs_first_when_nobody_used_anything() -> None:
    assert next_job([job(2, "B"), job(1, "A")], [], now=NOW).job == "J1"


def test_a_project_that_just_used_the_machine_lets_the_other_pass() -> None:
    usage = [Usage("A", "ada", 60, NOW)]

    assert next_job([job(1, "A"), job(2, "B")], usage, now=NOW).job == "J2"


def test_what_was_used_long_ago_hardly_counts() -> None:
    usage = [Usage("A", "ada", 3600, NOW - timedelta(hours=20)), Usage("B", "bo", 60, NOW)]

    assert next_job([job(1, "A"), job(2, "B")], usage, now=NOW).job == "J1"


def test_two_hundred_jobs_of_one_project_delay_a_newcomer_by_one_job_at_most() -> None:
    flood = [job(position, "flood") for position in range(200)]
    order = drained([*flood, job(200, "small"), job(201, "small"), job(202, "small")])

    places = [place for place, project in enumerate(order) if project == "small"]

    assert places == [1, 3, 5]


def test_two_hundred_jobs_of_four_projects_share_the_machine_at_every_moment() -> None:
    waiting = [job(position, "ABCD"[position // 50]) for position in range(200)]

    order = drained(waiting)

    shares = [Counter(order[:end]) for end in range(4, 201, 4)]
    assert all(max(one.values()) - min(one.values()) <= 1 for one in shares)
    assert len(order) == 200


def test_inside_a_project_one_person_does_not_delay_another() -> None:
    flood = [job(position, "A", "ada") for position in range(50)]
    usage = [Usage("A", "ada", 60, NOW)]

    assert next_job([*flood, job(50, "A", "bo")], usage, now=NOW).job == "J50"


def test_a_project_has_so_many_jobs_waiting_and_no_more() -> None:
    quota = Quota(waiting_jobs=3)

    check_quota("A", quota, waiting_jobs=2, spent_hours=0)

    with pytest.raises(NotAllowed, match="has 3 jobs waiting, and may have 3"):
        check_quota("A", quota, waiting_jobs=3, spent_hours=0)


def test_a_project_has_so_many_hours_in_a_week_and_no_more() -> None:
    quota = Quota(weekly_hours=2)

    check_quota("A", quota, waiting_jobs=0, spent_hours=1.9)

    with pytest.raises(NotAllowed, match=r"used 2.0 hours of the machine in 7 days, and may use 2"):
        check_quota("A", quota, waiting_jobs=0, spent_hours=2.0)
