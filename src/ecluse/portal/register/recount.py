"""The figures of the report found again from the files themselves, without reading the journal.

What is stored was counted as events came, from the journal. This counts from acts, submissions,
permits, receipts and statements: the two must be equal, figure by figure (a test walks at random).
"""

from collections import Counter
from collections.abc import Iterator

from ecluse.domain.machines import Kind
from ecluse.domain.optouts import Cause
from ecluse.portal.applications.models import Submission
from ecluse.portal.cases.models import ActRow, Lapse
from ecluse.portal.extractions.models import Extraction
from ecluse.portal.extractions.models import State as ExtractionState
from ecluse.portal.fees.models import Payment
from ecluse.portal.optouts.models import OptOut
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.register import facts
from ecluse.portal.register.facts import Fact
from ecluse.portal.register.models import Counted, Result, Statement
from ecluse.portal.requests.models import RequestSubmission

Key = tuple[int, str, str]
"""A year, a counter, a label."""


def stored() -> dict[Key, tuple[int, int]]:
    """What the entries of the journal counted for: how many facts, and the sum of their values."""
    return _tally(
        Fact(row.counter, row.label, row.year, row.value) for row in Counted.objects.iterator()
    )


def recounted() -> dict[Key, tuple[int, int]]:
    """The same from the files."""
    return _tally(fact for source in SOURCES for fact in source())


def differences() -> dict[Key, tuple[tuple[int, int], tuple[int, int]]]:
    """Where the two differ, stored first: nothing, unless the journal and the files have parted."""
    kept, again = stored(), recounted()
    none = (0, 0)
    return {
        key: (kept.get(key, none), again.get(key, none))
        for key in sorted(kept.keys() | again.keys())
        if kept.get(key, none) != again.get(key, none)
    }


def _tally(found: Iterator[Fact]) -> dict[Key, tuple[int, int]]:
    counts: Counter[Key] = Counter()
    sums: Counter[Key] = Counter()
    for fact in found:
        key = (fact.year, fact.counter, fact.label)
        counts[key] += 1
        sums[key] += fact.value
    return {key: (counts[key], sums[key]) for key in counts}


def _acts() -> Iterator[Fact]:
    for row in ActRow.objects.select_related("item").iterator():
        counted = facts.ACTS.get(f"{row.item.kind}.{row.action}")
        if counted:
            yield Fact(*counted, facts.year_of(row.at))


def _answered_rights() -> Iterator[Fact]:
    ended = ActRow.objects.filter(action__in=("answer", "refuse"))
    rights = ended.filter(item__kind=Kind.RIGHTS_REQUEST.value).select_related("item")
    for row in rights.iterator():
        yield from facts.of_answered_right(row.item, facts.year_of(row.at))


def _submissions() -> Iterator[Fact]:
    for model in (Submission, RequestSubmission):
        sent = model.objects.filter(round=1).values_list("answers", "submitted_at")
        for answers, submitted_at in sent.iterator():
            yield from facts.of_submission(answers, facts.year_of(submitted_at))


def _permits() -> Iterator[Fact]:
    for permit in PermitRecord.objects.iterator():
        yield from facts.of_permit(permit, facts.year_of(permit.granted_at))


def _lapses() -> Iterator[Fact]:
    for lapse in Lapse.objects.select_related("clock").iterator():
        yield from facts.of_lapse(lapse.clock.rule, lapse.seen_on.year)


def _deliveries() -> Iterator[Fact]:
    found = Extraction.objects.filter(state=ExtractionState.DELIVERED, answered_at__isnull=False)
    for extraction in found.select_related("permit__item__case").iterator():
        if extraction.answered_at is not None:
            yield from facts.of_delivery(extraction, facts.year_of(extraction.answered_at))


def _opt_outs() -> Iterator[Fact]:
    for cause, at in OptOut.objects.acts():
        label = "opt-out" if cause is Cause.DECLARED else "opt-out-reversed"
        yield Fact(facts.RIGHTS, label, facts.year_of(at))


def _results() -> Iterator[Fact]:
    for kind, at in Result.objects.values_list("kind", "recorded_at"):
        yield Fact(facts.RESULT, kind, facts.year_of(at))


def _payments() -> Iterator[Fact]:
    for payment in Payment.objects.select_related("invoice__estimate__item__case").iterator():
        kind, year = payment.invoice.estimate.item.case.kind, facts.year_of(payment.recorded_at)
        yield Fact(facts.RECEIPTS, kind, year, payment.amount_cents)


def _statements() -> Iterator[Fact]:
    for one in Statement.objects.iterator():
        yield Fact(one.counter, one.label, one.on.year, one.value)
        if one.withdrawn_at is not None:
            yield Fact(one.counter, one.label, one.on.year, -one.value)


SOURCES = (
    *(_acts, _answered_rights, _submissions, _permits, _lapses, _deliveries),
    *(_opt_outs, _results, _payments, _statements),
)
