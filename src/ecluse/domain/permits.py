"""Permits: what is in force, and whether an order stays within it.

Source: EHDS art. 68. The data plane asks these rules of a signed permit, never of a database row.
"""

from collections.abc import Collection
from datetime import date, datetime

from ecluse.domain import identifying, precision
from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.clocks.periods import add_months
from ecluse.domain.documents import (
    DatasetScope,
    ExtractionOrder,
    JobOrder,
    Linkage,
    LinkageWay,
    Permit,
    Revocation,
    Suspension,
    TableScope,
)
from ecluse.domain.errors import (
    Expired,
    InvalidInput,
    NotYetValid,
    OutOfScope,
    Revoked,
    Suspended,
)
from ecluse.domain.parameters import PERMIT_MAXIMUM_YEARS

Withdrawal = Revocation | Suspension
"""What takes a permit back, for ever or for now."""


def check_terms(permit: Permit) -> None:
    """Pass if the permit may be issued with these terms. Raises InvalidInput.

    Source: EHDS art. 55(3), 68(10), 68(12), 71(4).
    """
    if permit.valid_until < permit.valid_from:
        raise InvalidInput(f"The permit ends {permit.valid_until} before {permit.valid_from}.")
    longest = add_months(permit.valid_from, PERMIT_MAXIMUM_YEARS.value * 12)
    if permit.valid_until > longest:
        raise InvalidInput(f"A permit lasts 10 years at most (art. 68(12)): until {longest}.")
    if not any(person.is_principal_investigator for person in permit.persons):
        raise InvalidInput("The permit names no principal investigator (art. 68(10)(d)).")
    if permit.applies_opt_out_exception and not permit.opt_out_exception_reason:
        raise InvalidInput("The opt-out exception needs its reason (art. 68(10)(c), 71(4)).")
    if permit.minimum_count < 1:
        raise InvalidInput(f"A cell counts at least 1 person, not {permit.minimum_count}.")
    concerned = {*permit.assessed_by, *(person.subject for person in permit.persons)}
    if permit.decided_by in concerned:
        raise InvalidInput(
            "Who decides is neither a person of the project nor its assessor (art. 55(3)):"
            " somebody else must decide."
        )
    if not permit.datasets or not all(scope.tables for scope in permit.datasets):
        raise InvalidInput("The permit gives no table: add at least one.")
    check_facts_together(permit)


def check_facts_together(permit: Permit) -> None:
    """Pass if no two facts that could identify are given without authorisation.

    Raises:
        InvalidInput: two are, or those authorised are unknown or lack their reason.

    Source: rules of access to the SNDS on potentially identifying variables; EHDS art. 66(1).
    """
    known = {fact.value for fact in identifying.Fact}
    if not set(permit.together) <= known:
        raise InvalidInput(f"Facts given together are among {', '.join(sorted(known))}.")
    if permit.together and not permit.together_reason:
        raise InvalidInput("Facts that could identify are given together: say why.")
    for scope in permit.datasets:
        found = identifying.forbidden_together(scope, authorised=permit.together)
        if found:
            raise InvalidInput(
                f"{scope.dataset}: {', '.join(found)} could identify a person when given together:"
                " coarsen all but one, or authorise them together with a reason."
            )


def check_in_force(permit: Permit, withdrawals: Collection[Withdrawal], *, now: datetime) -> None:
    """Pass if the permit may be used now. Raises NotYetValid, Expired, Revoked or Suspended.

    Source: EHDS art. 63(3), 68(12).
    """
    number, today = permit.permit_number, legal_day(now)
    if today < permit.valid_from:
        raise NotYetValid(f"Permit {number} begins on {permit.valid_from}: wait until then.")
    if today > permit.valid_until:
        raise Expired(f"Permit {number} ended on {permit.valid_until}: ask for a renewal.")
    check_not_withdrawn(number, withdrawals, now=now)


def check_not_withdrawn(number: str, withdrawals: Collection[Withdrawal], *, now: datetime) -> None:
    """Pass if nothing takes back now what bears this number. Raises Revoked or Suspended.

    The order in which the documents came does not count: what ended a revocation or a suspension
    ends it for good, whatever is said of the same one again. Source: EHDS art. 63(3), 63(5).
    """
    for one in standing(number, withdrawals, now=now):
        if isinstance(one, Revocation):
            raise Revoked(
                f"Permit {number} was revoked on {one.revoked_at.date()}: nothing is done under it"
                " any more."
            )
        raise Suspended(
            f"Permit {number} is suspended since {one.suspended_at.date()}: nothing is done under"
            " it until that is lifted; ask again then."
        )


def standing(
    number: str, withdrawals: Collection[Withdrawal], *, now: datetime
) -> list[Withdrawal]:
    """Return what binds now of what was said of this number, revocations first."""
    begun = [one for one in withdrawals if one.permit_number == number and _began(one) <= now]
    ended = {(type(one), _began(one)) for one in begun if _has_ended(one, now=now)}
    binding = [one for one in begun if (type(one), _began(one)) not in ended]
    return sorted(binding, key=lambda one: (isinstance(one, Suspension), _began(one)))


def _began(one: Withdrawal) -> datetime:
    return one.revoked_at if isinstance(one, Revocation) else one.suspended_at


def _has_ended(one: Withdrawal, *, now: datetime) -> bool:
    end = one.annulled_at if isinstance(one, Revocation) else one.lifted_at
    return end is not None and end <= now


