"""Conditions that the constraints and queries of files share."""

from django.db.models import Q

RUNNING = Q(completed_on__isnull=True, voided_on__isnull=True)
"""A clock that still runs, suspended or not."""
REMINDER = Q(due_on__isnull=False, days_before__isnull=False)
NO_REMINDER = Q(due_on__isnull=True, days_before__isnull=True)


def both_or_none(*fields: str) -> Q:
    """The condition that these fields are all given or all missing."""
    return Q(**{f"{one}__isnull": True for one in fields}) | Q(
        **{f"{one}__isnull": False for one in fields}
    )
