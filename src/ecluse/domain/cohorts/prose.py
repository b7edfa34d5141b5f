"""A cohort in words, so that who orders it and who decides on it read the same thing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ecluse.domain.cohorts import (
    AllOf,
    AnyOf,
    AtLeast,
    Cohort,
    Condition,
    During,
    Events,
    Match,
    Not,
)
from ecluse.domain.documents import SourceDescription

CODES_SHOWN = 12

_FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_FRENCH = {
    "persons": "Sont retenues les personnes avec {text}.",
    "exact": "le code {codes}",
    "prefix": "un code commençant par {codes}",
    "once": "au moins un événement « {source} » ({codes}){window}",
    "dates": "des événements « {source} » ({codes}) à au moins {count} dates distinctes{window}",
    "between": " entre le {first} et le {last}",
    "after": " à partir du {first}",
    "before": " jusqu’au {last}",
    "all": "toutes ces conditions réunies : {parts}",
    "any": "l’une au moins de ces conditions : {parts}",
    "not": "absence de ceci : {part}",
    "or": " ou ",
    "more": "{shown} et {count} autres codes",
}
_ENGLISH = {
    "persons": "Persons kept: those with {text}.",
    "exact": "code {codes}",
    "prefix": "a code beginning with {codes}",
    "once": "at least one “{source}” event ({codes}){window}",
    "dates": "“{source}” events ({codes}) on at least {count} distinct dates{window}",
    "between": " between {first} and {last}",
    "after": " from {first}",
    "before": " until {last}",
    "all": "all of these conditions: {parts}",
    "any": "at least one of these conditions: {parts}",
    "not": "absence of this: {part}",
    "or": " or ",
    "more": "{shown} and {count} other codes",
}


@dataclass(frozen=True)
class _Reader:
    """The words of one language, and the titles of the sources in it."""

    words: Mapping[str, str]
    titles: Mapping[str, str]
    is_french: bool


def explain(cohort: Cohort, sources: Iterable[SourceDescription] = (), language: str = "fr") -> str:
    """One sentence that says who is in the cohort, in French, or in English for "en".

    A source that is not described is called by its name.
    """
    is_french = not language.startswith("en")
    titles = {source.name: source.title_fr if is_french else source.title_en for source in sources}
    reader = _Reader(_FRENCH if is_french else _ENGLISH, titles, is_french)
    kept = (
        cohort.steps[0].keep
        if len(cohort.steps) == 1
        else AllOf(tuple(s.keep for s in cohort.steps))
    )
    return reader.words["persons"].format(text=_explain(kept, reader))


def _explain(cohort: Condition, reader: _Reader) -> str:
    if isinstance(cohort, AtLeast):
        return _explain_count(cohort, reader)
    if isinstance(cohort, Not):
        return reader.words["not"].format(part=f"({_explain(cohort.part, reader)})")
    if not isinstance(cohort, AllOf | AnyOf):
        raise TypeError(f"{type(cohort).__name__} has no words yet.")
    parts = "; ".join(
        f"({number}) {_explain(part, reader)}" for number, part in enumerate(cohort.parts, 1)
    )
    return reader.words["all" if isinstance(cohort, AllOf) else "any"].format(parts=parts)


def _explain_count(count: AtLeast, reader: _Reader) -> str:
    asked = count.events
    events = asked.events if isinstance(asked, During) else asked
    assert isinstance(events, Events)
    match = "prefix" if events.match is Match.PREFIX else "exact"
    codes = reader.words[match].format(codes=_list(events.codes, reader))
    return reader.words["once" if count.distinct_dates == 1 else "dates"].format(
        source=reader.titles.get(events.source, events.source),
        codes=codes,
        count=count.distinct_dates,
        window=_window(asked, reader) if isinstance(asked, During) else "",
    )


def _list(codes: tuple[str, ...], reader: _Reader) -> str:
    if len(codes) > CODES_SHOWN:
        shown = ", ".join(codes[:CODES_SHOWN])
        return reader.words["more"].format(shown=shown, count=len(codes) - CODES_SHOWN)
    return reader.words["or"].join(part for part in (", ".join(codes[:-1]), codes[-1]) if part)


def _window(count: During, reader: _Reader) -> str:
    first, last = count.on_or_after, count.on_or_before
    if first and last:
        words = reader.words["between"]
    elif first:
        words = reader.words["after"]
    elif last:
        words = reader.words["before"]
    else:
        return ""
    return words.format(first=_day(first, reader), last=_day(last, reader))


def _day(day: date | None, reader: _Reader) -> str:
    if day is None:
        return ""
    if reader.is_french:
        return f"{'1er' if day.day == 1 else day.day} {_FRENCH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
