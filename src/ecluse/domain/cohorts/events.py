"""Events of a person, the days they give, and the exposures they make. No invalid node exists.

    events      dated, coded rows of one person: `Events("drug_atc", ("A10",))`, narrowed by the
                calendar, around a day, to the same stay
    days        one day or none for each person: the first event, birth, death, the index day
    exposures   spans of days that deliveries of a treatment make

Nodes are immutable and compare by value.
"""

from dataclasses import dataclass
from datetime import date
from typing import cast

from ecluse.domain.cohorts.values import (
    CODE,
    MAX_CODES,
    MAX_DAYS,
    MAX_VALUES,
    SOURCE,
    End,
    Match,
    Pick,
    Where,
    check_days,
    check_parts,
    check_source,
    check_span,
)


class EventSet:
    """What every set of events of a person can be asked for."""

    def during(self, first: date | None, last: date | None) -> "During":
        """Return the events of these days, both included; None sets no bound."""
        return During(_events(self), first, last)

    def in_year(self, year: int) -> "During":
        """Return the events of a calendar year."""
        return During(_events(self), date(year, 1, 1), date(year, 12, 31))

    def around(
        self, day: "Day", *, from_days: int | None = None, to_days: int | None = None
    ) -> "Around":
        """Return the events from `from_days` to `to_days` after `day`; negative is before."""
        return Around(_events(self), day, from_days, to_days)

    def same_record(self, others: "AnyEventSet") -> "SameRecord":
        """Return the events whose stay (or claim) also holds one of `others`."""
        return SameRecord(_events(self), others)

    def other_record(self, others: "AnyEventSet") -> "OtherRecord":
        """Return the events whose stay (or claim) holds none of `others`."""
        return OtherRecord(_events(self), others)

    def first(self, number: int = 1) -> "DayOf":
        """Return the day of the first event, or that of the `number`-th distinct date."""
        return DayOf(_events(self), End.FIRST, number)

    def last(self, number: int = 1) -> "DayOf":
        """Return the day of the last event, or that of the `number`-th distinct date from last."""
        return DayOf(_events(self), End.LAST, number)

    def __or__(self, other: "AnyEventSet") -> "AnyEvents":
        """Return the events of both."""
        parts = self.parts if isinstance(self, AnyEvents) else (_events(self),)
        return AnyEvents((*parts, other))


def _events(events: EventSet) -> "AnyEventSet":
    return cast("AnyEventSet", events)


@dataclass(frozen=True)
class Events(EventSet):
    """The dated events of one source whose code is in the list, but for those of `but_not`.

    `source` names an event source of the dataset (`drug_atc`, `stay_main_diagnosis`). With
    `PREFIX`, the code `E11` takes E110, E1120…: PMSI diagnoses have 5 or 6 characters, and exact
    lists silently miss the children. `but_not` is matched in the same way. All of `where` hold.
    Codes are compared without dots and spaces around. A row to which a reference table gives
    several codes is one event if one of them is in the list and not in `but_not`.
    """

    source: str
    codes: tuple[str, ...]
    match: Match = Match.PREFIX
    but_not: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list that no engine should ever see."""
        check_source(self.source)
        if not 0 < len(self.codes) <= MAX_CODES or len(self.but_not) > MAX_CODES:
            raise ValueError(f"A code list holds 1 to {MAX_CODES} codes, not {len(self.codes)}.")
        for code in (*self.codes, *self.but_not):
            if not CODE.fullmatch(code):
                raise ValueError(f"{code!r} is not a code: letters, digits and dots only.")


@dataclass(frozen=True)
class EveryEvent(EventSet):
    """All the dated events of one source, whatever their code, even none; all of `where` hold."""

    source: str
    where: tuple[Where, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is not the name of a source."""
        check_source(self.source)


@dataclass(frozen=True)
class During(EventSet):
    """The events of a calendar period, both days included.

    An event that lasts (a long-term illness) is in every period that it meets.
    """

    events: "AnyEventSet"
    on_or_after: date | None
    on_or_before: date | None

    def __post_init__(self) -> None:
        """Refuse an empty period, or none."""
        if self.on_or_after is None and self.on_or_before is None:
            raise ValueError("A period has a first day or a last day: give one.")
        if self.on_or_after and self.on_or_before and self.on_or_after > self.on_or_before:
            raise ValueError(f"The window ends {self.on_or_before} before {self.on_or_after}.")


@dataclass(frozen=True)
class Around(EventSet):
    """The events from `from_days` to `to_days` after a day of the same person, both included.

    Negative numbers are before; None sets no bound. Without the day there are no events. An event
    that lasts is around the day when any of its days is.
    """

    events: "AnyEventSet"
    anchor: "Day"
    from_days: int | None
    to_days: int | None

    def __post_init__(self) -> None:
        """Refuse an empty period, or none."""
        check_span(self.from_days, self.to_days)


