"""Times under treatment, from the days of purchase of each person."""

from ecluse.data.cohorts.algebra import Frame, Term, Terms
from ecluse.data.cohorts.planning.gathering import DAY, PERSON
from ecluse.domain.cohorts import Exposure


def spans(exposure: Exposure, purchases: Frame, terms: Terms) -> Frame:
    """Return `person_key`, `begins` and `ends` of each time under treatment.

    `purchases`: `person_key` and `day`, each pair once.
    """
    columns = {PERSON: terms.column(PERSON), DAY: terms.column(DAY)}
    judged = purchases.select({**columns, "qualifying": _qualifying(exposure, terms)})
    begun = terms.lowest(terms.column("qualifying"), by=PERSON)
    begun_days = judged.select({**columns, "begun": begun})
    counted = begun_days.where(terms.column(DAY) >= terms.column("begun"))
    if exposure.covered_days is None:
        return _unlimited(exposure, counted, terms)
    return _joined(exposure, counted, terms, covered=exposure.covered_days)


def _qualifying(exposure: Exposure, terms: Terms) -> Term:
    """Return the day of a purchase that has enough others shortly before it, else NULL."""
    day = terms.column(DAY)
    if exposure.purchases == 1:
        return day
    earlier = terms.earlier(day, exposure.purchases - 1, by=PERSON, order=DAY)
    if exposure.within_days is None:
        return terms.choose(~terms.is_null(earlier), day)
    is_near = terms.days_between(earlier, day) <= terms.value(exposure.within_days)
    return terms.choose(is_near, day)


def _unlimited(exposure: Exposure, counted: Frame, terms: Terms) -> Frame:
    first = counted.grouped((PERSON,), {"first": terms.smallest(terms.column("begun"))})
    return first.select(
        {
            PERSON: terms.column(PERSON),
            "begins": terms.later(terms.column("first"), terms.value(exposure.delay_days)),
            "ends": terms.nothing("date"),
        }
    )


def _joined(exposure: Exposure, counted: Frame, terms: Terms, *, covered: int) -> Frame:
    """Return spans of `covered` days from each purchase, those with short gaps made one."""
    columns = {PERSON: terms.column(PERSON), DAY: terms.column(DAY)}
    before = terms.earlier(terms.column(DAY), 1, by=PERSON, order=DAY)
    begins = counted.select({**columns, "before": before})
    apart = terms.days_between(terms.column("before"), terms.column(DAY))
    is_new = terms.is_null(terms.column("before")) | (
        apart > terms.value(covered + exposure.grace_days)
    )
    flagged = begins.select(
        {**columns, "is_new": terms.choose(is_new, terms.value(1), terms.value(0))}
    )
    number = terms.so_far(terms.column("is_new"), by=PERSON, order=DAY)
    numbered = flagged.select({**columns, "number": number})
    day = terms.column(DAY)
    ends = {"first": terms.smallest(day), "last": terms.largest(day)}
    last = terms.value(exposure.delay_days + covered - 1)
    return numbered.grouped((PERSON, "number"), ends).select(
        {
            PERSON: terms.column(PERSON),
            "begins": terms.later(terms.column("first"), terms.value(exposure.delay_days)),
            "ends": terms.later(terms.column("last"), last),
        }
    )