def check_over(permit: Permit, withdrawals: Collection[Withdrawal], *, now: datetime) -> None:
    """Pass if the permit has ended or was revoked: its data may be destroyed. Raises OutOfScope.

    Source: EHDS art. 63(3), 68(12).
    """
    binding = standing(permit.permit_number, withdrawals, now=now)
    is_revoked = any(isinstance(one, Revocation) for one in binding)
    if not is_revoked and legal_day(now) <= permit.valid_until:
        raise OutOfScope(
            f"Permit {permit.permit_number} lasts until {permit.valid_until}: its data are"
            " destroyed once it has ended, or was revoked."
        )


def check_extraction(order: ExtractionOrder, permit: Permit) -> None:
    """Pass if the order asks no more than the permit gives. Raises OutOfScope.

    Source: EHDS art. 68(10)(a), 73(1)(d).
    """
    scope = _dataset_scope(order.dataset, permit)
    if not any(person.subject == order.ordered_by for person in permit.persons):
        raise OutOfScope(f"The person who orders is not named in permit {permit.permit_number}.")
    if order.permit_number != permit.permit_number:
        raise OutOfScope(f"The order is for permit {order.permit_number}.")
    if order.pseudonym_domain != permit.permit_number:
        raise OutOfScope("The pseudonym domain is not the permit's: pseudonyms could be linked.")
    check_period(order.care_from, order.care_to, scope)
    check_tables(order.tables, scope)
    _check_facts_ordered(order, permit, scope)


def effective_tables(order: ExtractionOrder, permit: Permit) -> tuple[TableScope, ...]:
    """Return the tables ordered, each column as the permit gives it. Raises OutOfScope."""
    scope = _dataset_scope(order.dataset, permit)
    given = {table.table: table for table in scope.tables}
    check_tables(order.tables, scope)
    return tuple(precision.applied(table, given[table.table]) for table in order.tables)


def _check_facts_ordered(order: ExtractionOrder, permit: Permit, scope: DatasetScope) -> None:
    """Refuse at the order too: a permit signed by older software was not checked for it."""
    tables = effective_tables(order, permit)
    asked = DatasetScope(order.dataset, tables, scope.care_from, scope.care_to)
    found = identifying.forbidden_together(asked, authorised=permit.together)
    if found:
        raise OutOfScope(
            f"{', '.join(found)} could identify a person when given together, which permit"
            f" {permit.permit_number} does not authorise: leave one out or ask less of it."
        )


def check_period(care_from: date, care_to: date, scope: DatasetScope) -> None:
    """Pass if the days from `care_from` to `care_to` lie in the permit's care period."""
    if care_from > care_to:
        raise OutOfScope(f"The care period ends {care_to} before it begins {care_from}.")
    if care_from < scope.care_from or care_to > scope.care_to:
        raise OutOfScope(
            f"The order asks care from {care_from} to {care_to}; the permit gives"
            f" {scope.care_from} to {scope.care_to}."
        )


def check_tables(tables: Collection[TableScope], scope: DatasetScope) -> None:
    """Pass if every table and column asked is given by the permit. Raises OutOfScope."""
    given = {table.table: table for table in scope.tables}
    names = [table.table for table in tables]
    if not names or len(names) != len(set(names)):
        raise OutOfScope("The order names no table, or one twice.")
    for table in tables:
        if table.table not in given:
            raise OutOfScope(f"Table {table.table} is not in the permit.")
        beyond = sorted(set(table.columns) - set(given[table.table].columns))
        if beyond or not table.columns:
            raise OutOfScope(f"Table {table.table}: columns not in the permit: {beyond}.")
        sharper = precision.sharper(table, given[table.table])
        if sharper:
            raise OutOfScope(
                f"Table {table.table}: the permit gives less of {', '.join(sharper)} than is asked."
            )


def gives_source(table: str, code_column: str, scope: DatasetScope) -> bool:
    """Whether a cohort may choose persons by this column: choosing by a code is reading it.

    Source: EHDS art. 68(10)(a).
    """
    return any(given.table == table and code_column in given.columns for given in scope.tables)


def check_job(order: JobOrder, permit: Permit) -> None:
    """Pass if the analysis is ordered by a person of the permit. Raises OutOfScope.

    Source: EHDS art. 73(1)(a).
    """
    if order.permit_number != permit.permit_number:
        raise OutOfScope(f"The job is for permit {order.permit_number}.")
    if not any(person.subject == order.submitted_by for person in permit.persons):
        raise OutOfScope(f"The submitter is not named in permit {permit.permit_number}.")


def check_linkage(permit: Permit, cohort: str, way: LinkageWay) -> Linkage:
    """Return what the permit says of joining this outside cohort so. Raises OutOfScope.

    Source: EHDS art. 68(10)(a); joining data that the permit does not name is another processing.
    """
    for linkage in permit.linkages:
        if (linkage.cohort, linkage.way) == (cohort, way):
            return linkage
    allowed = ", ".join(f"{one.cohort} ({one.way.value})" for one in permit.linkages) or "none"
    raise OutOfScope(
        f"Permit {permit.permit_number} does not allow joining this cohort by {way.value}; it "
        f"allows: {allowed}. Have the permit amended."
    )


def _dataset_scope(dataset: str, permit: Permit) -> DatasetScope:
    for scope in permit.datasets:
        if scope.dataset == dataset:
            return scope
    raise OutOfScope(f"Permit {permit.permit_number} does not give dataset {dataset}.")