@dataclass(frozen=True)
class SameRecord(EventSet):
    """The events whose record also holds one of `others`: a hospital stay, a claim.

    Both must be found in tables of the same records: stays with their wards and diagnoses, or
    claims with their details.
    """

    events: "AnyEventSet"
    others: "AnyEventSet"


@dataclass(frozen=True)
class OtherRecord(EventSet):
    """The events whose record holds none of `others`: stays for a fracture without such an act.

    Events of no known record stay. As for `SameRecord`, both are of tables of the same records.
    """

    events: "AnyEventSet"
    others: "AnyEventSet"


@dataclass(frozen=True)
class AnyEvents(EventSet):
    """The events of several sets: of a main or of a related diagnosis.

    Equal parts are one part; an event that two different parts hold is there twice.
    """

    parts: tuple["AnyEventSet", ...]

    def __post_init__(self) -> None:
        """Refuse an empty list."""
        check_parts(self.parts)


@dataclass(frozen=True)
class LinkedEvents(EventSet):
    """The events of the persons whom `link`, a link of the dataset, joins to the person.

    With the link `mother`, the deliveries of a child's mother are events of the child. Days inside
    are the mother's: ask for those around a day of the child's outside the link.
    """

    events: "AnyEventSet"
    link: str

    def __post_init__(self) -> None:
        """Refuse what is not the name of a link."""
        if not SOURCE.fullmatch(self.link):
            raise ValueError(f"{self.link[:40]!r} is not the name of a link.")


class DayRule:
    """What every rule that gives a day can be asked for."""

    def plus(self, days: int) -> "Shifted":
        """Return the day that comes so many days later; negative is earlier."""
        return Shifted(_day(self), days)


def _day(day: DayRule) -> "Day":
    return cast("Day", day)


@dataclass(frozen=True)
class DayOf(DayRule):
    """The `number`-th distinct date of events, counted from the first or from the last."""

    events: "AnyEventSet"
    end: End = End.FIRST
    number: int = 1

    def __post_init__(self) -> None:
        """Refuse a number below one."""
        if not 1 <= self.number <= MAX_DAYS:
            raise ValueError(f"Dates are counted from 1, not from {self.number}.")


@dataclass(frozen=True)
class FixedDay(DayRule):
    """The same day for everyone."""

    day: date


@dataclass(frozen=True)
class BirthDay(DayRule):
    """The first day of the month of birth: sources that pseudonymise keep no more."""


@dataclass(frozen=True)
class DeathDay(DayRule):
    """The day of death, of those who died."""


@dataclass(frozen=True)
class IndexDay(DayRule):
    """The index day of the cohort; for a matched control, that of its case."""


@dataclass(frozen=True)
class Shifted(DayRule):
    """The day that comes `days` later; negative is earlier."""

    day: "Day"
    days: int

    def __post_init__(self) -> None:
        """Refuse a shift longer than a life."""
        check_days(self.days)


@dataclass(frozen=True)
class OneOfDays(DayRule):
    """One of several days, of those that are known."""

    pick: Pick
    days: tuple["Day", ...]

    def __post_init__(self) -> None:
        """Refuse an empty list."""
        check_parts(self.days)


@dataclass(frozen=True)
class ExposureDay(DayRule):
    """The first or the last day of an exposure; one without end has no last day."""

    exposure: "Exposure"
    end: End = End.FIRST


@dataclass(frozen=True)
class Exposure:
    """The days under a treatment that purchases on distinct dates make.

    It begins `delay_days` after the first purchase that is the `purchases`-th within `within_days`
    (None: at any distance). With `covered_days`, each purchase from that one on covers so many days
    from its own, plus `delay_days`; a gap of at most `grace_days` between two spans is covered.
    Without (None), it never ends. Source: SCALPEL3's limited and unlimited exposures.
    """

    events: "AnyEventSet"
    purchases: int = 1
    within_days: int | None = None
    delay_days: int = 0
    covered_days: int | None = None
    grace_days: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that describe no exposure."""
        if not 1 <= self.purchases <= MAX_VALUES:
            raise ValueError(
                f"An exposure takes 1 to {MAX_VALUES} purchases, not {self.purchases}."
            )
        if self.covered_days is None and self.grace_days:
            raise ValueError("An exposure without end has no gap to cover: leave grace_days out.")
        for days in (self.within_days or 0, self.delay_days, self.grace_days):
            check_days(days, least=0)
        check_days(1 if self.covered_days is None else self.covered_days, least=1)

    def starts(self) -> ExposureDay:
        """Return the day it begins."""
        return ExposureDay(self)

    def ends(self) -> ExposureDay:
        """Return its last day, if it ends."""
        return ExposureDay(self, End.LAST)


AnyEventSet = (
    Events | EveryEvent | During | Around | SameRecord | OtherRecord | AnyEvents | LinkedEvents
)
Day = DayOf | FixedDay | BirthDay | DeathDay | IndexDay | Shifted | OneOfDays | ExposureDay
