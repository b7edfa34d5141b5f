"""What is wrong with the answers to a form: any draft can be kept, and nothing here raises."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ecluse.domain.forms import Field, FormVersion, Kind, Text, answer_to, holds, is_asked

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer: a code for machines, a sentence for the applicant."""

    field: str
    code: str
    message: Text


def problems(form: FormVersion, answers: object) -> tuple[Problem, ...]:
    """What keeps these answers from being submitted, in the order of the form.

    Never raises, whatever `answers` holds. Answers to questions not asked are not looked at.
    """
    return tuple(
        problem
        for field in form.fields()
        if is_asked(form, field, answers)
        for problem in _field_problems(field, answers)
    )


def _field_problems(field: Field, answers: object) -> Iterator[Problem]:
    answer = answer_to(answers, field.id)
    if _is_empty(answer):
        if field.required:
            yield _problem(field, "required")
        return
    code = _wrong(field, answer, answers)
    if code:
        yield _problem(field, code)


def _is_empty(answer: object) -> bool:
    if isinstance(answer, str):
        return not answer.strip()
    return answer is None or answer in ([], {})


def _wrong(field: Field, answer: object, answers: object) -> str | None:
    """The code of what is wrong with an answer that is not empty, or None."""
    if field.kind in _CHECKS_ALONE:
        return _CHECKS_ALONE[field.kind](answer)
    if field.kind in _CHECKS_BY_FIELD:
        return _CHECKS_BY_FIELD[field.kind](field, answer)
    return _CHECKS_AMONG_ANSWERS[field.kind](field, answer, answers)


def _wrong_text(field: Field, answer: object) -> str | None:
    if not isinstance(answer, str):
        return "not-text"
    if field.maximum_length is not None and len(answer) > field.maximum_length:
        return "too-long"
    if field.kind is Kind.EMAIL and not EMAIL.fullmatch(answer):
        return "not-email"
    return None


def _wrong_choice(field: Field, answer: object, answers: object) -> str | None:
    return _wrong_choices(field, [answer], answers)


def _wrong_choices(field: Field, answer: object, answers: object) -> str | None:
    if not isinstance(answer, list):
        return "not-a-choice"
    known = {choice.value: choice for choice in field.choices}
    for value in answer:
        if not isinstance(value, str) or value not in known:
            return "not-a-choice"
        if not holds(known[value].condition, answers):
            return "choice-not-open"
    return None


def read_day(answer: object) -> date | None:
    """The day written as 2026-01-31, or None for anything else."""
    if not isinstance(answer, str) or not DAY.fullmatch(answer):
        return None
    try:
        return date.fromisoformat(answer)
    except ValueError:
        return None


def _wrong_yes_no(answer: object) -> str | None:
    return None if isinstance(answer, bool) else "not-yes-no"


def _wrong_date(field: Field, answer: object, answers: object) -> str | None:
    day = read_day(answer)
    if day is None:
        return "not-a-date"
    first = read_day(answer_to(answers, field.not_before)) if field.not_before else None
    return "too-early" if first and day < first else None


def _wrong_number(field: Field, answer: object) -> str | None:
    if isinstance(answer, bool) or not isinstance(answer, int):
        return "not-a-number"
    below = field.minimum is not None and answer < field.minimum
    above = field.maximum is not None and answer > field.maximum
    return "out-of-range" if below or above else None


def _wrong_persons(answer: object) -> str | None:
    persons = [_person(item) for item in answer] if isinstance(answer, list) else [None]
    known = [person for person in persons if person is not None]
    if len(known) < len(persons):
        return "not-persons"
    if len({subject.lower() for subject, _ in known}) < len(known):
        return "person-twice"
    return None if sum(investigates for _, investigates in known) == 1 else "one-investigator"


def _person(item: object) -> tuple[str, bool] | None:
    """The address of a person and whether they lead, or None if this is no person."""
    if not isinstance(item, Mapping):
        return None
    subject, name = item.get("subject"), item.get("name")
    investigates = item.get("is_principal_investigator")
    if not (isinstance(subject, str) and EMAIL.fullmatch(subject)):
        return None
    if not (isinstance(name, str) and name.strip() and isinstance(investigates, bool)):
        return None
    return subject, investigates


