"""What the pages call the answers, states, acts, classes and contradictions of a record."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.aisystems.contradictions import Kind
from ecluse.domain.aisystems.duties import Standing
from ecluse.domain.aisystems.entries import Basis, Design, Severity
from ecluse.domain.aisystems.levels import Level
from ecluse.domain.aisystems.states import State
from ecluse.domain.aisystems.systems import Status

Words = Mapping[str, str | Promise]

YES_NO: Final[Words] = {
    "ai": _("C’est un système d’IA, et non des règles fixes écrites par des humains"),
    "medical_purpose": _(
        "Il a une finalité médicale (diagnostic, suivi, traitement d’une personne)"
    ),
    "in_vitro": _("Il sert au diagnostic in vitro"),
    "closed_loop": _("Son diagnostic détermine seul la thérapie, en boucle fermée"),
    "in_house": _("Il est fabriqué et utilisé dans le même établissement de santé"),
    "research_only": _("Il ne sert qu’à la recherche scientifique"),
    "in_development": _("Il n’est pas encore mis sur le marché ni en service"),
    "real_world_testing": _("Il est essayé en conditions réelles"),
    "profiling": _("Il profile des personnes"),
    "talks_to_people": _("Il parle ou écrit directement à des personnes"),
    "generates_content": _("Il produit des textes, des images ou des sons"),
    "public_deployer": _("Un organisme public l’utilise"),
    "public_decision": _("Il fonde une décision administrative individuelle"),
    "provides_general_model": _("Le déclarant fournit aussi un modèle à usage général"),
    "modifies_general_model": _("Le déclarant a modifié un modèle à usage général"),
}
SIGNIFICANCE: Final[Words] = {
    "treat_or_diagnose": _("Il traite ou diagnostique"),
    "drives_management": _("Il oriente la prise en charge"),
    "informs_management": _("Il informe la prise en charge"),
}
SITUATION: Final[Words] = {
    "critical": _("Critique : vie en danger ou dommage irréversible"),
    "serious": _("Sérieuse : aggravation ou intervention évitable"),
    "non_serious": _("Non sérieuse"),
}
MONITORS: Final[Words] = {
    "physiological": _("Des processus physiologiques"),
    "vital": _("Des paramètres vitaux, avec danger immédiat"),
}
QUALIFIER: Final[Words] = {
    "sterile": _("Stérile"),
    "measuring": _("Avec fonction de mesurage"),
    "reusable_surgical": _("Chirurgical réutilisable"),
}
IVD_USE: Final[Words] = {
    "transmissible_agent": _("Agent transmissible (transfusion, greffe, propagation)"),
    "major_blood_group": _("Groupes ABO, Rhésus, Kell, Kidd ou Duffy"),
    "blood_grouping": _("Autre groupe sanguin ou typage tissulaire"),
    "serious_infection": _("Infection grave ou sexuellement transmissible"),
    "cancer": _("Cancer : dépistage, diagnostic, stade"),
    "companion_diagnostic": _("Diagnostic compagnon"),
    "genetic_testing": _("Génétique humaine"),
    "critical_monitoring": _("Suivi d’un traitement ou d’un état critique"),
    "congenital_screening": _("Dépistage prénatal ou néonatal"),
    "self_testing": _("Autotest"),
    "laboratory_product": _("Produit de laboratoire, instrument, récipient"),
    "control_without_value": _("Contrôle sans valeur assignée"),
    "other": _("Autre"),
}
EXEMPTION: Final[Words] = {
    "narrow_procedural_task": _("Tâche de procédure étroite"),
    "improves_completed_human_activity": _("Améliore un travail humain déjà fait"),
    "detects_decision_patterns_without_replacing": _("Repère des écarts sans décider"),
    "preparatory_task": _("Tâche préparatoire"),
}
USES: Final[Words] = {
    "emergency_call_triage": _("Tri des appels d’urgence ou envoi des secours"),
    "emergency_patient_triage": _("Tri des patients aux urgences"),
    "care_eligibility": _("Accès à des soins ou prestations, par une autorité publique"),
    "insurance_pricing": _("Risque ou prix d’une assurance santé ou vie"),
    "staff_management": _("Recrutement, tâches ou suivi du personnel"),
    "biometric_categorisation": _("Catégorisation biométrique"),
    "emotion_recognition": _("Reconnaissance des émotions"),
    "emotion_recognition_at_work": _("Émotions au travail, sans motif médical ni de sécurité"),
    "social_scoring": _("Notation sociale"),
    "exploiting_vulnerability": _("Exploitation d’une vulnérabilité"),
}
SPECIALTY: Final[Words] = {
    "radiology": _("Imagerie"),
    "cardiology": _("Cardiologie"),
    "oncology": _("Cancérologie"),
    "emergency": _("Urgences"),
    "intensive-care": _("Réanimation"),
    "neurology": _("Neurologie"),
    "ophthalmology": _("Ophtalmologie"),
    "dermatology": _("Dermatologie"),
    "pathology": _("Anatomopathologie"),
    "biology": _("Biologie"),
    "general-practice": _("Médecine générale"),
    "mental-health": _("Santé mentale"),
    "surgery": _("Chirurgie"),
    "pharmacy": _("Pharmacie"),
    "administration": _("Administration"),
    "other": _("Autre"),
}
CARE_STEP: Final[Words] = {
    "prevention": _("Prévention et dépistage"),
    "triage": _("Orientation et tri"),
    "diagnosis": _("Diagnostic"),
    "prognosis": _("Pronostic"),
    "treatment": _("Traitement"),
    "monitoring": _("Suivi"),
    "organisation": _("Organisation des soins"),
    "coding": _("Codage et facturation"),
    "research": _("Recherche et données"),
}
CHOICES: Final[Mapping[str, tuple[str | Promise, Words]]] = {
    "specialty": (_("Spécialité"), SPECIALTY),
    "care_step": (_("Étape du soin"), CARE_STEP),
    "significance": (_("Ce qu’il apporte à la décision médicale"), SIGNIFICANCE),
    "situation": (_("Situation de la personne"), SITUATION),
    "monitors": (_("Ce qu’il surveille"), MONITORS),
    "qualifier": (_("Particularité du dispositif"), QUALIFIER),
    "ivd_use": (_("Usage en diagnostic in vitro"), IVD_USE),
    "exemption": (_("Rôle limité, si l’usage est à l’annexe III"), EXEMPTION),
}
NUMBERS: Final[Words] = {
    "training_flop": _("Calcul d’entraînement du modèle (opérations, comme 1e23)"),
    "modified_share": _("Part du calcul d’origine ajoutée en le modifiant (comme 0.4)"),
}
STATUSES: Final[Words] = {
    Status.DEVELOPMENT: _("En développement"),
    Status.PILOT: _("En essai"),
    Status.ON_MARKET: _("Sur le marché"),
    Status.IN_SERVICE: _("En service"),
    Status.WITHDRAWN: _("Retiré du marché"),
    Status.RECALLED: _("Rappelé"),
    Status.RETIRED: _("Hors service"),
}
STATES: Final[Words] = {
    State.DRAFT: _("En préparation"),
    State.SUBMITTED: _("À vérifier"),
    State.RETURNED: _("À corriger"),
    State.PUBLISHED: _("Publié"),
    State.REMOVED: _("Retiré du registre"),
}
BADGES: Final[Mapping[str, str]] = {
    State.DRAFT: "neutral",
    State.SUBMITTED: "info",
    State.RETURNED: "warning",
    State.PUBLISHED: "success",
    State.REMOVED: "error",
}
ACTIONS: Final[Words] = {
    "declare": _("Déclaration ouverte"),
    "submit": _("Soumettre au hub"),
    "revise": _("Préparer une nouvelle version"),
    "publish": _("Publier"),
    "return": _("Renvoyer pour correction"),
    "remove": _("Retirer du registre"),
}
KINDS: Final[Words] = {
    "deployment": _("Lieu d’utilisation"),
    "evaluation": _("Évaluation"),
    "claim": _("Exactitude annoncée"),
    "reading": _("Valeur d’un indicateur de suivi"),
    "incident": _("Incident"),
    "evidence": _("Preuve d’une obligation"),
    "certificate": _("Certificat"),
}
DESIGNS: Final[Words] = {
    Design.RETROSPECTIVE: _("Rétrospective"),
    Design.PROSPECTIVE: _("Prospective"),
    Design.RANDOMISED: _("Essai randomisé"),
}
BASES: Final[Words] = {
    Basis.CLAIMED: _("Dire du fournisseur"),
    Basis.PUBLISHED: _("Étude publiée"),
    Basis.HUB_REPORT: _("Rapport signé d’un hub"),
}
SEVERITIES: Final[Words] = {
    Severity.MINOR: _("Mineur"),
    Severity.SERIOUS: _("Grave"),
    Severity.DEATH: _("Décès"),
}
LEVELS: Final[Words] = {
    Level.E0: _("E0 – simple affirmation"),
    Level.E1: _("E1 – étude rétrospective publiée"),
    Level.E2: _("E2 – étude externe sur les données d’un hub"),
    Level.E3: _("E3 – étude prospective"),
    Level.E4: _("E4 – essai randomisé ou suivi en service"),
}
STANDINGS: Final[Words] = {
    Standing.PROVED: _("Prouvée"),
    Standing.EXPIRED: _("Preuve échue"),
    Standing.OVERDUE: _("À prouver, en vigueur"),
    Standing.SOON: _("À prouver bientôt"),
    Standing.LATER: _("À prouver plus tard"),
}
STANDING_BADGES: Final[Mapping[str, str]] = {
    Standing.PROVED: "success",
    Standing.EXPIRED: "error",
    Standing.OVERDUE: "warning",
    Standing.SOON: "info",
    Standing.LATER: "neutral",
}
CATEGORIES: Final[Words] = {
    "not_ai": _("Pas un système d’IA"),
    "prohibited": _("Pratique interdite"),
    "out_of_scope_2_6": _("Hors champ : recherche scientifique"),
    "out_of_scope_2_8": _("Hors champ : développement"),
    "high_risk_6_1": _("Haut risque : dispositif (article 6(1))"),
    "high_risk_annex_iii": _("Haut risque : usage de l’annexe III"),
    "annex_iii_exempt_6_3": _("Annexe III, exempté (article 6(3))"),
    "transparency_art_50": _("Transparence (article 50)"),
    "general_purpose_model": _("Modèle à usage général"),
    "general_purpose_model_systemic": _("Modèle à usage général, risque systémique"),
    "minimal": _("Risque minimal"),
}
FOUND: Final[Words] = {
    "mdr_class": _("Classe de dispositif médical"),
    "ivdr_class": _("Classe de diagnostic in vitro"),
    "notified_body": _("Organisme notifié"),
    "aia": _("Catégorie du règlement IA"),
    "annex_iii": _("Point de l’annexe III"),
    "registers": _("Registres"),
    "flags": _("À noter"),
}
VALUES: Final[Words] = {
    **CATEGORIES,
    "yes": _("Oui"),
    "no": _("Non"),
    "national": _("Ce registre"),
    "EUDAMED": _("EUDAMED"),
    "Annex VIII A": _("Base de l’Union (annexe VIII, section A)"),
    "Annex VIII B": _("Base de l’Union (annexe VIII, section B)"),
    "Annex VIII C": _("Base de l’Union (annexe VIII, section C)"),
    "in_house": _("Fabriqué en interne"),
    "clinical_investigation": _("Investigation clinique éventuelle"),
    "real_world_testing": _("Essai en conditions réelles"),
}
CONTRADICTIONS: Final[Words] = {
    Kind.CLAIM: _("Exactitude annoncée hors de l’intervalle mesuré"),
    Kind.CERTIFICATE_EXPIRED: _("Certificat échu, système en service"),
    Kind.CERTIFICATE_MISSING: _("En service sans le certificat que sa classe demande"),
    Kind.CLASS: _("Classe certifiée inférieure à la classe calculée"),
    Kind.ARTEFACT: _("Version en service qu’aucune étude n’a évaluée"),
    Kind.WITHDRAWN: _("Déclaré hors service, encore utilisé"),
    Kind.PROHIBITED: _("Pratique interdite, en service"),
    Kind.INDICATOR_LIMIT: _("Indicateur hors de ses limites"),
    Kind.INDICATOR_OVERDUE: _("Indicateur non mesuré à temps"),
}


def value_label(value: str) -> str:
    """What people read for a value that rules give; a class is its own name."""
    return str(VALUES.get(value, value))


def word(words: Words, key: object) -> str | None:
    """What people read for an answer, None where there is none."""
    found = words.get(str(key))
    return None if found is None else str(found)


def listed(values: Iterable[str]) -> str | None:
    """Several values in words, None where there is none."""
    return ", ".join(value_label(one) for one in values) or None
