"""What each kind of matter asks of who opens it: a table, from which forms and pages are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotFound
from ecluse.domain.machines import Kind
from ecluse.portal.lives.methodologies import RULE, methodology


class Shape(StrEnum):
    """How a question is answered."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    YES_NO = "yes-no"
    METHODOLOGY = "methodology"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the name of its answer, its words, how it is answered, whether it must be."""

    name: str
    label: str | Promise
    shape: Shape = Shape.TEXT
    help: str | Promise = ""
    is_needed: bool = True


TITLE: Final = Question("title", _("Titre"), Shape.LINE)
QUESTIONS: Final[Mapping[Kind, tuple[Question, ...]]] = {
    Kind.AMENDMENT: (
        Question("what", _("Ce qui doit changer")),
        Question("why", _("Pourquoi")),
        Question("environment", _("Nouvel environnement et nouveaux outils"), is_needed=False),
        Question("conditions", _("Conditions à changer"), is_needed=False),
    ),
    Kind.RENEWAL: (
        Question(
            "until_on",
            _("Prolonger jusqu’au"),
            Shape.DAY,
            _("Ce jour compris ; une seule fois, pour dix ans au plus (art. 68(12))."),
        ),
        Question("why", _("Pourquoi la durée accordée ne suffit pas")),
        Question("work_done", _("Ce qui a été fait jusqu’ici")),
    ),
    Kind.APPEAL: (
        Question("grounds", _("Ce que vous contestez, et pourquoi")),
        Question("asked", _("Ce que vous demandez")),
    ),
    Kind.COMPLAINT: (
        Question("subject", _("Objet"), Shape.LINE),
        Question(
            "facts", _("Ce qui s’est passé"), help=_("N’écrivez rien de la santé d’une personne.")
        ),
        Question("about_opt_out", _("La plainte porte sur l’opposition"), Shape.YES_NO),
    ),
    Kind.RIGHTS_REQUEST: (
        Question("right", _("Droit exercé"), Shape.RIGHT),
        Question(
            "words",
            _("Ce que vous demandez"),
            help=_("Les données ou la période qui vous intéressent, l’erreur à corriger."),
            is_needed=False,
        ),
    ),
    Kind.DECLARATION: (
        TITLE,
        Question("methodology", _("Méthodologie de référence"), Shape.METHODOLOGY),
        Question("organisation", _("Responsable du traitement"), Shape.LINE),
        Question("summary", _("Résumé pour le public")),
        Question("data", _("Données, population et durée")),
    ),
    Kind.DESIGNATION: (
        TITLE,
        Question(
            "environment",
            _("Environnement de traitement sécurisé"),
            help=_("En quoi il répond à l’article 73 (art. 72(2)(a))."),
        ),
        Question("expertise", _("Expertise pour évaluer les demandes"), help=_("Art. 72(2)(b).")),
        Question(
            "guarantees", _("Garanties de conformité"), help=_("Art. 72(2)(c) : indépendance.")
        ),
    ),
}
RIGHTS: Final[Mapping[str, Promise]] = {
    "information": _("être informé de ce qui est fait de mes données (article 13)"),
    "access": _("accéder à mes données (article 15)"),
    "rectification": _("faire corriger mes données (article 16)"),
    "objection": _("m’opposer à un traitement pour une raison qui m’est propre (article 21)"),
}
"""What a person may ask, by the article of the GDPR."""
BOUNDED: Final = {Shape.LINE: 200, Shape.TEXT: 5000}
"""How many characters an answer takes at most."""


def questions_of(kind: Kind, answers: Mapping[str, JSON], language: str) -> tuple[Question, ...]:
    """The questions of a matter; a declaration has those of the methodology that it chose."""
    found = QUESTIONS[kind]
    chosen = answers.get("methodology")
    if kind is not Kind.DECLARATION or not isinstance(chosen, str) or not chosen:
        return found
    try:
        rules = methodology(chosen).rules
    except NotFound:
        return found
    asked = (
        Question(f"{RULE}{one.rule_id}", one.question[language], Shape.YES_NO) for one in rules
    )
    return (*found, *asked)


def missing(kind: Kind, answers: Mapping[str, JSON]) -> tuple[str, ...]:
    """The names of the questions that must be answered and are not."""
    asked = questions_of(kind, answers, "fr")
    return tuple(one.name for one in asked if one.is_needed and answers.get(one.name) in (None, ""))
