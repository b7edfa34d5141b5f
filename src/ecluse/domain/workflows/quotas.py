"""What each project may have of the machine, as an operator writes it.

[quotas]
waiting_jobs = 500          # at once
weekly_hours = 168          # of the machine, in 7 days

[quotas.projects.FR-2026-0001]
weekly_hours = 12           # what is not said is as above
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows.queues import Quota

PROJECTS: Final = "projects"
_KEYS: Final = frozenset({"waiting_jobs", "weekly_hours"})


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quota of every project: its own, or the one of all others."""

    default: Quota = field(default_factory=Quota)
    projects: Mapping[str, Quota] = field(default_factory=dict)

    def of(self, project: str) -> Quota:
        """Return what a project may have."""
        return self.projects.get(project, self.default)


def read_quotas(told: Any) -> Quotas:
    """Return the quotas of a table `quotas`. Raises InvalidInput for what is no quota."""
    if not isinstance(told, dict):
        raise InvalidInput("quotas is a table: waiting_jobs, weekly_hours, and projects.")
    others = {name: value for name, value in told.items() if name != PROJECTS}
    default = _quota("quotas", others, Quota())
    own = told.get(PROJECTS, {})
    if not isinstance(own, dict):
        raise InvalidInput("quotas.projects is a table: a table for each permit's number.")
    return Quotas(default, {name: _quota(name, one, default) for name, one in own.items()})


def _quota(name: str, told: Any, otherwise: Quota) -> Quota:
    if not isinstance(told, dict) or told.keys() - _KEYS:
        raise InvalidInput(f"The quota {name} sets {' and '.join(sorted(_KEYS))}, nothing else.")
    jobs = told.get("waiting_jobs", otherwise.waiting_jobs)
    hours = told.get("weekly_hours", otherwise.weekly_hours)
    if type(jobs) is not int or type(hours) not in (int, float) or jobs < 0 or not hours >= 0:
        raise InvalidInput(f"The quota {name} is a number of jobs and a number of hours, from 0.")
    return Quota(jobs, float(hours))
