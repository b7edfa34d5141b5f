"""The review of the variables asked: kept, given less precisely, or not given, each with why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from ecluse.domain.documents import Coarsening, TableScope
from ecluse.domain.errors import NotFound
from ecluse.domain.minimisation import Place
from ecluse.domain.minimisation_reviews import (
    Finding,
    Tally,
    Verdict,
    check_findings,
    reviewed,
    tally,
    ways_asked,
)
from ecluse.domain.precision import is_within
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.applications.models import Application
from ecluse.portal.assessments.actions import check_assesses
from ecluse.portal.assessments.models import VariableFinding
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.trust import canonical


def asked_of(application: Application) -> tuple[TableScope, ...]:
    """The tables and columns of the last submission, each with the precision asked."""
    submission = application.last_submission()
    return scope.read_tables(submission.answers.get("tables")) if submission else ()


def table_of(application: Application, name: str) -> TableScope:
    """One table asked. Raises NotFound."""
    for table in asked_of(application):
        if table.table == name:
            return table
    raise NotFound(f"Table {name} is not asked in {application.number}.")


def findings_of(application: Application) -> tuple[Finding, ...]:
    """What the review found of the last submission.

    What was found of an earlier one stands for each variable asked as it was, or less precisely.
    """
    places = ways_asked(asked_of(application))
    rows = application.findings.order_by("submission", "pk")
    last: dict[Place, Finding] = {}
    for row in rows:
        last[(row.table, row.column)] = row.finding()
    return tuple(last[place] for place in places if place in last and _stands(last[place], places))


def _stands(one: Finding, places: Mapping[Place, Coarsening | None]) -> bool:
    limit = places[one.place]
    if one.verdict is Verdict.DROP:
        return True
    if one.verdict is Verdict.KEEP:
        return one.given == limit
    return one.given != limit and is_within(one.given, limit)


def counts(application: Application) -> Tally:
    """How far the review is."""
    return tally(findings_of(application), asked_of(application))


@transaction.atomic
def review(
    application: Application, findings: Sequence[Finding], *, by: User, now: datetime
) -> None:
    """Write what was found of these variables; again until the assessment ends.

    Raises NotAllowed, InvalidInput: a variable that is not asked, more than asked, less without
    a reason.
    """
    cases.hold(application.case)
    check_assesses(application, by)
    check_findings(findings, asked_of(application))
    for one in findings:
        _keep(application, one, by=by, now=now)
    found = tally(findings_of(application), asked_of(application))
    details: dict[str, str | int] = {
        "kept": found.kept,
        "coarsened": found.coarsened,
        "dropped": found.dropped,
        "left": found.left,
    }
    digest = canonical.digest(canonical.encode([_line(one) for one in findings]))
    record(
        "minimisation.reviewed",
        application.number,
        by=by.subject,
        digest=digest,
        details=details,
        at=now,
    )


def _line(one: Finding) -> list[str]:
    given = "" if one.given is None else f"{one.given.to.value}:{one.given.step or ''}"
    return [*one.place, one.verdict.value, given, one.reason]


def _keep(application: Application, one: Finding, *, by: User, now: datetime) -> None:
    table, column = one.place
    VariableFinding.objects.update_or_create(
        application=application,
        submission=application.submissions.count(),
        table=table,
        column=column,
        defaults={
            "verdict": one.verdict.value,
            "precision": one.given.to.value if one.given else "",
            "step": one.given.step if one.given else None,
            "reason": one.reason.strip(),
            "by": by,
            "at": now,
        },
    )


def after_review(application: Application, asked: Iterable[TableScope]) -> tuple[TableScope, ...]:
    """What the review leaves of `asked`, for the permit's form to begin with.

    What nobody reviewed stays as asked; nothing is given beyond `asked`.
    """
    return reviewed(asked, findings_of(application))
