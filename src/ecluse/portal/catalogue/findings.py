"""What the shapes found, said to the holder: which field, what is wrong, and how to mend it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ecluse.domain.metadata.elements import Presence
from ecluse.portal.catalogue.rdf.validation import Finding

FIELDS: Final[Mapping[str, Promise]] = {
    "adms:identifier": _("Autre identifiant"),
    "adms:sample": _("Échantillon"),
    "csvw:datatype": _("Type d’une variable"),
    "csvw:column": _("Variables d’une table"),
    "csvw:name": _("Nom d’une variable"),
    "csvw:table": _("Tables"),
    "csvw:title": _("Titre d’une variable"),
    "cv:contactPoint": _("Contact d’un organisme"),
    "dcat:accessURL": _("Adresse d’accès"),
    "dcat:contactPoint": _("Contact"),
    "dcat:distribution": _("Accès aux données"),
    "dcat:keyword": _("Mots-clés"),
    "dcat:landingPage": _("Page d’accueil"),
    "dcat:theme": _("Thème"),
    "dcatap:applicableLegislation": _("Textes applicables"),
    "dct:accessRights": _("Droits d’accès"),
    "dct:conformsTo": _("Normes suivies"),
    "dct:description": _("Description"),
    "dct:identifier": _("Identifiant"),
    "dct:language": _("Langue"),
    "dct:license": _("Licence"),
    "dct:provenance": _("Origine des données"),
    "dct:publisher": _("Organisme qui publie"),
    "dct:spatial": _("Territoire"),
    "dct:temporal": _("Période"),
    "dct:title": _("Titre"),
    "dct:type": _("Type de données"),
    "dpv:hasLegalBasis": _("Base légale"),
    "dpv:hasPersonalData": _("Données personnelles"),
    "dpv:hasPurpose": _("Finalités"),
    "dqv:hasQualityAnnotation": _("Qualité"),
    "foaf:name": _("Nom d’un organisme"),
    "geodcatap:custodian": _("Détenteur"),
    "healthdcatap:hasCodeValues": _("Codes"),
    "healthdcatap:hasCodingSystem": _("Nomenclatures"),
    "healthdcatap:hasStructuredData": _("Données structurées"),
    "healthdcatap:hasVariables": _("Variables"),
    "healthdcatap:hdab": _("Organisme d’accès"),
    "healthdcatap:healthCategory": _("Catégorie de données de santé"),
    "healthdcatap:healthTheme": _("Thème de santé"),
    "healthdcatap:numberOfRecords": _("Nombre d’enregistrements"),
    "healthdcatap:numberOfUniqueIndividuals": _("Nombre de personnes"),
    "prov:wasGeneratedBy": _("Activité qui a produit les données"),
}
PROBLEMS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "MinCount": (_("Il manque."), _("Renseignez ce champ.")),
    "MaxCount": (_("Il y en a trop."), _("N’en gardez qu’un.")),
    "Class": (
        _("La valeur n’est pas de la sorte attendue."),
        _("Choisissez une valeur de la liste, ou précisez ce qu’elle est."),
    ),
    "Node": (
        _("La valeur n’est pas dans la liste, ou n’est pas décrite en entier."),
        _("Choisissez une valeur de la liste, ou complétez sa description."),
    ),
    "NodeKind": (
        _("La valeur n’est pas de la forme attendue."),
        _("Donnez une adresse là où il en faut une, un texte là où il faut un texte."),
    ),
    "Datatype": (
        _("La valeur n’est pas du type attendu."),
        _("Donnez un nombre, une date ou oui ou non, selon le champ."),
    ),
    "HasValue": (
        _("La valeur n’est pas celle que demande ce niveau d’accès."),
        _("Choisissez public, restreint ou non public, une seule fois."),
    ),
    "Structured": (
        _("Les données sont dites structurées, et aucune variable n’est décrite."),
        _("Décrivez les tables et leurs variables, ou dites que les données ne le sont pas."),
    ),
}
OTHER: Final = (_("La valeur n’obéit pas à la norme."), _("Voyez la norme pour ce champ."))
SEVERITIES: Final[Mapping[str, Promise]] = {
    "violation": _("à corriger"),
    "warning": _("conseillé"),
    "info": _("pour information"),
}
PRESENCES: Final[Mapping[Presence, Promise]] = {
    Presence.GIVEN: _("donné"),
    Presence.MISSING: _("manque"),
    Presence.NOT_DUE: _("sans objet"),
    Presence.UNKNOWN: _("à donner s’il y a lieu"),
}
ELEMENTS: Final[Mapping[str, Promise]] = {
    "access rights": _("Droits d’accès"),
    "applicable legislation": _("Textes applicables"),
    "code values": _("Codes"),
    "coding system": _("Nomenclatures"),
    "contact point": _("Contact"),
    "conforms to": _("Normes suivies"),
    "custodian (health data holder)": _("Détenteur"),
    "description": _("Description"),
    "distribution": _("Accès aux données"),
    "geographical coverage": _("Territoire"),
    "has personal data": _("Données personnelles"),
    "health data access body": _("Organisme d’accès"),
    "health data category": _("Catégorie de données de santé"),
    "health theme": _("Thème de santé"),
    "identifier": _("Identifiant"),
    "is structured data": _("Données structurées"),
    "keyword": _("Mots-clés"),
    "language": _("Langue"),
    "number of records": _("Nombre d’enregistrements"),
    "number of unique individuals": _("Nombre de personnes"),
    "provenance": _("Origine des données"),
    "publisher": _("Organisme qui publie"),
    "temporal coverage": _("Période"),
    "title": _("Titre"),
    "type": _("Type de données"),
    "variables": _("Variables"),
    "was generated by": _("Activité qui a produit les données"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report: a field, what is wrong with it, how to mend it, how often."""

    field: str
    severity: str
    problem: str
    remedy: str
    count: int


def read(stored: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return findings as they were kept."""
    return tuple(Finding(**one) for one in stored)


def lines(findings: Iterable[Finding]) -> list[Line]:
    """Return the report in words, one line for each field and problem, the gravest first."""
    counted = Counter((one.severity, one.path, one.rule) for one in findings)
    order = list(SEVERITIES)
    return [
        _line(severity, path, rule, count)
        for (severity, path, rule), count in sorted(
            counted.items(), key=lambda item: (order.index(item[0][0]), item[0])
        )
    ]


def _line(severity: str, path: str, rule: str, count: int) -> Line:
    problem, remedy = PROBLEMS.get(rule, OTHER)
    field = str(FIELDS.get(path) or path or _now("Description entière"))
    return Line(field, str(SEVERITIES[severity]), str(problem), str(remedy), count)
