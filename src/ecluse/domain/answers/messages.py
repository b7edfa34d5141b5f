"""What an applicant is told of each kind of problem, and how to go on."""

from collections.abc import Mapping
from typing import Final

from ecluse.domain.forms import Text

MESSAGES: Final[Mapping[str, Text]] = {
    "required": Text("Répondez à cette question.", "Answer this question."),
    "not-text": Text("Écrivez un texte.", "Write a text."),
    "too-long": Text(
        "Raccourcissez le texte : {maximum_length} caractères au plus.",
        "Shorten the text: {maximum_length} characters at most.",
    ),
    "too-short": Text(
        "Développez le texte : {minimum_length} caractères au moins.",
        "Write more: {minimum_length} characters at least.",
    ),
    "not-email": Text(
        "Écrivez une adresse comme prenom.nom@organisme.fr.",
        "Write an address like first.last@organisation.org.",
    ),
    "not-a-choice": Text("Choisissez une des réponses proposées.", "Choose one of the answers."),
    "choice-not-open": Text(
        "Cette réponse n’est pas ouverte à ce dossier, d’après une réponse donnée avant elle : une"
        " finalité réservée aux organismes publics (art. 53(2)), par exemple. Retirez-la, ou"
        " corrigez l’autre réponse.",
        "This answer is not open to this file, after an answer given before it: a purpose reserved"
        " for public bodies (art. 53(2)), for instance. Take it away, or correct the other answer.",
    ),
    "not-yes-no": Text("Répondez par oui ou par non.", "Answer yes or no."),
    "must-be-yes": Text(
        "Sans cette confirmation, la demande ne peut pas être déposée.",
        "Without this confirmation, the application cannot be submitted.",
    ),
    "must-be-no": Text(
        "Cet usage est interdit par la loi : la demande ne peut pas être déposée.",
        "This use is prohibited by law: the application cannot be submitted.",
    ),
    "not-a-date": Text(
        "Donnez une date qui existe, comme 31/01/2026.", "Give a date that exists: 2026-01-31."
    ),
    "too-early": Text(
        "Cette date précède la date de début : corrigez l'une des deux.",
        "This date is before the first date: correct one of them.",
    ),
    "not-a-period": Text(
        "Donnez le premier et le dernier jour, deux dates qui existent.",
        "Give the first and the last day, two dates that exist.",
    ),
    "period-backwards": Text(
        "Le dernier jour précède le premier : corrigez l’un des deux.",
        "The last day is before the first: correct one of them.",
    ),
    "not-a-number": Text("Écrivez un nombre entier.", "Write a whole number."),
    "not-an-amount": Text(
        "Écrivez un montant comme 1500 ou 1500.50.", "Write an amount like 1500 or 1500.50."
    ),
    "out-of-range": Text(
        "Donnez un nombre entre {minimum} et {maximum}.",
        "Give a number between {minimum} and {maximum}.",
    ),
    "not-a-country": Text("Choisissez un pays de la liste.", "Choose a country of the list."),
    "not-codes": Text(
        "Donnez des codes de {nomenclature}, un par ligne.",
        "Give codes of {nomenclature}, one a line.",
    ),
    "code-twice": Text("Le même code figure deux fois.", "The same code stands twice."),
    "too-few": Text("Il en faut {minimum} au moins.", "There must be {minimum} at least."),
    "too-many": Text("Il en faut {maximum} au plus.", "There may be {maximum} at most."),
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
    "not-files": Text(
        "Joignez des fichiers de ces types : {types}.", "Attach files of these types: {types}."
    ),
    "not-items": Text("Remplissez cette partie.", "Fill this part in."),
}
