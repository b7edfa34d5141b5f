"""The words in which a cohort is told, in French and in English. `J` and `D` stand for a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

_FRENCH_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_ENGLISH_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FRENCH: Final = {
    # codes and columns
    "exact": "code {codes}",
    "prefix": "code commençant par {codes}",
    "every": "tout code",
    "but_not": ", sauf {codes}",
    "or": " ou ",
    "then": " ; ",
    "more": "{shown} et {count} autres codes",
    "is-in": ", {column} vaut {values}",
    "is-not-in": ", {column} ne vaut pas {values}",
    "at-least": ", {column} vaut au moins {values}",
    "at-most": ", {column} vaut au plus {values}",
    "is-missing": ", {column} absent",
    "is-present": ", {column} présent",
    # events
    "source": "« {title} » ({codes}{but_not}{where})",
    "between": "{events} entre le {first} et le {last}",
    "after": "{events} à partir du {first}",
    "before": "{events} jusqu’au {last}",
    "around": "{events} {span}",
    "around_both": "entre J{first} et J{last} (J : {day})",
    "around_after": "à partir de J{first} (J : {day})",
    "around_before": "jusqu’à J{last} (J : {day})",
    "same_record": "{events}, dans le même séjour ou la même facture que {others}",
    "other_record": "{events}, dans un séjour ou une facture sans {others}",
    "linked": "{events}, de la personne liée par « {link} »",
    # days
    "first": "la première date de {events}",
    "last": "la dernière date de {events}",
    "nth_first": "la {number}e date de {events}",
    "nth_last": "la {number}e date, depuis la dernière, de {events}",
    "fixed": "le {day}",
    "birth": "la naissance",
    "death": "le décès",
    "index": "le jour index",
    "later": "{number} jour(s) après {day}",
    "earlier": "{number} jour(s) avant {day}",
    "earliest": "la plus ancienne de ces dates : [{days}]",
    "latest": "la plus récente de ces dates : [{days}]",
    "first-of-list": "la première date connue de cette liste : [{days}]",
    "starts": "le premier jour de l’{exposure}",
    "ends": "le dernier jour de l’{exposure}",
    # exposures
    "exposure": "exposition à {events} ({terms})",
    "purchases": "dès le {purchases}e achat",
    "first_purchase": "dès le premier achat",
    "within": " en {days} jours au plus",
    "delay": "effet {days} jour(s) après l’achat",
    "covered": "{days} jour(s) couverts par achat",
    "grace": "interruptions de {days} jour(s) au plus comprises",
    "endless": "sans fin",
    # conditions
    "once": "la personne a au moins un événement {events}",
    "dates": "la personne a des événements à au moins {count} dates distinctes : {events}",
    "known": "on connaît {day}",
    "within_days": "{day} : date située {span}",
    "aged": "la personne a {ages} à cette date : {day}",
    "ages": "de {first} à {last} ans",
    "ages_from": "{first} ans ou plus",
    "ages_to": "{last} ans au plus",
    "female": "la personne est une femme",
    "male": "la personne est un homme",
    "lives": "la personne réside dans un département de cette liste : {departments}",
    "exposed": "la personne est sous {exposure} à cette date : {day}",
    "all": "toutes ces conditions sont remplies : {parts}",
    "any": "une au moins de ces conditions est remplie : {parts}",
    "not": "cette condition n’est pas remplie : [{part}]",
    # values
    "is_met": "vrai ou faux : {condition}",
    "count_dates": "nombre de dates distinctes de {events}",
    "count_events": "nombre d’événements {events}",
    "total": "somme de {column} sur {events}",
    "code_first": "code à la première date de {events}",
    "code_last": "code à la dernière date de {events}",
    "column_first": "{column} à la première date de {events}",
    "column_last": "{column} à la dernière date de {events}",
    "age": "âge en années révolues à cette date : {day}",
    "sex": "sexe",
    "department": "département de résidence",
    "days_between": "nombre de jours de la première à la seconde de ces dates : [{first} ; {last}]",
    "exposed_days": "nombre de jours sous {exposure}, de la première à la seconde de ces dates "
    "comprises : [{first} ; {last}]",
    # cohort
    "persons": "Sont retenues les personnes pour lesquelles {text}.",
    "steps": "Sont retenues, étape après étape, les personnes pour lesquelles :",
    "step": "{number}. {label} : {text} ;",
    "index_rule": "Jour index : {day}. Les personnes sans jour index quittent la cohorte.",
    "controls": "Témoins, {count} au plus par cas, tirés parmi les personnes pour lesquelles "
    "{text} ; {rules}.",
    "same_year": "nés la même année que le cas",
    "years_apart": "nés à {years} an(s) d’écart au plus",
    "same_sex": "de même sexe",
    "same_department": "de même département",
    "variables": "Variables :",
    "variable": "- {name} ({label}) : {text} ;",
}
_ENGLISH: Final = {
    "exact": "code {codes}",
    "prefix": "code beginning with {codes}",
    "every": "any code",
    "but_not": ", except {codes}",
    "or": " or ",
    "then": "; ",
    "more": "{shown} and {count} other codes",
    "is-in": ", {column} is {values}",
    "is-not-in": ", {column} is not {values}",
    "at-least": ", {column} is at least {values}",
    "at-most": ", {column} is at most {values}",
    "is-missing": ", {column} is missing",
    "is-present": ", {column} is present",
    "source": "“{title}” ({codes}{but_not}{where})",
    "between": "{events} between {first} and {last}",
    "after": "{events} from {first}",
    "before": "{events} until {last}",
    "around": "{events} {span}",
    "around_both": "between D{first} and D{last} (D: {day})",
    "around_after": "from D{first} (D: {day})",
    "around_before": "until D{last} (D: {day})",
    "same_record": "{events}, in the same stay or claim as {others}",
    "other_record": "{events}, in a stay or claim without {others}",
    "linked": "{events}, of the person linked by “{link}”",
    "first": "the first date of {events}",
    "last": "the last date of {events}",
    "nth_first": "date number {number} of {events}",
    "nth_last": "date number {number}, from the last, of {events}",
    "fixed": "{day}",
    "birth": "birth",
    "death": "death",
    "index": "the index day",
    "later": "{number} day(s) after {day}",
    "earlier": "{number} day(s) before {day}",
    "earliest": "the earliest of these dates: [{days}]",
    "latest": "the latest of these dates: [{days}]",
    "first-of-list": "the first known date of this list: [{days}]",
    "starts": "the first day of the {exposure}",
    "ends": "the last day of the {exposure}",
    "exposure": "exposure to {events} ({terms})",
    "purchases": "from purchase number {purchases}",
    "first_purchase": "from the first purchase",
    "within": " within {days} days",
    "delay": "effect {days} day(s) after the purchase",
    "covered": "{days} day(s) covered by each purchase",
    "grace": "gaps of {days} day(s) or less included",
    "endless": "without end",
    "once": "the person has at least one event {events}",
    "dates": "the person has events on at least {count} distinct dates: {events}",
    "known": "{day} is known",
    "within_days": "{day}: a date {span}",
    "aged": "the person is {ages} on this date: {day}",
    "ages": "aged {first} to {last}",
    "ages_from": "aged {first} or more",
    "ages_to": "aged {last} or less",
    "female": "the person is a woman",
    "male": "the person is a man",
    "lives": "the person lives in a department of this list: {departments}",
    "exposed": "the person is under {exposure} on this date: {day}",
    "all": "all of these conditions are met: {parts}",
    "any": "at least one of these conditions is met: {parts}",
    "not": "this condition is not met: [{part}]",
    "is_met": "true or false: {condition}",
    "count_dates": "number of distinct dates of {events}",
    "count_events": "number of events {events}",
    "total": "sum of {column} over {events}",
    "code_first": "code on the first date of {events}",
    "code_last": "code on the last date of {events}",
    "column_first": "{column} on the first date of {events}",
    "column_last": "{column} on the last date of {events}",
    "age": "age in completed years on this date: {day}",
    "sex": "sex",
    "department": "department of residence",
    "days_between": "number of days from {first} to {last}",
    "exposed_days": "number of days under {exposure}, from {first} to {last} included",
    "persons": "Persons are kept for whom {text}.",
    "steps": "Persons are kept, step after step, for whom:",
    "step": "{number}. {label}: {text};",
    "index_rule": "Index day: {day}. Persons without an index day leave the cohort.",
    "controls": "Controls, {count} at most for each case, drawn among the persons for whom "
    "{text}; {rules}.",
    "same_year": "born in the same year as the case",
    "years_apart": "born {years} year(s) apart at most",
    "same_sex": "of the same sex",
    "same_department": "of the same department",
    "variables": "Variables:",
    "variable": "- {name} ({label}): {text};",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """The words of one language, and the titles of the sources in it."""

    words: Mapping[str, str]
    titles: Mapping[str, str]
    is_french: bool

    def say(self, phrase: str, **parts: object) -> str:
        """Return a phrase with its parts in place."""
        return self.words[phrase].format(**parts)

    def day(self, day: date) -> str:
        """Return a day in words."""
        if self.is_french:
            number = "1er" if day.day == 1 else day.day
            return f"{number} {_FRENCH_MONTHS[day.month - 1]} {day.year}"
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"


def reader_of(language: str, titles: Mapping[str, str]) -> Reader:
    """Return the reader of a language: English for `en`, else French."""
    is_french = not language.startswith("en")
    return Reader(_FRENCH if is_french else _ENGLISH, titles, is_french)
