"""What the pages call the questions of a description, their lists, and what is wrong."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ecluse.domain.metadata.answers import QUESTIONS
from ecluse.domain.metadata.checks import Fault
from ecluse.domain.metadata.code_lists import CodeList
from ecluse.domain.metadata.lenses import Answer

PAGES: Final[Mapping[str, Promise]] = {
    "what": _("Ce que c’est"),
    "who": _("Qui le détient"),
    "coverage": _("Territoire, période, origine"),
    "population": _("Population et effectifs"),
    "access": _("Accès et conditions d’usage"),
    "data": _("Tables et variables"),
}
QUESTION: Final[Mapping[str, Promise]] = {
    "title_fr": _("Titre"),
    "title_en": _("Titre en anglais"),
    "summary_fr": _("Ce que contient le jeu de données"),
    "summary_en": _("Le même texte en anglais"),
    "keywords": _("Mots-clés"),
    "categories": _("Catégories de données de santé"),
    "themes": _("Thèmes de santé"),
    "holder_name": _("Organisme qui détient les données"),
    "holder_kind": _("Sorte d’organisme"),
    "publisher_name": _("Organisme qui publie la description"),
    "publisher_kind": _("Sorte d’organisme qui publie"),
    "contact_email": _("Adresse électronique pour les questions"),
    "contact_page": _("Page de contact"),
    "countries": _("Territoire"),
    "first_day": _("Premier jour couvert"),
    "last_day": _("Dernier jour couvert"),
    "frequency": _("Mise à jour"),
    "languages": _("Langues des données"),
    "provenance": _("D’où viennent les données"),
    "activities": _("Activités qui les produisent"),
    "population_fr": _("Qui est dans les données"),
    "minimum_age": _("Âge le plus bas, en années"),
    "maximum_age": _("Âge le plus haut, en années"),
    "person_count": _("Nombre de personnes"),
    "record_count": _("Nombre d’enregistrements"),
    "personal_data": _("Données personnelles présentes"),
    "access": _("Accès"),
    "kinds": _("Nature des données"),
    "legal_basis": _("Base légale"),
    "purposes": _("Finalités de la collecte"),
    "use_terms": _("Conditions d’usage"),
    "protected_part": _("Partie protégée"),
    "protected_ground": _("Ce qui la protège"),
    "protected_measures": _("Mesures demandées"),
    "structured": _("Les données sont-elles des tables ?"),
    "coding_systems": _("Nomenclatures employées"),
    "standards": _("Standards suivis"),
}
HELP: Final[Mapping[str, Promise]] = {
    "title_fr": _("Le nom sous lequel on le cherchera, sans sigle inexpliqué."),
    "summary_fr": _("Quelques phrases : de qui, de quoi, depuis quand, à quoi cela sert."),
    "keywords": _("Séparés par des virgules : maladies, examens, sigles d’usage."),
    "categories": _("Celles de l’article 51(1) ; souvent une seule."),
    "contact_email": _("Celle d’un service plutôt que d’une personne. Ou bien une page."),
    "contact_page": _("Une adresse qui commence par https://."),
    "last_day": _("À laisser vide si la collecte continue."),
    "provenance": _("Comment elles ont été recueillies, par qui, dans quel outil."),
    "population_fr": _("Par exemple : adultes hospitalisés au CHU pour un infarctus."),
    "person_count": _("Un effectif de moins de onze personnes ne se publie pas."),
    "legal_basis": _("Le texte qui permet de détenir ces données."),
    "use_terms": _("Ce que vous demandez à qui les utilisera."),
    "protected_part": _("Tables ou variables couvertes par un secret ou un droit (art. 52)."),
    "structured": _("Si oui, leurs tables se décrivent ou s’importent sur cette page."),
}
GROUNDS: Final[Mapping[str, Promise]] = {
    "intellectual-property": _("propriété intellectuelle"),
    "trade-secret": _("secret des affaires"),
    "regulatory-protection": _("protection réglementaire des données"),
}
YES_NO: Final[Mapping[str, Promise]] = {"yes": _("Oui"), "no": _("Non")}
FAULTS: Final[Mapping[Fault, Promise]] = {
    Fault.MISSING: _("Il manque une réponse : elle est nécessaire pour soumettre."),
    Fault.NOT_READ: _("La réponse n’est pas comprise : vérifiez sa forme."),
    Fault.TOO_LONG: _("C’est trop long : 200 caractères au plus."),
    Fault.NOT_MAIL: _("Ce n’est pas une adresse électronique, comme dim@chu.example."),
    Fault.NOT_PAGE: _("Ce n’est pas l’adresse d’une page, comme https://chu.example/contact."),
    Fault.OUT_OF_ORDER: _("C’est avant le début : vérifiez l’un et l’autre."),
    Fault.TOO_OLD: _("Personne n’a cet âge : donnez-le en années."),
    Fault.SMALL_COUNT: _("Moins de onze personnes : n’écrivez pas ce nombre, laissez-le vide."),
    Fault.FEW_RECORDS: _("C’est moins que le nombre de personnes : vérifiez les deux."),
    Fault.NO_TABLE: _("Décrivez au moins une table, ou répondez non."),
    Fault.NO_TRANSLATION: _("Conseillé : qui ne lit pas le français le trouvera."),
    Fault.WISHED: _("Demandé par le règlement (UE) 2026/2098 s’il y a lieu."),
}
STATES: Final[Mapping[str, str]] = {
    "draft": "info",
    "submitted": "info",
    "returned": "warning",
    "validated": "info",
    "published": "success",
    "check-due": "warning",
    "withdrawn": "neutral",
}
"""The badge of each state."""
NEXT_STEPS: Final[Mapping[str, Promise]] = {
    "draft": _("Finir d’écrire, puis soumettre"),
    "submitted": _("Attendre : le hub la relit"),
    "returned": _("Corriger ce qui est demandé, puis soumettre à nouveau"),
    "validated": _("Attendre : le hub la publie"),
    "published": _("Rien, jusqu’à la vérification annuelle"),
    "check-due": _("Vérifier : confirmer que rien n’a changé, ou mettre à jour"),
    "withdrawn": _("Rien : elle n’est plus au catalogue"),
}
"""What the holder does next."""
ACTS: Final[Mapping[str, Promise]] = {
    "submit": _("Soumettre au hub"),
    "withdraw": _("Retirer la description"),
    "revise": _("Mettre à jour"),
    "confirm-unchanged": _("Rien n’a changé : confirmer"),
    "drop-changes": _("Abandonner les changements"),
    "ask-changes": _("Renvoyer à corriger"),
    "validate": _("Valider"),
    "publish": _("Publier"),
}
DONE: Final[Mapping[str, Promise]] = {
    "submit": _("Soumise. Le hub va la relire ; vous serez prévenu."),
    "withdraw": _("Retirée."),
    "revise": _("Nouvelle version ouverte. L’ancienne reste au catalogue jusqu’à la suivante."),
    "confirm-unchanged": _("C’est noté : prochaine vérification dans un an."),
    "drop-changes": _("Changements abandonnés. Le catalogue n’a pas changé."),
    "ask-changes": _("Renvoyée au détenteur."),
    "validate": _("Validée. Il reste à la publier."),
    "publish": _("Publiée au catalogue."),
}


def choices(codes: CodeList) -> list[tuple[str, str]]:
    """Return the codes of a list with their words in the language of the page."""
    rank = 1 if _is_english() else 0
    return [(code, words[rank]) for code, words in codes.words.items()]


def in_words(question: str, answer: Answer) -> str:
    """Return an answer as people read it; empty if there is none."""
    if question in FIXED and isinstance(answer, str):
        return str(FIXED[question].get(answer, answer))
    codes = QUESTIONS[question].codes
    if codes is None:
        return answer if isinstance(answer, str) else ", ".join(answer)
    given = (answer,) if isinstance(answer, str) else answer
    words = dict(choices(codes))
    return ", ".join(words.get(code, code) for code in given if code)


FIXED: Final[Mapping[str, Mapping[str, Promise]]] = {
    "protected_ground": GROUNDS,
    "structured": YES_NO,
}
"""The questions whose few answers are not those of a list of the standard."""


RADIOS: Final = frozenset({"access", "structured"})
"""The questions whose answers are all seen at once, one to choose."""


def anchor(question: str) -> str:
    """Return the identifier of the first control of a question."""
    has_several = QUESTIONS[question].takes_several or question in RADIOS
    return f"id_{question}_0" if has_several else f"id_{question}"


def _is_english() -> bool:
    return (get_language() or "fr").startswith("en")
