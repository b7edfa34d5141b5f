"""One rule running on one file: started, suspended, resumed, extended once, completed or void.

A clock is a frozen value; each function returns a new one. Days are those of the calendar where the
body acts (`Calendar.day` turns an instant into one). Periods in hours are counted by
`periods.ends_at` and have no clock of days: InvalidInput.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.calendars import Calendar
from ecluse.domain.clocks.periods import Counting, ends_on, last_day_before, same_day_later
from ecluse.domain.clocks.rules import ClockRule, Resumption, RuleSet, Shape
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.parameters import Parameter

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Suspension:
    """From the day of the request to the day of the resolution; None while it lasts."""

    from_on: date
    reason: str
    resumption: Resumption
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Extended:
    """The one extension: to a named last day, or None for the full extension of the rule."""

    asked_on: date
    reason: str
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A rule running from the day of an event, by a calendar. See the functions of this module."""

    rule: ClockRule
    counting: Counting
    calendar: Calendar
    started_on: date
    fixed_end: date | None = None
    suspensions: tuple[Suspension, ...] = ()
    extension: Extended | None = None
    completed_on: date | None = None
    voided_on: date | None = None
    void_reason: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the act is still awaited, suspended or not."""
        return self.completed_on is None and self.voided_on is None

    @property
    def is_suspended(self) -> bool:
        """Whether the clock waits for something else first."""
        return self.is_running and self._pending is not None

    @property
    def turn(self) -> Actor:
        """Who must act now for this clock; nobody once it is over or while it is suspended."""
        is_awaited = self.is_running and not self.is_suspended
        return self.rule.owner if is_awaited else Actor.NOBODY

    @property
    def _pending(self) -> Suspension | None:
        last = self.suspensions[-1] if self.suspensions else None
        return last if last is not None and last.until_on is None else None


def start(
    rules: RuleSet, rule_id: str, *, on: date, calendar: Calendar, until_on: date | None = None
) -> Clock:
    """A clock of that rule, from an event on that day.

    `until_on` names the last day of a state that law only caps (the duration of a permit).

    Raises:
        NotFound: no such rule.
        InvalidInput: the rule is in hours, or takes no named end.
        NotAllowed: the named end is before the start, or over what law allows.
    """
    rule = rules.rule(rule_id)
    if rule.limit is not None and rule.limit.unit == "hours":
        raise InvalidInput(f"{rule_id} is in hours: ask periods.ends_at for its end.")
    clock = Clock(rule, rules.counting, calendar, on)
    if until_on is None:
        return clock
    if rule.shape is not Shape.AT_MOST or rule.limit is None:
        raise InvalidInput(f"{rule_id} has its own length: no last day can be named.")
    most = same_day_later(on, rule.limit)
    if not on <= until_on <= most:
        raise NotAllowed(
            f"{rule_id} from {on} ends at the latest on {most} (art. {rule.article}), and not"
            f" before it starts: {until_on} is refused."
        )
    return replace(clock, fixed_end=until_on)


def due_on(clock: Clock, *, today: date | None = None) -> date | None:
    """The last day to act; None without a figure in law, or while the clock is suspended.

    With `today`, a suspension that lasts is shown as if it were resolved today.
    """
    if clock.rule.limit is None:
        return None
    suspensions = clock.suspensions
    if clock.is_suspended:
        if today is None:
            return None
        suspensions = (*suspensions[:-1], replace(suspensions[-1], until_on=today))
    event_on, paused = _counted_from(clock.started_on, suspensions)
    last = _last_day(clock, clock.rule.limit, event_on, paused)
    if clock.extension is None:
        return last
    if clock.extension.until_on is not None:
        return max(last, clock.extension.until_on)
    return _last_day(clock, _extended_limit(clock.rule), event_on, paused)


def days_left(clock: Clock, *, today: date) -> int | None:
    """Days until the due day, 0 on it, negative after; None if there is none or it is over."""
    due = due_on(clock)
    return (due - today).days if clock.is_running and due is not None else None


def is_overdue(clock: Clock, *, today: date) -> bool:
    """Whether the act was, or is, late. A void or suspended clock never is."""
    due = due_on(clock)
    if due is None or clock.voided_on is not None or clock.rule.shape is Shape.AT_LEAST:
        return False
    return (clock.completed_on or today) > due


def suspend(clock: Clock, *, on: date, reason: str) -> Clock:
    """Stop the clock for one of the reasons of its rule. Raises NotAllowed."""
    _check_running(clock, on)
    resumption = clock.rule.resumption(reason)
    if resumption is None:
        raise NotAllowed(
            f"{clock.rule.rule_id} is not suspended by {reason!r} (art. {clock.rule.article})."
        )
    last = clock.suspensions[-1] if clock.suspensions else None
    if last is not None and (last.until_on is None or on <= last.until_on):
        raise NotAllowed(
            f"{clock.rule.rule_id} is suspended since {last.from_on}"
            f" until {last.until_on or 'now'}: one suspension at a time."
        )
    _check_not_after_due(clock, on, "suspended")
    return replace(clock, suspensions=(*clock.suspensions, Suspension(on, reason, resumption)))


def resume(clock: Clock, *, on: date) -> Clock:
    """Let the clock go on, or run anew, as its rule says. Raises NotAllowed, InvalidInput."""
    _check_running(clock, on)
    if not clock.is_suspended:
        raise NotAllowed(f"{clock.rule.rule_id} is not suspended: nothing to resume.")
    last = clock.suspensions[-1]
    return replace(clock, suspensions=(*clock.suspensions[:-1], replace(last, until_on=on)))


def extend(clock: Clock, *, on: date, reason: str, until_on: date | None = None) -> Clock:
    """Extend the clock: once, with a reason, before its due day has passed.

    Without `until_on`, the whole extension of the rule; it stays with the file if the period runs
    anew, and is never given twice. With it, a last day within that extension.

    Raises:
        NotAllowed: no extension in law, a second one, asked after the due day, or too long.
        InvalidInput: no reason, or no last day where law fixes no length.
    """
    _check_running(clock, on)
    _check_extensible(clock, reason)
    _check_not_after_due(clock, on, "extended")
    allowed = clock.rule.extension
    if allowed is not None and allowed.limit is None and until_on is None:
        raise InvalidInput(f"Law fixes no length to extend {clock.rule.rule_id}: name the day.")
    longer = replace(clock, extension=Extended(on, reason.strip(), until_on))
    if until_on is not None:
        _check_named_end(clock, until_on)
    return longer


def complete(clock: Clock, *, on: date) -> Clock:
    """Record that the act was done on that day, late or not. Raises NotAllowed, InvalidInput."""
    _check_running(clock, on)
    if clock.is_suspended:
        raise NotAllowed(
            f"{clock.rule.rule_id} is suspended since {clock.suspensions[-1].from_on}:"
            " resume it, then complete it."
        )
    return replace(clock, completed_on=on)


def void(clock: Clock, *, on: date, reason: str) -> Clock:
    """End the clock because its cause is gone: a withdrawal, an expiry. Raises InvalidInput."""
    _check_running(clock, on)
    _check_reason(reason, f"end {clock.rule.rule_id}")
    return replace(clock, voided_on=on, void_reason=reason.strip())


def reroute(clock: Clock, rules: RuleSet, rule_id: str, *, on: date) -> Clock:
    """The same clock under another rule, from the same day: another track. Raises NotAllowed.

    Its suspensions stay, and so does an extension if the other rule has one.
    """
    _check_running(clock, on)
    rule = rules.rule(rule_id)
    if clock.extension is not None and rule.extension is None:
        raise NotAllowed(f"{clock.rule.rule_id} was extended, {rule_id} has no extension.")
    return replace(clock, rule=rule)


def _counted_from(started_on: date, suspensions: tuple[Suspension, ...]) -> tuple[date, int]:
    """The day from which the period runs, and the days since then that do not count."""
    event_on, paused = started_on, 0
    for suspension in suspensions:
        if suspension.until_on is None:
            continue
        if suspension.resumption is Resumption.RESTART:
            event_on, paused = suspension.until_on, 0
        else:
            paused += (suspension.until_on - suspension.from_on).days + 1
    return event_on, paused


def _last_day(clock: Clock, limit: Parameter, event_on: date, paused: int) -> date:
    if clock.fixed_end is not None:
        return clock.fixed_end
    if clock.rule.shape is Shape.BEFORE:
        return last_day_before(event_on, limit)
    if clock.rule.shape in (Shape.AT_MOST, Shape.AT_LEAST):
        return same_day_later(event_on, limit)
    if clock.counting is Counting.FRENCH_SILENCE:
        return same_day_later(event_on + ONE_DAY, limit) + timedelta(days=paused)
    return _last_working_day(clock.calendar, limit, event_on, paused)


def _last_working_day(calendar: Calendar, limit: Parameter, event_on: date, paused: int) -> date:
    if not paused:
        return ends_on(event_on, limit, calendar=calendar)
    if limit.unit == "working days":
        return ends_on(event_on + timedelta(days=paused), limit, calendar=calendar)
    return calendar.first_working_day(same_day_later(event_on, limit) + timedelta(days=paused))


def _extended_limit(rule: ClockRule) -> Parameter:
    """The whole period, extension in: one period of both lengths, so that 3 + 3 months are 6."""
    if rule.limit is None or rule.extension is None or rule.extension.limit is None:
        raise InvalidInput(f"{rule.rule_id} has no extension of a fixed length.")
    return replace(rule.limit, value=rule.limit.value + rule.extension.limit.value)


def _check_running(clock: Clock, on: date) -> None:
    if clock.completed_on is not None:
        raise NotAllowed(f"{clock.rule.rule_id} was completed on {clock.completed_on}.")
    if clock.voided_on is not None:
        raise NotAllowed(f"{clock.rule.rule_id} ended on {clock.voided_on}: {clock.void_reason}.")
    latest = _latest(clock)
    if on < latest and clock.rule.shape is not Shape.BEFORE:
        raise InvalidInput(f"{clock.rule.rule_id}: {on} is before its last event, on {latest}.")


def _latest(clock: Clock) -> date:
    days = [clock.started_on]
    days += [day for s in clock.suspensions for day in (s.from_on, s.until_on) if day is not None]
    if clock.extension is not None:
        days.append(clock.extension.asked_on)
    return max(days)


def _check_extensible(clock: Clock, reason: str) -> None:
    if clock.rule.extension is None:
        raise NotAllowed(
            f"Law allows no extension of {clock.rule.rule_id} (art. {clock.rule.article})."
        )
    if clock.extension is not None:
        raise NotAllowed(
            f"{clock.rule.rule_id} was extended on {clock.extension.asked_on}: once only."
        )
    if clock.is_suspended:
        raise NotAllowed(f"{clock.rule.rule_id} is suspended: resume it, then extend it.")
    _check_reason(reason, f"extend {clock.rule.rule_id}")


def _check_named_end(clock: Clock, until_on: date) -> None:
    due = due_on(clock)
    if due is not None and until_on <= due:
        raise NotAllowed(f"{until_on} is no extension: the due day is {due} already.")
    extension = clock.rule.extension
    if extension is None or extension.limit is None:
        return
    most = due_on(replace(clock, extension=Extended(clock.started_on, "most")))
    if most is not None and until_on > most:
        raise NotAllowed(f"{clock.rule.rule_id} can be extended to {most} at most, not {until_on}.")


def _check_not_after_due(clock: Clock, on: date, what: str) -> None:
    due = due_on(clock)
    if due is not None and on > due:
        raise NotAllowed(f"{clock.rule.rule_id} was due on {due}: on {on} it cannot be {what}.")


def _check_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise InvalidInput(f"Say why, to {what}.")