def _wrong_tables(answer: object) -> str | None:
    names = [_table_name(item) for item in answer] if isinstance(answer, list) else [None]
    return "not-tables" if None in names or len(names) != len(set(names)) else None


def _table_name(item: object) -> str | None:
    """The name of a table with its columns, or None if this is no such thing."""
    if not isinstance(item, Mapping):
        return None
    name, columns = item.get("table"), item.get("columns")
    if not (isinstance(name, str) and NAME.fullmatch(name) and isinstance(columns, list)):
        return None
    if not all(isinstance(column, str) and NAME.fullmatch(column) for column in columns):
        return None
    return name if columns and len(columns) == len(set(columns)) else None


_CHECKS_ALONE: Mapping[Kind, Callable[[object], str | None]] = {
    Kind.YES_NO: _wrong_yes_no,
    Kind.PERSONS: _wrong_persons,
    Kind.TABLES: _wrong_tables,
}
_CHECKS_BY_FIELD: Mapping[Kind, Callable[[Field, object], str | None]] = {
    Kind.TEXT: _wrong_text,
    Kind.LONG_TEXT: _wrong_text,
    Kind.EMAIL: _wrong_text,
    Kind.NUMBER: _wrong_number,
}
_CHECKS_AMONG_ANSWERS: Mapping[Kind, Callable[[Field, object, object], str | None]] = {
    Kind.CHOICE: _wrong_choice,
    Kind.CHOICES: _wrong_choices,
    Kind.DATE: _wrong_date,
}


def _problem(field: Field, code: str) -> Problem:
    message = MESSAGES[code]
    values = {
        "maximum_length": field.maximum_length,
        "minimum": field.minimum if field.minimum is not None else "…",
        "maximum": field.maximum if field.maximum is not None else "…",
    }
    return Problem(field.id, code, Text(message.fr.format(**values), message.en.format(**values)))


MESSAGES: Mapping[str, Text] = {
    "required": Text("Répondez à cette question.", "Answer this question."),
    "not-text": Text("Écrivez un texte.", "Write a text."),
    "too-long": Text(
        "Raccourcissez le texte : {maximum_length} caractères au plus.",
        "Shorten the text: {maximum_length} characters at most.",
    ),
    "not-email": Text(
        "Écrivez une adresse comme prenom.nom@organisme.fr.",
        "Write an address like first.last@organisation.org.",
    ),
    "not-a-choice": Text("Choisissez une des réponses proposées.", "Choose one of the answers."),
    "choice-not-open": Text(
        "Cette réponse est réservée aux organismes publics chargés d'une mission légale"
        " (art. 53(2)) : retirez-la, ou corrigez la nature du demandeur.",
        "This answer is for public bodies with a legal mandate (art. 53(2)): take it away, or"
        " correct the nature of the applicant.",
    ),
    "not-yes-no": Text("Répondez par oui ou par non.", "Answer yes or no."),
    "not-a-date": Text(
        "Donnez une date qui existe, comme 31/01/2026.", "Give a date that exists: 2026-01-31."
    ),
    "too-early": Text(
        "Cette date précède la date de début : corrigez l'une des deux.",
        "This date is before the first date: correct one of them.",
    ),
    "not-a-number": Text("Écrivez un nombre entier.", "Write a whole number."),
    "out-of-range": Text(
        "Donnez un nombre entre {minimum} et {maximum}.",
        "Give a number between {minimum} and {maximum}.",
    ),
    "not-persons": Text(
        "Donnez pour chaque personne un nom et une adresse électronique.",
        "Give for each person a name and an e-mail address.",
    ),
    "person-twice": Text("La même adresse figure deux fois.", "The same address stands twice."),
    "one-investigator": Text(
        "Désignez un investigateur principal, et un seul.",
        "Name one principal investigator, and only one.",
    ),
    "not-tables": Text(
        "Choisissez au moins une colonne dans chaque table.",
        "Choose at least one column of each table.",
    ),
}
